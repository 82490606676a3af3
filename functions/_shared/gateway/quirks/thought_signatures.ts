import type { Route, Turn } from "../turn_database.ts";

/*
 * Gemini 3 and later refuse a function call that is sent back without its thought signature: 400
 * "Function call is missing a thought_signature in functionCall parts". Of parallel calls, only the
 * first has one. Calls by other models have none, nor do those from clients that drop unknown
 * fields; for these Google accepts skip_thought_signature_validator instead. From
 * ai.google.dev/gemini-api/docs/thought-signatures and the same page of Vertex AI, 30 November
 * 2026; vercel/ai, packages/google (issue-16298-gemini3-parallel-tool-calls, captured on 21 July
 * 2026).
 */

type Message = Turn["messages"][number];

/** The value that Google accepts in place of a signature. */
const NONE = { google: { thought_signature: "skip_thought_signature_validator" } };

/** Adds a signature to each group of calls, if the route requires one. */
export function withSignatures<One extends Message>(
  messages: readonly One[],
  { model, base_url, api_format }: Pick<Route, "model" | "base_url" | "api_format">,
): One[] {
  const isGoogle = api_format === "gemini" ||
    /^https:\/\/[^/]*\b(generativelanguage|aiplatform)\.googleapis\.com\//.test(base_url ?? "");
  if (!isGoogle || !needsSignatures(model)) return [...messages];
  return messages.map((message) => {
    const { tool_calls } = message;
    if (!Array.isArray(tool_calls) || tool_calls.some(isSigned)) return message;
    const [first, ...others] = tool_calls;
    return first
      ? { ...message, tool_calls: [{ ...first, extra_content: NONE }, ...others] }
      : message;
  });
}

/** Whether a model is Gemini 3 or later; those without a number are the latest. */
function needsSignatures(model: string): boolean {
  return /gemini-(?![12]\.|(pro|ultra|nano)(-vision)?$)/.test(model);
}

function isSigned(call: unknown): boolean {
  const { google }: Record<string, unknown> = Object(Object(call).extra_content);
  return typeof Object(google).thought_signature === "string";
}
