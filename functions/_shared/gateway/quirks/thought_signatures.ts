import type { Route, Turn } from "../turn_database.ts";

/*
 * Gemini 3 and later refuse a call of a function that comes back without the signature of its thought:
 * 400 "Function call is missing a thought_signature in functionCall parts". Of calls side by side the
 * first one has it. Calls that another model made have none, nor those of clients that drop fields they
 * do not know; for these Google takes skip_thought_signature_validator in its place. From
 * ai.google.dev/gemini-api/docs/thought-signatures and the same page of Vertex AI, 30 November 2026;
 * vercel/ai, packages/google (issue-16298-gemini3-parallel-tool-calls, captured on 21 July 2026).
 */

type Message = Turn["messages"][number];

/** What Google accepts in place of a signature. */
const NONE = { google: { thought_signature: "skip_thought_signature_validator" } };

/** The messages that a route is sent, where it needs it with a signature for each group of calls. */
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
