import type { Delta } from "../openai_chat/chunk.ts";
import type { Failure } from "./errors.ts";
import type { Unnumbered } from "./output_item.ts";
import { OutputItems } from "./output_items.ts";
import { type ResponseFrame, responseObject, type ResponseState } from "./response.ts";

/** An event of a response; `type` is its name. */
export interface ResponseEvent {
  type: string;
  sequence_number: number;
  [field: string]: unknown;
}

/** How a response ended. */
export interface ResponseEnd {
  finishReason: string | null;
  usage: object | null;
  /** The fields to send back to the vendor with the answer; null for none. */
  continuation: object | null;
  /** Seconds since the epoch. */
  completedAt: number;
}

/** The reason of an incomplete response, by finish reason. */
const INCOMPLETE: ReadonlyMap<string, string> = new Map([
  ["length", "max_output_tokens"],
  ["content_filter", "content_filter"],
]);

/**
 * Writes the events of one response. Every delta belongs to an open item, every item is closed, and
 * exactly one event ends the response.
 */
export class ResponseEvents {
  readonly #frame: ResponseFrame;
  readonly #items: OutputItems;
  #state: ResponseState = { status: "in_progress", output: [] };
  #isBegun = false;
  /** The number of the next event. */
  #next = 0;

  constructor(frame: ResponseFrame) {
    this.#frame = frame;
    this.#items = new OutputItems(frame);
  }

  /** The events before any output: the response exists. */
  begin(): ResponseEvent[] {
    return this.#number(this.#start());
  }

  /** The events for a piece of the answer. */
  take(delta: Delta): ResponseEvent[] {
    const events = this.#start();
    events.push(...this.#items.take(delta));
    return this.#number(events);
  }

  /** The events that end a complete answer. */
  end({ finishReason, usage, continuation, completedAt }: ResponseEnd): ResponseEvent[] {
    const reason = INCOMPLETE.get(finishReason ?? "");
    const status = reason ? "incomplete" : "completed";
    const events = this.#start();
    events.push(...this.#items.close(status, continuation));
    return this.#finish(events, {
      status,
      usage,
      incomplete_details: reason ? { reason } : null,
      completed_at: reason ? null : completedAt,
    });
  }

  /** The events that end a response that was interrupted by an error. */
  fail(error: Failure, usage: object | null): ResponseEvent[] {
    const events = this.#start();
    events.push(...this.#items.close("incomplete", null));
    return this.#finish(events, { status: "failed", error, usage });
  }

  /** The response in its current state. */
  response(): object {
    return responseObject(this.#frame, { ...this.#state, output: this.#items.all() });
  }

  /** The events before the first one of the output, once. */
  #start(): Unnumbered[] {
    if (this.#isBegun) return [];
    this.#isBegun = true;
    return [
      { type: "response.created", response: this.response() },
      { type: "response.in_progress", response: this.response() },
    ];
  }

  #finish(events: Unnumbered[], state: Omit<ResponseState, "output">): ResponseEvent[] {
    this.#state = { ...this.#state, ...state };
    events.push({ type: `response.${state.status}`, response: this.response() });
    return this.#number(events);
  }

  #number(events: readonly Unnumbered[]): ResponseEvent[] {
    return events.map(({ type, ...fields }) => ({
      type,
      sequence_number: this.#next++,
      ...fields,
    }));
  }
}
