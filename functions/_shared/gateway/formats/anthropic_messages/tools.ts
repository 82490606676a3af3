import { isObject, objectIn } from "./blocks.ts";
import type { MessagesBody, Tool } from "./schema.ts";

/**
 * Tools that Anthropic defines and the caller runs, by the prefix of their type. Any other is
 * treated as hosted by Anthropic, which may bill each use separately.
 */
const KNOWN = /^(bash|computer|memory|text_editor)_\d/;

/**
 * How a tool is run: by the caller, as a `function` or as a tool that Anthropic defines (`known`),
 * or by the vendor (`hosted`).
 */
export function kindOf({ type }: Pick<Tool, "type">): "function" | "known" | "hosted" {
  if (!type || type === "custom") return "function";
  return KNOWN.test(type) ? "known" : "hosted";
}

/** The caller's functions, in OpenAI's chat format. */
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

/** Converts a tool choice to OpenAI's chat format. */
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

/** Converts tools from OpenAI's chat format to Anthropic's. */
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

/** Converts a tool choice from OpenAI's chat format to Anthropic's; null if none is needed. */
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
