import { ApiError } from "../../../core/errors.ts";
import type { ResponsesBody, ResponsesTool } from "./schema.ts";

/*
 * Converts tools to OpenAI's chat format. A custom tool becomes a function with a single string
 * parameter, and the name of a tool in a namespace is prefixed with it, as most vendors support
 * neither. Hosted tools (web_search, file_search, code_interpreter, image_generation, mcp, …) are
 * left out, for clients send them with every request, unless the request depends on them.
 */

/** The name of a tool as the client knows it. */
export interface ToolName {
  name: string;
  namespace: string | null;
  isCustom: boolean;
}

/** The tools of a request by the names that the model is given. */
export type ToolNames = ReadonlyMap<string, ToolName>;

/** The parameters of a function that stands for a custom tool. */
const ONE_TEXT = {
  type: "object",
  properties: { input: { type: "string" } },
  required: ["input"],
  additionalProperties: false,
};

/** Prefixes of `include` values that ask for results of hosted tools. */
const HOSTED_RESULTS = /^(web_search|file_search|code_interpreter|computer)_call/;

/** The name under which the model knows a tool. */
export function flatName(name: string, namespace: string | null | undefined): string {
  return namespace ? `${namespace}__${name}` : name;
}

/** The tools that the caller runs, by the names that the model is given. */
export function toolNames(tools: readonly ResponsesTool[] | null | undefined): ToolNames {
  const names = new Map<string, ToolName>();
  for (const { tool, namespace } of callersTools(tools)) {
    const name = String(tool.name);
    names.set(flatName(name, namespace), { name, namespace, isCustom: tool.type === "custom" });
  }
  return names;
}

/** Defines a tool as a function in OpenAI's chat format. */
function chatTool(tool: ResponsesTool, namespace: string | null) {
  const name = flatName(String(tool.name), namespace);
  const { description, strict } = tool;
  const parameters = tool.type === "custom"
    ? ONE_TEXT
    : tool.parameters ?? { type: "object", properties: {} };
  return {
    type: "function",
    function: {
      name,
      ...typeof description === "string" && { description },
      parameters,
      ...typeof strict === "boolean" && { strict },
    },
  };
}

/** A tool that the caller runs, and the namespace that it is in. */
interface CallersTool {
  tool: ResponsesTool;
  namespace: string | null;
}

function callersTools(tools: readonly ResponsesTool[] | null | undefined): CallersTool[] {
  return (tools ?? []).flatMap((tool): CallersTool[] => {
    if (tool.type !== "namespace") {
      const isCallers = (tool.type === "function" || tool.type === "custom") && tool.name;
      return isCallers ? [{ tool, namespace: null }] : [];
    }
    const within = Array.isArray(tool.tools) ? tool.tools.filter(isTool) : [];
    const namespace = String(tool.name);
    return within.filter(({ name }) => name).map((tool) => ({ tool, namespace }));
  });
}

function isTool(value: unknown): value is ResponsesTool {
  return typeof value === "object" && value !== null && "type" in value &&
    (value.type === "function" || value.type === "custom");
}

/**
 * The fields of a request about tools, in OpenAI's chat format.
 *
 * @throws {ApiError} 400 if the request depends on a hosted tool.
 */
export function chatTools(
  { tools: asked, tool_choice, parallel_tool_calls, include }: ResponsesBody,
): Record<string, unknown> {
  const hosted = include?.findIndex((name) => HOSTED_RESULTS.test(name)) ?? -1;
  if (hosted >= 0) throw hostedTool(`include[${hosted}]`, include?.[hosted]?.split("_call")[0]);
  const names = toolNames(asked);
  const choice = chosen(tool_choice, names);
  const tools = callersTools(asked)
    .map(({ tool, namespace }) => chatTool(tool, namespace))
    .filter(({ function: { name } }) => choice.only?.has(name) ?? true);
  if (tools.length === 0) {
    if (choice.value === "required") throw hostedTool("tool_choice", "required");
    return {};
  }
  return {
    tools,
    ...choice.value !== undefined && { tool_choice: choice.value },
    ...parallel_tool_calls != null && { parallel_tool_calls },
  };
}

/**
 * A parsed tool choice: the `tool_choice` for the model, and the only tools that it may use; absent
 * for all.
 */
interface Choice {
  value?: unknown;
  only?: ReadonlySet<string>;
}

function chosen(choice: ResponsesBody["tool_choice"], names: ToolNames): Choice {
  if (choice == null) return {};
  if (typeof choice === "string") return { value: choice };
  if (choice.type === "allowed_tools") {
    const listed = Array.isArray(choice.tools) ? choice.tools.map(nameIn) : [];
    const only = new Set(listed.filter((name) => names.has(name)));
    const value = choice.mode === "required" ? "required" : "auto";
    return { value, only };
  }
  const name = nameIn(choice);
  if (choice.type !== "function" && choice.type !== "custom") {
    throw hostedTool("tool_choice", choice.type);
  }
  if (!names.has(name)) {
    throw new ApiError(
      "invalid_value",
      `Cannot use "tool_choice": the request has no tool named "${name.slice(0, 100)}".`,
      { param: "tool_choice" },
    );
  }
  return { value: { type: "function", function: { name } } };
}

function nameIn(tool: unknown): string {
  if (typeof tool !== "object" || tool === null) return "";
  const namespace: unknown = Reflect.get(tool, "namespace");
  const name: unknown = Reflect.get(tool, "name");
  return flatName(
    typeof name === "string" ? name : "",
    typeof namespace === "string" ? namespace : null,
  );
}

function hostedTool(param: string, type: string | undefined): ApiError {
  return new ApiError(
    "content_not_supported",
    `Cannot use "${param}": it needs a tool that the vendor runs (${
      type?.slice(0, 50)
    }), which is not available here. Omit it, or offer a function of your own.`,
    { param },
  );
}
