import { fieldsFor } from "../_shared/turn/fields_for.ts";
import type { Route } from "../_shared/turn/database.ts";
import type { ChatBody } from "./schema.ts";

/** What only shapes an answer. */
const HARMLESS: ReadonlySet<string> = new Set([
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "top_a",
  "min_p",
  "seed",
  "stop",
  "n",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "functions",
  "function_call",
  "response_format",
  "structured_outputs",
  "verbosity",
  "reasoning",
  "reasoning_effort",
  "include_reasoning",
  "user",
  "safety_identifier",
  "prompt_cache_key",
]);

/** The tools that the caller runs. Others the vendor runs, at a price of their own. */
const CALLERS_TOOLS: ReadonlySet<string> = new Set(["function", "custom"]);

/** The fields of a chat that a route is sent, see {@linkcode fieldsFor}. */
export function chatFieldsFor(route: Route, body: Partial<ChatBody>): Record<string, unknown> {
  const fields = fieldsFor(route, body, HARMLESS);
  if (route.credential === "own" || !body.tools) return fields;
  const tools = body.tools.filter(({ type }) => CALLERS_TOOLS.has(type));
  if (tools.length === body.tools.length) return fields;
  // Whatever is said about tools may be about one that is gone.
  const { tool_choice: _choice, ...rest } = fields;
  if (tools.length > 0) return { ...rest, tools };
  const { tools: _tools, parallel_tool_calls: _parallel, ...others } = rest;
  return others;
}
