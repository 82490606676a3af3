import type { TurnUsage } from "../../settle/outcome.ts";

/** Writes usage in OpenAI's format; an estimate is marked as such. */
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
