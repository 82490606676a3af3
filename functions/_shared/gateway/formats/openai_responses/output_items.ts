import { reasoningText } from "../../quirks/reasoning_fields.ts";
import type { ToolCallDelta } from "../../quirks/tool_call_index.ts";
import type { Delta } from "../openai_chat/chunk.ts";
import { type CallItem, createCallItem } from "./call_events.ts";
import { carry } from "./encrypted_content.ts";
import { idOf } from "./ids.ts";
import { createMessageItem, type MessageItem } from "./message_events.ts";
import type { OutputItem, Unnumbered } from "./output_item.ts";
import { createReasoningItem, type ReasoningItem } from "./reasoning_events.ts";
import type { ResponseFrame } from "./response.ts";
import { type ToolNames, toolNames } from "./tools.ts";

/** The output items of a response: reasoning, message and calls. */
export class OutputItems {
  readonly #frame: ResponseFrame;
  readonly #names: ToolNames;
  readonly #items: OutputItem[] = [];
  readonly #calls = new Map<number, CallItem>();
  /** The extra content of calls, by their ids. */
  readonly #extras: Record<string, unknown> = {};
  #reasoning: ReasoningItem | null = null;
  #message: MessageItem | null = null;

  constructor(frame: ResponseFrame) {
    this.#frame = frame;
    this.#names = toolNames(frame.asked.tools);
  }

  /** The items in their current state. */
  all(): object[] {
    return this.#items.map((item) => item.item());
  }

  /** The events for a piece of the answer. */
  take(delta: Delta): Unnumbered[] {
    const events: Unnumbered[] = [];
    const thought = reasoningText(delta);
    const isThinking = this.#message === null && this.#calls.size === 0;
    if (thought && isThinking) events.push(...this.#reasoningItem(events).think(thought));
    if (delta.content || delta.refusal) this.#say(events, delta);
    for (const piece of delta.tool_calls ?? []) this.#call(events, piece);
    return events;
  }

  /** The events that end all items. @param continuation See {@linkcode carry}. */
  close(status: "completed" | "incomplete", continuation: object | null): Unnumbered[] {
    const events: Unnumbered[] = [];
    this.#carry(events, { ...continuation });
    for (const call of this.#calls.values()) {
      events.push(...call.openLate(() => this.#open((index) => call.at(index))[1]));
    }
    for (const item of this.#items) events.push(...item.close(status));
    return events;
  }

  #say(events: Unnumbered[], delta: Delta): void {
    if (this.#reasoning) events.push(...this.#reasoning.rest());
    events.push(...this.#messageItem(events).say(delta));
  }

  #call(events: Unnumbered[], piece: ToolCallDelta): void {
    const call = this.#calls.get(piece.index) ??
      createCallItem(this.#frame.turnId, piece.index, this.#names);
    this.#calls.set(piece.index, call);
    if (this.#reasoning) events.push(...this.#reasoning.rest());
    events.push(...call.take(piece, () => this.#open((index) => call.at(index))[1]));
    if (piece.extra_content !== undefined) this.#extras[call.callId] = piece.extra_content;
  }

  /**
   * Sends the client the fields that the vendor needs to continue, if the client asked for them.
   */
  #carry(events: Unnumbered[], message: Record<string, unknown>): void {
    const { vendor, asked } = this.#frame;
    if (!asked.include?.includes("reasoning.encrypted_content")) return;
    const calls = this.#extras;
    if (Object.keys(message).length + Object.keys(calls).length === 0) return;
    this.#reasoningItem(events).encrypt(carry({ vendor, message, calls }));
  }

  #reasoningItem(events: Unnumbered[]): ReasoningItem {
    if (this.#reasoning) return this.#reasoning;
    const id = idOf("rs", this.#frame.turnId);
    const [item, added] = this.#open((index) => createReasoningItem(id, index));
    events.push(...added);
    return this.#reasoning = item;
  }

  #messageItem(events: Unnumbered[]): MessageItem {
    if (this.#message) return this.#message;
    const id = idOf("msg", this.#frame.turnId);
    const [item, added] = this.#open((index) => createMessageItem(id, index));
    events.push(...added);
    return this.#message = item;
  }

  /** Adds an item. @returns The item, and the events that add it. */
  #open<Item extends OutputItem>(make: (index: number) => Item): [Item, Unnumbered[]] {
    const item = make(this.#items.length);
    this.#items.push(item);
    const added = { type: "response.output_item.added", output_index: item.index };
    return [item, [{ ...added, item: item.item() }]];
  }
}
