import { reasoningText } from "../../quirks/reasoning_fields.ts";
import type { Delta } from "../openai_chat/chunk.ts";
import { type CallItem, createCallItem } from "./call_events.ts";
import { carry } from "./encrypted_content.ts";
import type { Failure } from "./errors.ts";
import { idOf } from "./ids.ts";
import { createMessageItem, type MessageItem } from "./message_events.ts";
import type { OutputItem, Unnumbered } from "./output_item.ts";
import { createReasoningItem, type ReasoningItem } from "./reasoning_events.ts";
import { type ResponseFrame, responseObject, type ResponseState } from "./response.ts";
import { toolNames } from "./tools.ts";

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
  /** What the vendor must be given back, see {@linkcode carry}. */
  continuation: object | null;
  /** Seconds since the epoch. */
  completedAt: number;
}

/**
 * Makes the events of one response. Each delta belongs to an item that was opened, each item is closed,
 * and exactly one event ends the response.
 */
export interface ResponseEvents {
  /** The events before any output: the response exists. */
  begin(): ResponseEvent[];
  /** The events for a piece of the answer. */
  take(delta: Delta): ResponseEvent[];
  /** The events that end a complete answer. */
  end(end: ResponseEnd): ResponseEvent[];
  /** The events that end one that broke off. */
  fail(error: Failure, usage: object | null): ResponseEvent[];
  /** The response as it is. */
  response(): object;
}

/** Begins a response. */
export function createResponseEvents(frame: ResponseFrame): ResponseEvents {
  const names = toolNames(frame.asked.tools);
  const keepsThoughts = frame.asked.include?.includes("reasoning.encrypted_content") ?? false;
  const items: OutputItem[] = [];
  const calls = new Map<number, CallItem>();
  const extras: Record<string, unknown> = {};
  let reasoning: ReasoningItem | null = null;
  let message: MessageItem | null = null;
  let state: ResponseState = { status: "in_progress", output: [] };
  let begun = false;
  let sequence = 0;

  const number = (events: readonly Unnumbered[]): ResponseEvent[] =>
    events.map(({ type, ...fields }) => ({ type, sequence_number: sequence++, ...fields }));

  function response(): object {
    return responseObject(frame, { ...state, output: items.map((item) => item.item()) });
  }

  function start(): Unnumbered[] {
    if (begun) return [];
    begun = true;
    return [
      { type: "response.created", response: response() },
      { type: "response.in_progress", response: response() },
    ];
  }

  function open<Item extends OutputItem>(make: (index: number) => Item): [Item, Unnumbered[]] {
    const item = make(items.length);
    items.push(item);
    const added = { type: "response.output_item.added", output_index: item.index };
    return [item, [{ ...added, item: item.item() }]];
  }

  function think(text: string): Unnumbered[] {
    const opened: Unnumbered[] = [];
    if (reasoning === null) {
      const [made, added] = open((index) => createReasoningItem(idOf("rs", frame.turnId), index));
      reasoning = made;
      opened.push(...added);
    }
    return [...opened, ...reasoning.think(text)];
  }

  function say(delta: Delta): Unnumbered[] {
    if (!delta.content && !delta.refusal) return [];
    const opened: Unnumbered[] = reasoning?.rest() ?? [];
    if (message === null) {
      const [made, added] = open((index) => createMessageItem(idOf("msg", frame.turnId), index));
      message = made;
      opened.push(...added);
    }
    return [...opened, ...message.say(delta)];
  }

  function call(piece: NonNullable<Delta["tool_calls"]>[number]): Unnumbered[] {
    const { index: at } = piece;
    const known = calls.get(at) ?? createCallItem(frame.turnId, at, names);
    calls.set(at, known);
    const before = reasoning?.rest() ?? [];
    const events = known.take(piece, () => {
      const [, added] = open((index) => known.at(index));
      return added;
    });
    if (piece.extra_content !== undefined) extras[known.callId] = piece.extra_content;
    return [...before, ...events];
  }

  function close(status: "completed" | "incomplete", continuation: object | null): Unnumbered[] {
    const events: Unnumbered[] = [];
    const carried = { ...continuation };
    const isCarried = keepsThoughts &&
      Object.keys(carried).length + Object.keys(extras).length > 0;
    if (isCarried && reasoning === null) {
      const [made, added] = open((index) => createReasoningItem(idOf("rs", frame.turnId), index));
      reasoning = made;
      events.push(...added);
    }
    if (isCarried) {
      reasoning?.encrypt(carry({ vendor: frame.vendor, message: carried, calls: extras }));
    }
    for (const known of calls.values()) {
      events.push(...known.openLate(() => open((index) => known.at(index))[1]));
    }
    for (const item of items) events.push(...item.close(status));
    return events;
  }

  return {
    begin: () => number(start()),
    take(delta) {
      const events = start();
      const thought = reasoningText(delta);
      if (thought && message === null && calls.size === 0) events.push(...think(thought));
      events.push(...say(delta));
      for (const piece of delta.tool_calls ?? []) events.push(...call(piece));
      return number(events);
    },
    end({ finishReason, usage, continuation, completedAt }) {
      const reason = INCOMPLETE.get(finishReason ?? "");
      const before = start();
      const closing = close(reason ? "incomplete" : "completed", continuation);
      state = {
        ...state,
        status: reason ? "incomplete" : "completed",
        usage,
        incomplete_details: reason ? { reason } : null,
        completed_at: reason ? null : completedAt,
      };
      const type = `response.${state.status}`;
      return number([...before, ...closing, { type, response: response() }]);
    },
    fail(error, usage) {
      const before = start();
      const closing = close("incomplete", null);
      state = { ...state, status: "failed", error, usage };
      return number([...before, ...closing, { type: "response.failed", response: response() }]);
    },
    response,
  };
}

/** What a response is incomplete for, by why the model stopped. */
const INCOMPLETE: ReadonlyMap<string, string> = new Map([
  ["length", "max_output_tokens"],
  ["content_filter", "content_filter"],
]);
