import type { ApiError } from "../../../core/errors.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import type { Chunk } from "../openai_chat/chunk.ts";
import { BlockEvents } from "./block_events.ts";
import { isObject, isPiece, objectIn } from "./blocks.ts";
import { CallBlocks } from "./call_blocks.ts";
import { anthropicErrors } from "./errors.ts";
import { messageFrame, type MessageIdentity } from "./message.ts";
import { messageEnd } from "./stop_reasons.ts";
import { messagesUsage } from "./usage.ts";

/** Writes the chunks of one answer as the events of a message. */
export class MessageWriter {
  readonly #identity: MessageIdentity;
  readonly #events = new BlockEvents();
  readonly #calls = new CallBlocks(this.#events);
  #isBegun = false;
  #isRefused = false;
  #finishReason: string | null = null;
  /** Further fields of the choice that had the finish reason. */
  #choice: object = {};

  constructor(identity: MessageIdentity) {
    this.#identity = identity;
  }

  /** The events for a piece of the answer; the first one begins the message. */
  chunk({ delta, finishReason, choiceExtras, usage }: Chunk): Uint8Array {
    this.#begin(usage?.usage ?? null);
    const said = delta ?? {};
    if (this.#identity.thinks) this.#think(reasoningText(said), detailsIn(said));
    this.#say(said.content ?? "");
    this.#say(said.refusal ?? "");
    this.#pass(objectIn(said, "anthropic"));
    for (const call of said.tool_calls ?? []) this.#calls.take(call);
    if (said.refusal) this.#isRefused = true;
    if (finishReason !== null) {
      this.#finishReason = finishReason;
      this.#choice = choiceExtras;
    }
    return this.#events.take();
  }

  /** The events that end a complete message. */
  end(usage: TurnUsage | null): Uint8Array {
    this.#begin(null);
    this.#calls.flush();
    this.#events.close();
    this.#events.emit("message_delta", {
      delta: messageEnd(this.#finishReason, this.#choice, this.#isRefused),
      usage: messagesUsage(usage),
    });
    this.#events.emit("message_stop", {});
    return this.#events.take();
  }

  /** The events that end a message that was interrupted by an error. */
  fail(error: ApiError): Uint8Array {
    this.#events.emit("error", anthropicErrors.write(error, null).body);
    return this.#events.take();
  }

  #begin(usage: TurnUsage | null): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    const message = {
      ...messageFrame(this.#identity),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: messagesUsage(usage),
    };
    this.#events.emit("message_start", { message });
    this.#events.emit("ping", {});
  }

  #think(text: string, details: readonly Record<string, unknown>[]): void {
    const key = details[0]?.index ?? this.#events.key;
    if (text !== "") {
      if (!this.#events.isOpen("thinking", key)) this.#openThought(key);
      this.#events.add({ type: "thinking_delta", thinking: text });
    }
    for (const { type, signature, data } of details) {
      if (type === "reasoning.encrypted" && typeof data === "string") {
        this.#events.open({ type: "redacted_thinking", data });
      } else if (typeof signature === "string" && signature !== "") {
        if (!this.#events.isOpen("thinking")) this.#openThought(key);
        this.#events.add({ type: "signature_delta", signature });
      }
    }
  }

  #openThought(key: unknown): void {
    this.#events.open({ type: "thinking", thinking: "", signature: "" }, key);
  }

  #say(text: string): void {
    if (text === "") return;
    if (!this.#events.isOpen("text")) this.#events.open({ type: "text", text: "" });
    this.#events.add({ type: "text_delta", text });
  }

  /** Writes blocks and citations that have no equivalent in OpenAI's format. */
  #pass({ block, citation }: Record<string, unknown>): void {
    if (isPiece(block)) {
      this.#events.open(block);
    } else if (isObject(citation) && this.#events.isOpen("text")) {
      this.#events.add({ type: "citations_delta", citation });
    }
  }
}

function detailsIn(delta: object): Record<string, unknown>[] {
  const details: unknown = Reflect.get(delta, "reasoning_details");
  if (!Array.isArray(details)) return [];
  return details.filter(isObject).filter(({ format }) => format === "anthropic-claude-v1");
}
