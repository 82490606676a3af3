import type { Shape } from "../../prepare/field_shape.ts";

/** How long a mark keeps the prompt in the cache is left to the price's usual. */
const CACHE_CONTROL: Shape = { type: "scalar" };

/**
 * What Anthropic is sent of a request with a credential that is not the caller's own, beside the
 * conversation: what shapes the answer and costs no more than its tokens.
 */
export const MESSAGES_FIELDS = {
  metadata: { user_id: "scalar" },
  output_config: { effort: "scalar", format: "json" },
  stop_sequences: ["scalar"],
  temperature: "scalar",
  thinking: { type: "scalar", budget_tokens: "scalar", display: "scalar" },
  tool_choice: { type: "scalar", name: "scalar", disable_parallel_tool_use: "scalar" },
  tools: [{
    type: "scalar",
    name: "scalar",
    description: "scalar",
    input_schema: "json",
    strict: "scalar",
    cache_control: CACHE_CONTROL,
    max_characters: "scalar",
    display_width_px: "scalar",
    display_height_px: "scalar",
    display_number: "scalar",
  }],
  top_k: "scalar",
  top_p: "scalar",
} as const satisfies { readonly [field: string]: Shape };
