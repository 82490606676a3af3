import { unknownShape } from "../../call/upstream_error.ts";
import type { ToolCallDelta } from "../../quirks/tool_call_index.ts";
import type { BlockEvents } from "./block_events.ts";

/** A call that is held back until the blocks before it are closed. */
interface WaitingCall {
  id: string;
  name: string;
  input: string;
}

/**
 * Writes the calls of a message as blocks. The first of several parallel calls is streamed; the
 * others are held back until it is complete.
 */
export class CallBlocks {
  readonly #events: BlockEvents;
  /** Indexes of the calls that already have a block. */
  readonly #opened = new Set<number>();
  readonly #waiting = new Map<number, WaitingCall>();

  /** @param events The events of the message that the calls belong to. */
  constructor(events: BlockEvents) {
    this.#events = events;
  }

  /** Takes a piece of a call. @throws {ApiError} 502 if the block of the call is already closed. */
  take({ index, id, function: piece }: ToolCallDelta): void {
    const input = piece?.arguments ?? "";
    if (this.#events.isOpen("tool_use", index)) return this.#add(input);
    if (this.#opened.has(index)) return assertEmpty(input);
    const call = this.#waiting.get(index) ?? { id: "", name: "", input: "" };
    call.id ||= id ?? "";
    call.name ||= piece?.name ?? "";
    call.input += input;
    this.#waiting.set(index, call);
    // Only the first call is streamed: the open one may not be complete yet.
    const isFirst = this.#waiting.size === 1 && !this.#events.isOpen("tool_use");
    if (isFirst && call.name !== "") this.flush();
  }

  /** Writes the calls that were held back; one without a name is left out. */
  flush(): void {
    for (const [index, { id, name, input }] of this.#waiting) {
      this.#waiting.delete(index);
      if (name === "") continue;
      this.#opened.add(index);
      this.#events.open({ type: "tool_use", id, name, input: {} }, index);
      this.#add(input);
    }
  }

  #add(input: string): void {
    if (input !== "") this.#events.add({ type: "input_json_delta", partial_json: input });
  }
}

/**
 * Refuses input for a block that is already closed. An empty object is no input: every block begins
 * with one.
 */
function assertEmpty(input: string): void {
  if (input !== "" && input !== "{}") {
    throw unknownShape("chunk: a call goes on after what follows it");
  }
}
