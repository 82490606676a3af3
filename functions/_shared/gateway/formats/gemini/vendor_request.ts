import { takesCallIds } from "../../quirks/gemini_call_ids.ts";
import type { Route } from "../../turn_database.ts";
import type { ChatMessage } from "../anthropic_messages/assistant.ts";
import { isObject, objectIn } from "../anthropic_messages/blocks.ts";
import { contentsOf } from "./contents.ts";

/** Gemini's names of generation parameters. */
const SETTINGS: Readonly<Record<string, string>> = {
  temperature: "temperature",
  top_p: "topP",
  top_k: "topK",
  seed: "seed",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
};

/*
 * OpenAI's `reasoning_effort` is translated to thinking budgets for Gemini 2.5, as Google's
 * OpenAI-compatible API does ("OpenAI compatibility", ai.google.dev/gemini-api/docs/openai), levels
 * for Gemini 3 and later, which refuse both at once ("You can only set only one of thinking budget
 * and thinking level", vercel/ai issue-22372-live-errors, 9 October 2026) and always think.
 * Thinking cannot be turned off for 2.5 Pro; its smallest budget is 128 tokens ("Gemini thinking",
 * ai.google.dev/gemini-api/docs/thinking).
 *
 * The lowest level is "minimal" for Flash up to 3.6 and for Flash-Lite; other models answer 400
 * "Thinking level MINIMAL is not supported for this model" (3.1 Pro and 3.7 Flash: vercel/ai,
 * packages/google, google-gemini-3.7-flash-thinking-levels, 2026). 3 Pro has no level "medium"
 * ("Gemini 3", ai.google.dev).
 */

/** Thinking budgets of Gemini 2.5 in tokens, by `reasoning_effort`. */
const BUDGETS: ReadonlyMap<unknown, number> = new Map([
  ["none", 0],
  ["minimal", 1024],
  ["low", 1024],
  ["medium", 8192],
  ["high", 24_576],
  ["xhigh", 24_576],
  ["max", 24_576],
]);

/** The smallest thinking budget of Gemini 2.5 Pro, in tokens. */
const LEAST_OF_PRO = 128;

/** Models with the thinking level "minimal". */
const MINIMAL = /gemini-3(\.\d+)?-flash-lite|gemini-3(\.[0-6])?-flash(?!-lite)/;

/** Models without the thinking level "medium". */
const WITHOUT_MEDIUM = /gemini-3-pro/;

/** Gemini's own fields that are sent only with a key of the caller's own. */
const OWN_FIELDS = ["safetySettings", "cachedContent"] as const;

/**
 * Converts a request from OpenAI's chat format to Gemini's. `model` and `stream`, which Gemini
 * expects in the URL, are kept as fields until the call.
 *
 * @param sent The body for the route in OpenAI's chat format.
 * @throws {ApiError} 400 `content_not_supported` for content that Gemini's API does not support.
 */
export function geminiRequest(
  sent: Record<string, unknown>,
  route: Pick<Route, "max_tokens_field" | "base_url">,
): Record<string, unknown> {
  // SAFETY: `upstreamBody` writes the messages of the turn, which are objects with a role.
  const messages = sent.messages as ChatMessage[];
  const generationConfig = configOf(sent, sent[route.max_tokens_field]);
  return {
    model: sent.model,
    ...sent.stream !== undefined && { stream: sent.stream },
    ...contentsOf(messages, takesCallIds(route)),
    ...toolsOf(sent.tools, sent.tool_choice),
    ...Object.keys(generationConfig).length > 0 && { generationConfig },
    ...Object.fromEntries(
      OWN_FIELDS.flatMap((field) => sent[field] === undefined ? [] : [[field, sent[field]]]),
    ),
  };
}

function configOf(sent: Record<string, unknown>, limit: unknown): Record<string, unknown> {
  const named = Object.entries(SETTINGS)
    .flatMap(([field, name]) => sent[field] == null ? [] : [[name, sent[field]]]);
  const stops = typeof sent.stop === "string" ? [sent.stop] : sent.stop;
  const format = objectIn(sent, "response_format");
  const { schema } = objectIn(format, "json_schema");
  const thinkingConfig = thinkingFor(sent.reasoning_effort, String(sent.model));
  return {
    ...Object.fromEntries(named),
    ...typeof limit === "number" && { maxOutputTokens: limit },
    ...Array.isArray(stops) && stops.length > 0 && { stopSequences: stops },
    ...(format.type === "json_object" || schema !== undefined) &&
      { responseMimeType: "application/json" },
    ...schema !== undefined && { responseJsonSchema: schema },
    ...thinkingConfig && { thinkingConfig },
  };
}

function thinkingFor(effort: unknown, model: string): object | null {
  const budget = BUDGETS.get(effort);
  if (budget === undefined) return null;
  const includeThoughts = effort !== "none";
  if (/gemini-[3-9]/.test(model)) return { thinkingLevel: levelOf(effort, model), includeThoughts };
  const least = /gemini-2\.5-pro/.test(model) ? LEAST_OF_PRO : 0;
  return { thinkingBudget: Math.max(budget, least), includeThoughts };
}

function levelOf(effort: unknown, model: string): string {
  if (effort === "low") return "low";
  if (effort === "none" || effort === "minimal") return MINIMAL.test(model) ? "minimal" : "low";
  return effort === "medium" && !WITHOUT_MEDIUM.test(model) ? "medium" : "high";
}

function toolsOf(tools: unknown, choice: unknown): object {
  const functions = Array.isArray(tools) ? tools.filter(isObject).map(declarationOf) : [];
  const functionDeclarations = functions.filter((one) => one !== null);
  if (functionDeclarations.length === 0) return {};
  const functionCallingConfig = choiceOf(choice);
  return {
    tools: [{ functionDeclarations }],
    ...functionCallingConfig && { toolConfig: { functionCallingConfig } },
  };
}

function declarationOf(tool: Record<string, unknown>): object | null {
  if (tool.type !== "function") return null;
  const { name, description, parameters } = objectIn(tool, "function");
  return {
    name,
    ...typeof description === "string" && { description },
    ...isObject(parameters) && { parametersJsonSchema: parameters },
  };
}

function choiceOf(choice: unknown): object | null {
  if (choice === "none" || choice === "auto") return { mode: choice.toUpperCase() };
  if (choice === "required") return { mode: "ANY" };
  const { name } = isObject(choice) ? objectIn(choice, "function") : {};
  return name === undefined ? null : { mode: "ANY", allowedFunctionNames: [name] };
}
