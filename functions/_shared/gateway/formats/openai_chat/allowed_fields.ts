import type { Shape } from "../../prepare/field_shape.ts";

/** A cache breakpoint. Its lifetime is left at the default, which is the one that is priced. */
const CACHE_CONTROL: Shape = { type: "scalar" };

/** Fields of a part that only Anthropic's API has and that cost nothing beyond its tokens. */
const ANTHROPIC: Shape = {
  cache_control: CACHE_CONTROL,
  citations: "json",
  context: "scalar",
  document: { media_type: "scalar" },
  result: { is_error: "scalar", is_text: "scalar", cache_control: CACHE_CONTROL },
  title: "scalar",
};

const TOOL: Shape = {
  type: "scalar",
  function: { name: "scalar", description: "scalar", parameters: "json", strict: "scalar" },
  custom: { name: "scalar", description: "scalar", format: "json" },
  cache_control: CACHE_CONTROL,
};

/**
 * The fields of a chat that are sent with a credential other than the caller's own: those that
 * shape the answer and cost nothing beyond its tokens. Messages and the limit of the answer are
 * handled separately.
 */
export const CHAT_FIELDS = {
  frequency_penalty: "scalar",
  logit_bias: "json",
  logprobs: "scalar",
  n: "scalar",
  parallel_tool_calls: "scalar",
  presence_penalty: "scalar",
  prompt_cache_key: "scalar",
  reasoning_effort: "scalar",
  response_format: {
    type: "scalar",
    json_schema: { name: "scalar", description: "scalar", schema: "json", strict: "scalar" },
    schema: "json",
  },
  safety_identifier: "scalar",
  seed: "scalar",
  stop: ["scalar"],
  stream: "scalar",
  tool_choice: {
    type: "scalar",
    function: { name: "scalar" },
    custom: { name: "scalar" },
    allowed_tools: { mode: "scalar", tools: [{ type: "scalar", function: { name: "scalar" } }] },
  },
  tools: [TOOL],
  top_logprobs: "scalar",
  top_p: "scalar",
  user: "scalar",
  verbosity: "scalar",
} as const satisfies { readonly [field: string]: Shape };

/** The stream options that are sent on. */
export const STREAM_OPTIONS = { include_usage: "scalar", include_obfuscation: "scalar" } as const;

/** The fields of a message that are sent on; of its content those of {@linkcode PARTS}. */
export const MESSAGE_FIELDS = {
  content: "json",
  extra_content: "json",
  name: "scalar",
  reasoning: "scalar",
  reasoning_content: "scalar",
  reasoning_details: "json",
  refusal: "scalar",
  role: "scalar",
  tool_call_id: "scalar",
  tool_calls: [{
    id: "scalar",
    index: "scalar",
    type: "scalar",
    function: { name: "scalar", arguments: "scalar" },
    custom: { name: "scalar", input: "scalar" },
    extra_content: "json",
    anthropic: { at: "scalar", cache_control: CACHE_CONTROL },
  }],
} as const satisfies { readonly [field: string]: Shape };

/** The parts of a message whose tokens are bounded, with their fields that are sent on. */
export const PARTS: { readonly [type: string]: { readonly [field: string]: Shape } } = {
  text: { type: "scalar", text: "scalar", cache_control: CACHE_CONTROL, anthropic: ANTHROPIC },
  refusal: { type: "scalar", refusal: "scalar" },
  image_url: {
    type: "scalar",
    image_url: { url: "scalar", detail: "scalar" },
    cache_control: CACHE_CONTROL,
    anthropic: ANTHROPIC,
  },
  file: { type: "scalar", file: { file_data: "scalar", filename: "scalar" }, anthropic: ANTHROPIC },
};

/** The same for a vendor with Anthropic's API. */
export const ANTHROPIC_PARTS: typeof PARTS = {
  ...PARTS,
  anthropic: { type: "scalar", block: "json" },
};
