import { billableFields } from "../../prepare/billable_fields.ts";
import type { Route } from "../../turn_database.ts";
import { CHAT_FIELDS } from "./allowed_fields.ts";
import type { ChatBody } from "./schema.ts";

/** The tools that the caller runs. The others are hosted by the vendor and billed separately. */
const CALLERS_TOOLS: ReadonlySet<string> = new Set(["function", "custom"]);

/** The fields of a chat that a route is sent, see {@linkcode billableFields}. */
export function billableChatFields(
  route: Pick<Route, "credential" | "extra_fields">,
  body: Partial<ChatBody>,
): Record<string, unknown> {
  const tools = body.tools?.filter(({ type }) => CALLERS_TOOLS.has(type));
  if (route.credential === "own" || tools?.length === body.tools?.length) {
    return billableFields(route, body, CHAT_FIELDS);
  }
  // Whatever is said about tools may be about one that is gone.
  const { tools: _tools, tool_choice: _choice, parallel_tool_calls, ...rest } = body;
  if (!tools?.length) return billableFields(route, rest, CHAT_FIELDS);
  const kept = { ...rest, tools, ...parallel_tool_calls !== undefined && { parallel_tool_calls } };
  return billableFields(route, kept, CHAT_FIELDS);
}

/**
 * Keeps what a model may think within the limit of its answer, which is what is paid for. Without a
 * limit there is no budget to keep.
 */
export function boundThinking(sent: Record<string, unknown>, limit: number | null): void {
  for (const [field, budget] of [["thinking", "budget_tokens"], ["reasoning", "max_tokens"]]) {
    const value = sent[field!];
    if (limit === null || typeof value !== "object" || value === null) continue;
    const asked: unknown = Reflect.get(value, budget!);
    if (asked === undefined) continue;
    const bounded = typeof asked === "number" ? Math.min(asked, limit) : limit;
    sent[field!] = { ...value, [budget!]: bounded };
  }
}
