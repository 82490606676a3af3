/*
 * The field that limits the length of an answer has many names: OpenAI's max_tokens and
 * max_completion_tokens, max_output_tokens of its Responses API, Hugging Face's max_new_tokens,
 * Anthropic's older max_tokens_to_sample, Meta's max_gen_len, Gemini's maxOutputTokens, Cohere's
 * and Amazon's maxTokens, Ollama's num_predict. From their API references, 21 November 2026.
 * `vendors.max_tokens_field` is the one that a vendor is sent.
 */

/** The fields with which vendors limit the tokens of an answer; all are equivalent. */
export const LIMITS = [
  "max_tokens",
  "max_completion_tokens",
  "max_output_tokens",
  "max_new_tokens",
  "max_tokens_to_sample",
  "max_gen_len",
  "maxOutputTokens",
  "maxTokens",
  "num_predict",
] as const;
