/*
 * Reasons for the end of an answer that OpenAI does not know: Mistral's model_length, Gemini's SAFETY
 * and RECITATION, Anthropic's max_tokens and tool_use, OpenRouter's error, DeepSeek's
 * insufficient_system_resource. From the vendors' API references, 21 November 2026.
 */

/** The reasons that OpenAI's clients know. */
const KNOWN = new Set(["stop", "length", "content_filter", "tool_calls", "function_call"]);

/** What other vendors say instead, in lower case. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["max_tokens", "length"],
  ["model_length", "length"],
  ["safety", "content_filter"],
  ["recitation", "content_filter"],
  ["prohibited_content", "content_filter"],
  ["tool_use", "tool_calls"],
]);

/** What vendors say of an answer that they broke off: OpenRouter, and DeepSeek when it is overloaded. */
const FAILURES = new Set(["error", "insufficient_system_resource"]);

/** Whether a vendor's reason for the end of an answer is that the vendor failed. */
export function isFailure(reason: string | null | undefined): reason is string {
  return FAILURES.has(reason?.toLowerCase() ?? "");
}

/**
 * Translates a vendor's reason for the end of an answer; an unknown one is an ordinary `stop`.
 *
 * @param hasCalls Whether the answer calls tools. Then an ordinary end is one that waits for their
 * results, which Gemini does not say and agents go by.
 */
export function finishReason(reason: string | null | undefined, hasCalls: boolean): string {
  const lower = reason?.toLowerCase() ?? "";
  const known = KNOWN.has(lower) ? lower : SYNONYMS.get(lower) ?? "stop";
  return known === "stop" && hasCalls ? "tool_calls" : known;
}
