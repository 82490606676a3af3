import { z } from "zod";
import type { TurnUsage } from "./outcome.ts";

const count = z.int().nonnegative().max(1_000_000_000);
const details = z.looseObject({
  cached_tokens: count.nullish().catch(0),
  cache_write_tokens: count.nullish().catch(0),
  reasoning_tokens: count.nullish().catch(0),
}).nullish().catch(null);

const usageSchema = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count.nullish().transform((value) => value ?? 0),
  total_tokens: count.nullish().catch(null),
  prompt_tokens_details: details,
  completion_tokens_details: details,
  // Only some vendors name a price; it is theirs, in USD.
  cost: z.number().nonnegative().nullish().catch(null),
});

/** What an upstream measured. */
export interface Measured {
  usage: TurnUsage;
  /** The vendor's own price in USD as decimal text, where it names one. */
  cost: string | null;
}

/**
 * Reads an upstream's `usage`.
 *
 * Vendors disagree on whether completion tokens include reasoning. The total always does, so what the
 * total has beyond its two parts is counted as output.
 *
 * @returns null for anything that cannot be counted.
 */
export function readUsage(value: unknown): Measured | null {
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { prompt_tokens: input, completion_tokens: completion, total_tokens, cost } = parsed.data;
  const hidden = Math.max(0, (total_tokens ?? 0) - input - completion);
  const output = completion + hidden;
  const cached = parsed.data.prompt_tokens_details?.cached_tokens ?? 0;
  const written = parsed.data.prompt_tokens_details?.cache_write_tokens ?? 0;
  const reasoning = parsed.data.completion_tokens_details?.reasoning_tokens ?? 0;
  const cachedInput = Math.min(cached, input);
  return {
    usage: {
      input_tokens: input,
      output_tokens: output,
      cached_input_tokens: cachedInput,
      cache_write_tokens: Math.min(written, input - cachedInput),
      reasoning_tokens: Math.min(Math.max(reasoning, hidden), output),
      estimated: false,
    },
    cost: cost == null ? null : String(cost),
  };
}

/** A token of English text is about four characters. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Estimates usage where none was measured, by the length of the text. Marked as an estimate, so that
 * nobody is billed for it as if it had been counted.
 */
export function estimateUsage(messages: readonly unknown[], answer: string): TurnUsage {
  const asked = messages.reduce<number>((length, message) => length + textLength(message), 0);
  return {
    input_tokens: Math.ceil(asked / CHARACTERS_PER_TOKEN),
    output_tokens: Math.ceil(answer.length / CHARACTERS_PER_TOKEN),
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    estimated: true,
  };
}

/** Characters that a model reads in a message; the bytes of an inlined image are not text. */
function textLength(value: unknown): number {
  if (typeof value === "string") return value.startsWith("data:") ? 0 : value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((length, child) => length + textLength(child), 0);
}

/** Writes usage as OpenAI does; an estimate says that it is one. */
export function wireUsage(usage: TurnUsage) {
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.input_tokens + usage.output_tokens,
    prompt_tokens_details: {
      cached_tokens: usage.cached_input_tokens,
      cache_write_tokens: usage.cache_write_tokens,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    ...(usage.estimated ? { estimated: true } : {}),
  };
}
