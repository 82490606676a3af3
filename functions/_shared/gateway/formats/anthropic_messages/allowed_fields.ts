import type { Shape } from "../../prepare/field_shape.ts";

/** The cache lifetime (`ttl`) is not sent on: the default one is what the price covers. */
const CACHE_CONTROL: Shape = { type: "scalar" };

/**
 * The fields of a request, besides the conversation, that are sent to Anthropic with a credential
 * other than the caller's own: those that shape the answer and cost nothing beyond its tokens.
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
