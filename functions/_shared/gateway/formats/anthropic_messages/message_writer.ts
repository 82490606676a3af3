import type { ApiError } from "../../../core/errors.ts";
import { unknownShape } from "../../call/upstream_error.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";
import type { ToolCallDelta } from "../../quirks/tool_call_index.ts";
import { sseEvents } from "../../respond/stream/sse_writer.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import type { Chunk } from "../openai_chat/chunk.ts";
import { isObject, isPiece, objectIn, type Piece } from "./blocks.ts";
import { anthropicErrors } from "./errors.ts";
import { messageFrame, type MessageIdentity } from "./message.ts";
import { messageEnd } from "./stop_reasons.ts";
import { messagesUsage } from "./usage.ts";

/** Writes the chunks of one answer as the events of a message. */
export interface MessageWriter {
  chunk(chunk: Chunk): Uint8Array;
  /** What ends a complete message. */
  end(usage: TurnUsage | null): Uint8Array;
  /** What ends one that broke off. */
  fail(error: ApiError): Uint8Array;
}

/** A call that waits until the blocks before it are closed. */
interface WaitingCall {
  id: string;
  name: string;
  input: string;
}

/**
 * Makes a writer. Its blocks come one after the other, however the pieces of the answer do: clients
 * take each block to be closed before the next one opens. So of calls side by side the first is written
 * as it comes, and the others when it is complete.
 */
export function createMessageWriter(identity: MessageIdentity): MessageWriter {
  let events: { type: string }[] = [];
  let begun = false;
  /** The open block, and how many there were before it. */
  let open: { type: string; key: unknown; signed: boolean } | null = null;
  let index = -1;
  /** Calls whose blocks are closed. */
  const closed = new Set<unknown>();
  const waiting = new Map<number, WaitingCall>();
  let finish: { reason: string | null; choice: object } = { reason: null, choice: {} };
  let refused = false;

  const emit = (type: string, fields: object) => void events.push({ type, ...fields });

  function begin(usage: TurnUsage | null): void {
    if (begun) return;
    begun = true;
    const message = {
      ...messageFrame(identity),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: messagesUsage(usage),
    };
    emit("message_start", { message });
    emit("ping", {});
  }

  function close(): void {
    if (!open) return;
    if (open.type === "tool_use") closed.add(open.key);
    open = null;
    emit("content_block_stop", { index });
  }

  function openBlock(block: Piece, key: unknown = null): void {
    close();
    index++;
    open = { type: block.type, key, signed: false };
    emit("content_block_start", { index, content_block: block });
  }

  const add = (delta: object) => emit("content_block_delta", { index, delta });

  /** Writes the calls that were held back. */
  function flush(): void {
    for (const [at, { id, name, input }] of waiting) {
      waiting.delete(at);
      if (name === "") continue;
      openBlock({ type: "tool_use", id, name, input: {} }, at);
      if (input !== "") add({ type: "input_json_delta", partial_json: input });
    }
  }

  function say(text: string): void {
    if (text === "") return;
    if (open?.type !== "text") openBlock({ type: "text", text: "" });
    add({ type: "text_delta", text });
  }

  function think(text: string, details: readonly Record<string, unknown>[]): void {
    const key = details[0]?.index ?? open?.key ?? null;
    if (text !== "") {
      if (open?.type !== "thinking" || open.key !== key) {
        openBlock({ type: "thinking", thinking: "", signature: "" }, key);
      }
      add({ type: "thinking_delta", thinking: text });
    }
    for (const { type, signature, data } of details) {
      if (type === "reasoning.encrypted" && typeof data === "string") {
        openBlock({ type: "redacted_thinking", data });
      } else if (typeof signature === "string" && signature !== "") {
        if (open?.type !== "thinking") {
          openBlock({ type: "thinking", thinking: "", signature: "" }, key);
        }
        add({ type: "signature_delta", signature });
      }
    }
  }

  function call({ index: at, id, function: piece }: ToolCallDelta): void {
    const text = piece?.arguments ?? "";
    if (open?.type === "tool_use" && open.key === at) {
      if (text !== "") add({ type: "input_json_delta", partial_json: text });
      return;
    }
    if (closed.has(at)) {
      // An empty object is what a block has that nothing was added to.
      if (text !== "" && text !== "{}") {
        throw unknownShape("chunk: a call goes on after what follows it");
      }
      return;
    }
    const call = waiting.get(at) ?? { id: "", name: "", input: "" };
    waiting.set(at, {
      id: call.id || (id ?? ""),
      name: call.name || (piece?.name ?? ""),
      input: call.input + text,
    });
    // The first call goes as it comes; one that is open may not be complete yet.
    if (open?.type !== "tool_use" && waiting.size === 1 && waiting.get(at)?.name) flush();
  }

  /** What only Anthropic's own API says. */
  function pass({ block, citation }: Record<string, unknown>): void {
    if (isPiece(block)) {
      openBlock(block);
    } else if (isObject(citation) && open?.type === "text") {
      add({ type: "citations_delta", citation });
    }
  }

  function take(): Uint8Array {
    const taken = sseEvents(events);
    events = [];
    return taken;
  }

  return {
    chunk({ delta, finishReason, choiceExtras, usage }) {
      begin(usage?.usage ?? null);
      const said = delta ?? {};
      if (identity.thinks) think(reasoningText(said), detailsIn(said));
      say(said.content ?? "");
      if (said.refusal) refused = true;
      say(said.refusal ?? "");
      pass(objectIn(said, "anthropic"));
      said.tool_calls?.forEach(call);
      if (finishReason !== null) finish = { reason: finishReason, choice: choiceExtras };
      return take();
    },
    end(usage) {
      begin(null);
      flush();
      close();
      const { reason, choice } = finish;
      emit("message_delta", {
        delta: messageEnd(reason, choice, refused),
        usage: messagesUsage(usage),
      });
      emit("message_stop", {});
      return take();
    },
    fail(error) {
      emit("error", anthropicErrors.write(error, null).body);
      return take();
    },
  };
}

function detailsIn(delta: object): Record<string, unknown>[] {
  const details: unknown = Reflect.get(delta, "reasoning_details");
  if (!Array.isArray(details)) return [];
  return details.filter(isObject).filter(({ format }) => format === "anthropic-claude-v1");
}
