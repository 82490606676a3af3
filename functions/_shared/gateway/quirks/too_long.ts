import { matterOf } from "./error_names.ts";
import type { ErrorReason } from "./error_shapes.ts";

/*
 * Few vendors report a prompt that is too long with OpenAI's code context_length_exceeded. vLLM,
 * DeepSeek and OpenRouter write "maximum context length is N tokens" with the code 400, Anthropic
 * "prompt is too long: N tokens > M maximum" or that input and max_tokens "exceed context limit"
 * (its page Errors), Gemini "The input token count (N) exceeds the maximum number of tokens allowed
 * (M)" (googleapis issue reports of 2025), Mistral "Prompt contains N tokens ... too large for
 * model", Bedrock "Input is too long for requested model", llama.cpp exceed_context_size_error (its
 * server's README). Read on 30 November 2026. xAI, LM Studio, GitHub's Copilot and Models, MiniMax
 * and Moonshot have their own messages (pi, packages/ai/src/utils/overflow.ts), as have Text
 * Generation Inference behind Together, Fireworks, SGLang, newer vLLM and DashScope; Bedrock and
 * DashScope add a prefix. Read on 1 December 2026.
 */

/** Prefixes that gateways add to a vendor's message. */
const PREFIX =
  /^(?:The model returned the following errors: |Invalid request: |invalid params, |<400> InternalError\.Algo\.InvalidParameter: )/i;

/** Anchored at the beginning, as a message may quote a caller's input. */
const SENTENCES = [
  /^This (?:endpoint|model)'s maximum (?:context|prompt) length is \d/i,
  /^(?:The|Your) (?:input|prompt) .{0,60}\b(?:exceeds|is longer than) the (?:model's )?(?:maximum )?context/i,
  /^The (?:\w+ )?prompt \(length \d+\) is longer than the maximum model length/i,
  /^(?:messages: )?(?:the )?prompt is too long\b/i,
  /^input length and `?max_tokens`? exceed context limit/i,
  /^(?:Unable to submit request because )?the input token count\b.{0,40}\bexceeds? the maximum/i,
  /^Prompt contains \d+ tokens\b.{0,80}\btoo large for model/i,
  /^prompt token count of \d+ exceeds the limit/i,
  /^Input is too long for requested model/i,
  /^(?:too many tokens:|Please reduce the length of the messages\b)/i,
  /^(?:the )?request (?:\(\d+ tokens\) )?exceeds the available context size/i,
  /^Requested token count exceeds the model's maximum context length/i,
  /^You passed \d+ input tokens\b.{0,80}\bcontext length is only/i,
  /^Your request exceeded model token limit/i,
  /^context window exceeds limit/i,
  /^Input validation error: `inputs` (?:tokens|must have less than)/i,
  /^(?:Trying to keep the first \d+ tokens when|The number of tokens to keep from the initial prompt is)/i,
  /^Range of input length should be/i,
  /^Request body too large for \S+ model\. Max size: \d+ tokens/i,
];

/** Whether an error means that the prompt exceeds the model's context window. */
export function isTooLong({ sentence, names }: ErrorReason): boolean {
  const bare = sentence.replace(PREFIX, "");
  return matterOf(names) === "context" || SENTENCES.some((known) => known.test(bare));
}
