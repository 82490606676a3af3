import { fieldsFor } from "../_shared/gateway/fields_for.ts";
import type { Route } from "../_shared/gateway/turn_database.ts";
import type { ChatBody } from "./schema.ts";

/** The tools that the caller runs. Others the vendor runs, at a price of their own. */
const CALLERS_TOOLS: ReadonlySet<string> = new Set(["function", "custom"]);

/** The fields of a chat that a route is sent, see {@linkcode fieldsFor}. */
export function chatFieldsFor(route: Route, body: Partial<ChatBody>): Record<string, unknown> {
  const fields = fieldsFor(route, body);
  if (route.credential === "own" || !body.tools) return fields;
  const tools = body.tools.filter(({ type }) => CALLERS_TOOLS.has(type));
  if (tools.length === body.tools.length) return fields;
  // Whatever is said about tools may be about one that is gone.
  const { tool_choice: _choice, ...rest } = fields;
  if (tools.length > 0) return { ...rest, tools };
  const { tools: _tools, parallel_tool_calls: _parallel, ...others } = rest;
  return others;
}
