import { type Measured, mergeMeasured } from "../../quirks/usage_shapes.ts";
import type { ToolCallDelta } from "../../quirks/tool_call_index.ts";
import { type Chunk, NO_CHUNK } from "./chunk.ts";
import type { Answer } from "../../settle/outcome.ts";
import { createContinuation } from "../../quirks/continuation_fields.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";

/** Where a piece of an answer has what is no text. */
const MEDIA = ["images", "audio"];

/** Puts a streamed answer together again, for storage. */
export interface Accumulator {
  /** Adds a chunk. */
  take(chunk: Chunk): void;
  /** Whether the model has said or thought anything. */
  readonly hasOutput: boolean;
  /** Why the model stopped; null until it has. */
  readonly finishReason: string | null;
  /** By what the vendor knows the answer; null until it has said so. */
  readonly id: string | null;
  /** All text so far, for estimates: content, refusal and the arguments of calls. */
  readonly text: string;
  /** The reasoning so far, likewise: it is no part of the answer. */
  readonly reasoning: string;
  /** Whether the model went on after the vendor had measured it. */
  readonly isBeyondUsage: boolean;
  /** The chunk that ends an answer whose vendor gives no reason for it; null where nothing was said. */
  ending(): Chunk | null;
  /** The answer so far; usage is null unless it was measured. */
  answer(): Answer;
}

interface ToolCall {
  [field: string]: unknown;
  function: { name: string; arguments: string };
}

/**
 * Makes an empty transcript.
 *
 * @param elapsed Milliseconds since the request, for the time to the first token.
 */
export function createAccumulator(elapsed: () => number): Accumulator {
  let content = "";
  let refusal = "";
  let reasoning = "";
  const calls = new Map<number, ToolCall>();
  const continuation = createContinuation();
  /** Whether it has pictures, sound or the like. */
  let hasMedia = false;
  let finishReason: string | null = null;
  let lastReason: string | null = null;
  let id: string | null = null;
  let model: string | null = null;
  let measured: Measured | null = null;
  let measuredLength = 0;
  let firstTokenMs: number | null = null;

  function takeCall({ index, function: piece, ...fields }: ToolCallDelta): void {
    const call = calls.get(index) ?? { type: "function", function: { name: "", arguments: "" } };
    for (const [name, value] of Object.entries(fields)) {
      if (value !== null && value !== undefined && value !== "") call[name] = value;
    }
    if (piece?.name && !call.function.name) call.function.name = piece.name;
    call.function.arguments += piece?.arguments ?? "";
    calls.set(index, call);
  }

  /** Of all that the model said and thought. */
  function length(): number {
    let sum = content.length + refusal.length + reasoning.length;
    for (const call of calls.values()) {
      sum += call.function.name.length + call.function.arguments.length;
    }
    return sum;
  }

  const allCalls = () => [...calls].sort(([a], [b]) => a - b).map(([, call]) => call);

  return {
    take(chunk) {
      const before = length();
      content += chunk.delta?.content ?? "";
      refusal += chunk.delta?.refusal ?? "";
      reasoning += reasoningText(chunk.delta ?? {});
      continuation.take(chunk.delta ?? {});
      chunk.delta?.tool_calls?.forEach(takeCall);
      hasMedia ||= MEDIA.some((field) => isGiven(chunk.delta?.[field]));
      // One that goes on after it gave a reason for its end has not ended.
      if (chunk.finishReason !== null || length() > before) finishReason = chunk.finishReason;
      lastReason = chunk.finishReason ?? lastReason;
      id ??= chunk.id;
      model ??= chunk.model;
      if (chunk.usage) {
        [measured, measuredLength] = [mergeMeasured(measured, chunk.usage), length()];
      }
      if (this.hasOutput) firstTokenMs ??= elapsed();
    },
    get hasOutput() {
      return length() > 0 || calls.size > 0 || hasMedia;
    },
    get isBeyondUsage() {
      return measured !== null && length() > measuredLength;
    },
    get finishReason() {
      return finishReason;
    },
    get id() {
      return id;
    },
    get text() {
      const called = [...calls.values()].map((call) =>
        call.function.name + call.function.arguments
      );
      return content + refusal + called.join("");
    },
    get reasoning() {
      return reasoning;
    },
    ending() {
      if (content === "" && refusal === "" && calls.size === 0 && !hasMedia) return null;
      const reason = lastReason ?? (calls.size > 0 ? "tool_calls" : "stop");
      // What was measured includes whatever completes the answer.
      const usage = this.isBeyondUsage ? null : measured;
      return { ...NO_CHUNK, usage, delta: {}, finishReason: reason };
    },
    answer: () => ({
      content: content || refusal || null,
      tool_calls: calls.size > 0 ? allCalls() : null,
      continuation: continuation.value(),
      finish_reason: finishReason,
      model_used: model,
      usage: measured?.usage ?? null,
      provider_cost: measured?.cost ?? null,
      first_token_ms: firstTokenMs,
    }),
  };
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === "object" && value !== null;
}
