import { matterOf } from "./error_names.ts";
import type { ErrorReason } from "./error_shapes.ts";

/*
 * Few vendors name a prompt that is too long with OpenAI's code context_length_exceeded. vLLM, DeepSeek
 * and OpenRouter write "maximum context length is N tokens" with the code 400, Anthropic "prompt is too
 * long: N tokens > M maximum" or that input and max_tokens "exceed context limit" (its page Errors),
 * Gemini "The input token count (N) exceeds the maximum number of tokens allowed (M)" (googleapis
 * issue reports of 2025), Mistral "Prompt contains N tokens ... too large for model", Bedrock "Input is
 * too long for requested model", llama.cpp exceed_context_size_error (its server's README). Read on 30
 * November 2026.
 */

/** From the beginning, for a sentence may quote what a caller sent. */
const SENTENCES = [
  /^This (?:endpoint|model)'s maximum context length is \d/i,
  /^The (?:input|prompt) .{0,60}\b(?:exceeds|is longer than) the (?:model's )?(?:maximum )?context/i,
  /^(?:messages: )?prompt is too long\b/i,
  /^input length and `?max_tokens`? exceed context limit/i,
  /^(?:Unable to submit request because )?the input token count\b.{0,40}\bexceeds? the maximum/i,
  /^Prompt contains \d+ tokens\b.{0,80}\btoo large for model/i,
  /^Input is too long for requested model/i,
  /^(?:too many tokens|Please reduce the length of the messages)\b/i,
  /^the request exceeds the available context size/i,
];

/** Whether an error says that the prompt does not fit the model. */
export function isTooLong({ sentence, names }: ErrorReason): boolean {
  return matterOf(names) === "context" || names.some((name) => /exceed_context_size/i.test(name)) ||
    SENTENCES.some((known) => known.test(sentence));
}
