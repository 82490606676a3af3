import type { TurnUsage } from "../../settle/outcome.ts";

/** Writes usage in the format of OpenAI's responses; an estimate is marked as such. */
export function responsesUsage(usage: TurnUsage | null) {
  if (usage === null) return null;
  return {
    input_tokens: usage.input_tokens,
    input_tokens_details: {
      cached_tokens: Math.min(usage.cached_input_tokens, usage.input_tokens),
      cache_write_tokens: usage.cache_write_tokens,
    },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    total_tokens: usage.input_tokens + usage.output_tokens,
    ...usage.estimated && { estimated: true },
  };
}
