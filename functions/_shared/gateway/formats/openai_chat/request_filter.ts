import { billableFields } from "../../prepare/billable_fields.ts";
import { THINKING_BUDGETS } from "../../quirks/extra_fields.ts";
import type { Route } from "../../turn_database.ts";
import { CHAT_FIELDS } from "./allowed_fields.ts";
import type { ChatBody } from "./schema.ts";

/** The tools that the caller runs. The others are hosted by the vendor and billed separately. */
const CALLERS_TOOLS: ReadonlySet<string> = new Set(["function", "custom"]);

/** Choices that do not name a tool. */
const MODES: ReadonlySet<unknown> = new Set(["none", "auto", "required", "any"]);

/** The fields of a chat that a route is sent, see {@linkcode billableFields}. */
export function billableChatFields(
  route: Pick<Route, "credential" | "extra_fields">,
  body: Partial<ChatBody>,
): Record<string, unknown> {
  if (route.credential === "own") return billableFields(route, body, CHAT_FIELDS);
  const { tools: asked, tool_choice, parallel_tool_calls, ...rest } = body;
  const tools = asked?.filter(({ type }) => CALLERS_TOOLS.has(type));
  const isWhole = tools?.length === asked?.length;
  const sent = {
    ...rest,
    ...(isWhole || tools?.length) && { tools, parallel_tool_calls },
    // Fields about tools may refer to one that was removed.
    ...isWhole && choosesAmong(namesOf(tools), tool_choice) && { tool_choice },
  };
  const given = Object.entries(sent).filter(([, value]) => value !== undefined);
  return billableFields(route, Object.fromEntries(given), CHAT_FIELDS);
}

/** The names of the tools that the caller runs. */
function namesOf(tools: unknown): unknown[] {
  if (!Array.isArray(tools)) return [];
  return tools.map((tool) => nameIn(tool));
}

/**
 * The name of a tool, in a definition or a choice: beside its type, or in the object named after
 * that.
 */
function nameIn(tool: unknown): unknown {
  if (typeof tool !== "object" || tool === null) return undefined;
  return nameIn(Reflect.get(tool, String(Reflect.get(tool, "type")))) ?? Reflect.get(tool, "name");
}

/** Whether a choice is a mode, or names tools that are sent. Others may refer to a hosted tool. */
function choosesAmong(names: readonly unknown[], choice: unknown): boolean {
  if (typeof choice !== "object" || choice === null) return choice === null || MODES.has(choice);
  const type: unknown = Reflect.get(choice, "type");
  if (type === "allowed_tools") {
    const among: unknown = Reflect.get(choice, type);
    const allowed: unknown = Reflect.get(Object(among), "tools");
    return Array.isArray(allowed) && namesOf(allowed).every((name) => names.includes(name));
  }
  if (type !== undefined && !CALLERS_TOOLS.has(String(type))) return MODES.has(type);
  return names.includes(nameIn(choice) ?? null);
}

/**
 * Limits reasoning to the limit of the answer, for which the cost is reserved. Without a limit,
 * nothing is changed.
 */
export function boundThinking(sent: Record<string, unknown>, limit: number | null): void {
  for (const { field, budget } of THINKING_BUDGETS) {
    const value = sent[field];
    if (limit === null || typeof value !== "object" || value === null) continue;
    const asked: unknown = Reflect.get(value, budget);
    if (asked === undefined) continue;
    const bounded = typeof asked === "number" ? Math.min(asked, limit) : limit;
    sent[field] = { ...value, [budget]: bounded };
  }
}
