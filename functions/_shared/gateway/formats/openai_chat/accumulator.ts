import { type Measured, mergeMeasured } from "../../quirks/usage_shapes.ts";
import { CallList } from "./call_list.ts";
import { type Chunk, type Ending, NO_CHUNK } from "./chunk.ts";
import type { Answer } from "../../settle/outcome.ts";
import { createContinuation } from "../../quirks/continuation_fields.ts";
import { finishReason as endOf } from "../../quirks/finish_reasons.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";

/** Fields of an answer with content other than text. */
const MEDIA = ["images", "audio"];

/** Assembles a streamed answer, for storage. */
export interface Accumulator {
  /** Adds a chunk. */
  take(chunk: Chunk): void;
  /** Whether the model has said or thought anything. */
  readonly hasOutput: boolean;
  /** Why the model stopped; null until it has. */
  readonly finishReason: string | null;
  /** The vendor's id of the answer; null until it is known. */
  readonly id: string | null;
  /** All text so far, for estimates: content, refusal and the arguments of calls. */
  readonly text: string;
  /** All reasoning so far, for estimates; it is not part of the answer. */
  readonly reasoning: string;
  /** Whether the model continued after the vendor had reported usage. */
  readonly isBeyondUsage: boolean;
  /**
   * The final chunk of an answer without a finish reason; null if there was no output.
   *
   * @param rest What completes the answer.
   */
  ending(rest: Ending): Chunk | null;
  /** The answer so far; usage is null unless it was measured. */
  answer(): Answer;
}

/**
 * Starts with an empty answer.
 *
 * @param elapsed Milliseconds since the request, for the time to the first token.
 */
export function createAccumulator(elapsed: () => number): Accumulator {
  let content = "";
  let refusal = "";
  let reasoning = "";
  const calls = new CallList();
  const continuation = createContinuation();
  /** Whether it has images, audio or other media. */
  let hasMedia = false;
  let finishReason: string | null = null;
  let lastReason: string | null = null;
  let id: string | null = null;
  let model: string | null = null;
  let measured: Measured | null = null;
  let measuredLength = 0;
  let firstTokenMs: number | null = null;

  /** Of all output and reasoning. */
  const length = () => content.length + refusal.length + reasoning.length + calls.length;

  return {
    take(chunk) {
      const before = length();
      const isCovered = measured !== null && before <= measuredLength;
      if (chunk.wereThoughts) {
        reasoning = "";
        continuation.dropThoughts();
      }
      content += chunk.delta?.content ?? "";
      refusal += chunk.delta?.refusal ?? "";
      reasoning += reasoningText(chunk.delta ?? {});
      continuation.take(chunk.delta ?? {});
      for (const piece of chunk.delta?.tool_calls ?? []) calls.take(piece);
      hasMedia ||= MEDIA.some((field) => isGiven(chunk.delta?.[field]));
      // An answer that continues after its finish reason has not ended.
      if (chunk.finishReason !== null || length() > before) finishReason = chunk.finishReason;
      lastReason = chunk.finishReason ?? lastReason;
      id ??= chunk.id;
      model ??= chunk.model;
      if (chunk.usage) measured = mergeMeasured(measured, chunk.usage);
      if (chunk.usage || (chunk.wereThoughts && isCovered)) measuredLength = length();
      if (this.hasOutput) firstTokenMs ??= elapsed();
    },
    get hasOutput() {
      return length() > 0 || !calls.isEmpty || hasMedia;
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
      return content + refusal + calls.text;
    },
    get reasoning() {
      return reasoning;
    },
    ending(rest) {
      const isSilent = content === "" && refusal === "" && !rest.delta.content;
      if (isSilent && calls.isEmpty && !hasMedia) return null;
      const reason = endOf(lastReason, !calls.isEmpty);
      // The measured usage includes everything that completes the answer.
      const usage = this.isBeyondUsage ? null : measured;
      return { ...NO_CHUNK, usage, ...rest, finishReason: reason };
    },
    answer: () => ({
      content: content || refusal || null,
      tool_calls: calls.all(),
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
