import { z } from "zod";
import type { TurnUsage } from "../settle/outcome.ts";

/*
 * Usage comes in OpenAI's form and in Anthropic's, with cached and reasoning tokens inside or beside
 * their totals, and with or without a price (OpenRouter, Perplexity). Recorded from answers of vendors,
 * 21 November 2026.
 */

const LARGEST = 1_000_000_000;

const count = z.int().nonnegative().max(LARGEST);
const part = count.nullish().catch(0).transform((value) => value ?? 0);
const details = z.looseObject({
  cached_tokens: part,
  cache_write_tokens: part,
  reasoning_tokens: part,
}).nullish().catch(null);
const price = z.number().nonnegative().max(LARGEST);

/** What both forms have in common. */
const common = {
  prompt_tokens_details: details,
  completion_tokens_details: details,
  cache_read_input_tokens: part,
  cache_creation_input_tokens: part,
  // Only some vendors name a price; it is theirs, in USD. Perplexity's is a sum with its parts.
  cost: z.union([price, z.object({ total_cost: price }).transform(({ total_cost }) => total_cost)])
    .nullish().catch(null),
};

const usageSchema = z.union([
  z.looseObject({
    ...common,
    prompt_tokens: count,
    completion_tokens: count.nullish().transform((value) => value ?? 0),
    total_tokens: count.nullish().catch(null),
  }),
  // Anthropic's own form, in which cached tokens are never among those of the input.
  z.looseObject({ ...common, input_tokens: count, output_tokens: part })
    .transform(({ input_tokens, output_tokens, ...rest }) => ({
      ...rest,
      prompt_tokens: input_tokens,
      completion_tokens: output_tokens,
      total_tokens: input_tokens + output_tokens + rest.cache_read_input_tokens +
        rest.cache_creation_input_tokens,
    })),
]);

/** What an upstream measured. */
export interface Measured {
  usage: TurnUsage;
  /** The vendor's own price in USD as decimal text, where it names one. */
  cost: string | null;
}

/**
 * Reads an upstream's `usage`.
 *
 * Vendors disagree on whether completion tokens include reasoning, and gateways in front of Anthropic
 * on whether prompt tokens include those of its cache. The total always includes everything: where it
 * says that the cached tokens are beside the prompt they are counted there, and what else it has
 * beyond its parts is output. Cached tokens that fit nowhere contradict the rest and give no discount.
 *
 * @returns null for anything that cannot be counted.
 */
export function readUsage(value: unknown): Measured | null {
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens, ...rest } =
    parsed.data;
  const cached = Math.max(
    rest.prompt_tokens_details?.cached_tokens ?? 0,
    rest.cache_read_input_tokens,
  );
  const written = Math.max(
    rest.prompt_tokens_details?.cache_write_tokens ?? 0,
    rest.cache_creation_input_tokens,
  );
  const reasoning = rest.completion_tokens_details?.reasoning_tokens ?? 0;
  const aside = cached + written;
  const surplus = Math.max(0, (total_tokens ?? 0) - prompt - completion);
  const isBeside = aside > prompt ? surplus >= aside : surplus === aside && surplus !== reasoning;
  const input = isBeside ? prompt + aside : prompt;
  const fits = aside <= input;
  if (input > LARGEST) return null;
  const hidden = isBeside ? surplus - aside : fits ? surplus : 0;
  const output = Math.min(completion + hidden, LARGEST);
  return {
    usage: {
      input_tokens: input,
      output_tokens: output,
      cached_input_tokens: fits ? cached : 0,
      cache_write_tokens: fits ? written : 0,
      reasoning_tokens: Math.min(Math.max(reasoning, hidden), output),
      estimated: false,
    },
    cost: rest.cost == null ? null : String(rest.cost),
  };
}
