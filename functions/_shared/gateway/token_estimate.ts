import type { TurnUsage } from "./settle/outcome.ts";

/** A token of English text is about four characters. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Estimates usage where none was measured, by the length of the text. Marked as an estimate, so that
 * nobody is billed for it as if it had been counted.
 *
 * @param reasoning Characters of what the model thought before it answered.
 */
export function estimateUsage(
  messages: readonly unknown[],
  answer: string,
  reasoning = 0,
): TurnUsage {
  const asked = messages.reduce<number>((length, message) => length + textLength(message), 0);
  return {
    input_tokens: Math.ceil(asked / CHARACTERS_PER_TOKEN),
    output_tokens: Math.ceil((answer.length + reasoning) / CHARACTERS_PER_TOKEN),
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: Math.ceil(reasoning / CHARACTERS_PER_TOKEN),
    estimated: true,
  };
}

/**
 * What a call used. A vendor that counts no tokens of a prompt or an answer that has some has not
 * counted them, so their number is the estimate's.
 *
 * @param measured What the vendor says; null where it says nothing.
 */
export function countUsage(measured: TurnUsage | null, estimate: TurnUsage): TurnUsage {
  if (measured === null) return estimate;
  const counted = { ...measured };
  if (measured.input_tokens === 0 && estimate.input_tokens > 0) {
    counted.input_tokens = estimate.input_tokens;
    counted.estimated = true;
  }
  if (measured.output_tokens === 0 && estimate.output_tokens > 0) {
    counted.output_tokens = estimate.output_tokens;
    counted.reasoning_tokens = estimate.reasoning_tokens;
    counted.estimated = true;
  }
  return counted;
}

/** What an image counts for, however many bytes it has: vendors take it for a thousand tokens or so. */
const CHARACTERS_PER_IMAGE = 4096;

/** Characters that a model reads in a message; the bytes of an inlined image are not text. */
function textLength(value: unknown): number {
  if (typeof value === "string") {
    return value.startsWith("data:") ? Math.min(value.length, CHARACTERS_PER_IMAGE) : value.length;
  }
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((length, child) => length + textLength(child), 0);
}
