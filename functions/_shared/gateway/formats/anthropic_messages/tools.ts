import { isObject, objectIn } from "./blocks.ts";
import type { MessagesBody, Tool } from "./schema.ts";

/**
 * Tools that Anthropic's models know and the caller runs, by the beginning of their type. Any other
 * is taken for one that Anthropic runs itself, each use of which may be billed apart.
 */
const KNOWN = /^(bash|computer|memory|text_editor)_\d/;

/** How a tool is run: by the caller, as a function or as one that Anthropic's models know, or hosted. */
export function kindOf({ type }: Pick<Tool, "type">): "function" | "known" | "hosted" {
  if (!type || type === "custom") return "function";
  return KNOWN.test(type) ? "known" : "hosted";
}

/** The caller's functions, as OpenAI's chat has them. */
export function chatTools(tools: readonly Tool[]): object[] {
  return tools.filter((tool) => kindOf(tool) === "function")
    .map(({ name, description, input_schema, strict }) => ({
      type: "function",
      function: {
        name,
        ...typeof description === "string" && { description },
        parameters: input_schema ?? { type: "object", properties: {} },
        ...strict === true && { strict },
      },
    }));
}

/** A choice among them, as OpenAI's chat has it. */
export function chatToolChoice(choice: NonNullable<MessagesBody["tool_choice"]>): object {
  const parallel = choice.type !== "none" && choice.disable_parallel_tool_use === true;
  return {
    tool_choice: choice.type === "tool"
      ? { type: "function", function: { name: choice.name } }
      : choice.type === "any"
      ? "required"
      : choice.type,
    ...parallel && { parallel_tool_calls: false },
  };
}

/** Tools of OpenAI's chat as Anthropic's. */
export function messagesTools(tools: unknown): object[] {
  if (!Array.isArray(tools)) return [];
  return tools.filter(isObject).map(messagesTool).filter((tool) => tool !== null);
}

function messagesTool(tool: Record<string, unknown>): object | null {
  const mark = isObject(tool.cache_control) ? { cache_control: tool.cache_control } : {};
  if (tool.type === "custom") {
    const { name, description } = objectIn(tool, "custom");
    const input_schema = {
      type: "object",
      properties: { input: { type: "string" } },
      required: ["input"],
    };
    return { name, ...description ? { description } : {}, input_schema, ...mark };
  }
  if (tool.type !== "function") return null;
  const { name, description, parameters } = objectIn(tool, "function");
  const input_schema = isObject(parameters) ? { type: "object", ...parameters } : EMPTY;
  return { name, ...description ? { description } : {}, input_schema, ...mark };
}

const EMPTY = { type: "object", properties: {} };

/** A choice of OpenAI's chat as Anthropic's; null where none is needed. */
export function messagesToolChoice(choice: unknown, parallel: unknown): object | null {
  const alone = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === "none") return { type: "none" };
  if (choice === "required" || choice === "any") return { type: "any", ...alone };
  if (isObject(choice)) {
    const named = { ...objectIn(choice, "custom"), ...objectIn(choice, "function") };
    if (typeof named.name === "string") return { type: "tool", name: named.name, ...alone };
    if (objectIn(choice, "allowed_tools").mode === "required") return { type: "any", ...alone };
  }
  return parallel === false ? { type: "auto", ...alone } : null;
}
