import type { Shape } from "../../prepare/billable_fields.ts";

/** A mark where a vendor may cache the prompt; how long it does is left to the price's usual. */
const CACHE_CONTROL: Shape = { type: true };

const TOOL: Shape = {
  type: true,
  function: { name: true, description: true, parameters: true, strict: true },
  custom: { name: true, description: true, format: true },
  cache_control: CACHE_CONTROL,
};

/**
 * What a vendor is sent of a chat with a credential that is not the caller's own: what shapes the answer
 * and costs no more than its tokens. Limits of the answer are set apart, and so are messages.
 */
export const CHAT_FIELDS = {
  frequency_penalty: true,
  function_call: { name: true },
  functions: [{ name: true, description: true, parameters: true }],
  logit_bias: true,
  logprobs: true,
  n: true,
  parallel_tool_calls: true,
  presence_penalty: true,
  prompt_cache_key: true,
  reasoning_effort: true,
  response_format: {
    type: true,
    json_schema: { name: true, description: true, schema: true, strict: true },
    schema: true,
  },
  safety_identifier: true,
  seed: true,
  stop: true,
  stream: true,
  tool_choice: {
    type: true,
    function: { name: true },
    custom: { name: true },
    allowed_tools: { mode: true, tools: [{ type: true, function: { name: true } }] },
  },
  tools: [TOOL],
  top_logprobs: true,
  top_p: true,
  user: true,
  verbosity: true,
} as const satisfies { readonly [field: string]: Shape };

/** What goes on of a stream's options. */
export const STREAM_OPTIONS = { include_usage: true, include_obfuscation: true } as const;

/** What goes on of a message; its content by {@linkcode PARTS}. */
export const MESSAGE_FIELDS = {
  content: true,
  function_call: { name: true, arguments: true },
  name: true,
  reasoning: true,
  reasoning_content: true,
  reasoning_details: true,
  refusal: true,
  role: true,
  tool_call_id: true,
  tool_calls: [{
    id: true,
    index: true,
    type: true,
    function: { name: true, arguments: true },
    custom: { name: true, input: true },
    extra_content: true,
  }],
} as const satisfies { readonly [field: string]: Shape };

/** The parts of a message whose tokens are bounded, and what goes on of each. */
export const PARTS: { readonly [type: string]: { readonly [field: string]: Shape } } = {
  text: { type: true, text: true, cache_control: CACHE_CONTROL },
  refusal: { type: true, refusal: true },
  image_url: { type: true, image_url: { url: true, detail: true }, cache_control: CACHE_CONTROL },
};
