import type { TurnUsage } from "../../settle/outcome.ts";

/** Writes usage in Anthropic's format, in which `input_tokens` excludes cached tokens. */
export function messagesUsage(usage: TurnUsage | null) {
  const {
    input_tokens = 0,
    output_tokens = 0,
    cached_input_tokens = 0,
    cache_write_tokens = 0,
    cache_write_1h_tokens = 0,
    reasoning_tokens = 0,
    service_tier = "standard",
    estimated = false,
  } = usage ?? {};
  return {
    input_tokens: Math.max(0, input_tokens - cached_input_tokens - cache_write_tokens),
    cache_creation_input_tokens: cache_write_tokens,
    cache_read_input_tokens: cached_input_tokens,
    cache_creation: {
      ephemeral_5m_input_tokens: Math.max(0, cache_write_tokens - cache_write_1h_tokens),
      ephemeral_1h_input_tokens: cache_write_1h_tokens,
    },
    output_tokens,
    output_tokens_details: { thinking_tokens: reasoning_tokens },
    server_tool_use: null,
    service_tier,
    ...estimated && { estimated },
  };
}
