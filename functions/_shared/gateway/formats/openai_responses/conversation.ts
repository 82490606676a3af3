import { ApiError } from "../../../core/errors.ts";
import { carriedIn } from "./encrypted_content.ts";
import { chatContent, isPart, itemContent, type Part } from "./parts.ts";
import type { InputItem } from "./schema.ts";
import { flatName, type ToolNames } from "./tools.ts";

/** A message in OpenAI's chat format, the format that is stored. */
export type ChatMessage = Record<string, unknown> & { role: string };

/** A tool call in a message. */
export interface ChatCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
  extra_content?: unknown;
}

/** An answer that is being assembled from its items. */
interface Group {
  content: string | Part[] | null;
  calls: ChatCall[];
  carried: string | null;
}

/**
 * Converts an input to messages in OpenAI's chat format. Reasoning, text and calls of the model
 * that belong together become one message, directly followed by the results of the calls.
 *
 * @throws {ApiError} 400 that names the item at fault in `param`.
 */
export function chatMessages(input: string | readonly InputItem[]): ChatMessage[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const messages: ChatMessage[] = [];
  let group: Group | null = null;
  /**
   * Reasoning that belongs to the next item, or to the previous ones if no item of the model
   * follows.
   */
  let thought: string | null = null;

  function close(): void {
    if (group) messages.push(messageOf({ ...group, carried: group.carried ?? thought }));
    [group, thought] = [null, null];
  }

  function answerFor(field: "content" | "calls"): Group {
    if (group && (thought !== null || (field === "content" && group.content !== null))) {
      const next = thought;
      thought = null;
      close();
      thought = next;
    }
    group ??= { content: null, calls: [], carried: null };
    group.carried ??= thought;
    thought = null;
    return group;
  }

  input.forEach((item, at) => {
    const path = `input[${at}]`;
    if (item.type === "reasoning") {
      thought = item.encrypted_content ?? thought;
    } else if (item.type === "function_call" || item.type === "custom_tool_call") {
      answerFor("calls").calls.push(callOf(item));
    } else if (item.type === "message" && item.role === "assistant") {
      answerFor("content").content = contentOf(item.content, path);
    } else if (item.type === "message") {
      close();
      messages.push({ role: item.role, content: contentOf(item.content, path) });
    } else if (item.type !== "item_reference") {
      close();
      messages.push(...outputOf(item.call_id, item.output, path));
    }
  });
  close();
  return inOrder(messages);
}

function contentOf(content: string | readonly Part[], path: string): string | Part[] {
  const said = chatContent(content, `${path}.content`);
  return said.length === 0 ? "" : said;
}

function callOf(item: InputItem & { type: "function_call" | "custom_tool_call" }): ChatCall {
  const text = item.type === "custom_tool_call"
    ? JSON.stringify({ input: item.input })
    : item.arguments || "{}";
  const name = flatName(item.name, item.namespace);
  return { id: item.call_id, type: "function", function: { name, arguments: text } };
}

function messageOf({ content, calls, carried }: Group): ChatMessage {
  const kept = carriedIn(carried);
  const tool_calls = calls.map((call) => {
    const extra_content = kept?.calls[call.id];
    return extra_content === undefined ? call : { ...call, extra_content };
  });
  return {
    role: "assistant",
    content: content === "" && calls.length > 0 ? null : content,
    ...tool_calls.length > 0 && { tool_calls },
    ...kept && { continuation: { vendor_id: kept.vendor, message: kept.message } },
  };
}

/** The result of a call. It can hold only text; images follow in a user message. */
function outputOf(id: string, output: string | readonly Part[], path: string): ChatMessage[] {
  const content = chatContent(output, `${path}.output`);
  if (typeof content === "string") return [{ role: "tool", tool_call_id: id, content }];
  const texts = content.filter(({ type }) => type === "text").map(({ text }) => String(text));
  const shown = content.filter(({ type }) => type !== "text");
  const result = { role: "tool", tool_call_id: id, content: texts.join("\n") };
  return shown.length > 0 ? [result, { role: "user", content: shown }] : [result];
}

/** Moves the results of calls directly behind their calls, as the chat format requires. */
function inOrder(messages: readonly ChatMessage[]): ChatMessage[] {
  const moved = new Set<ChatMessage>();
  return messages.flatMap((message, at) => {
    if (moved.has(message)) return [];
    const ids = idsOf(message);
    if (ids.length === 0) return [message];
    const results = messages.slice(at + 1).filter((later) =>
      later.role === "tool" && !moved.has(later) && ids.includes(later.tool_call_id)
    );
    for (const result of results) moved.add(result);
    return [message, ...results];
  });
}

function idsOf({ tool_calls }: ChatMessage): unknown[] {
  return Array.isArray(tool_calls) ? tool_calls.map((call) => Reflect.get(call, "id")) : [];
}

/**
 * Checks a complete conversation for calls without a result and results without a call, which some
 * vendors refuse and others misinterpret.
 *
 * @throws {ApiError} 400 that names the call.
 */
export function assertPaired(messages: readonly ChatMessage[]): void {
  const called = new Set(messages.flatMap(idsOf));
  const answered = new Set(
    messages.flatMap(({ role, tool_call_id }) => role === "tool" ? [tool_call_id] : []),
  );
  for (const id of answered) {
    if (!called.has(id)) throw unpaired(`No tool call found for function call output with`, id);
  }
  for (const id of called) {
    if (!answered.has(id)) throw unpaired("No tool output found for function call with", id);
  }
}

function unpaired(sentence: string, id: unknown): ApiError {
  return new ApiError("invalid_value", `${sentence} call_id ${String(id).slice(0, 100)}.`, {
    param: "input",
  });
}

/**
 * Converts a stored message to input items.
 *
 * @param id Gives the id of an item by its prefix and number.
 * @param names The tools of the request, which tell custom tools and namespaces.
 */
export function itemsOf(
  message: ChatMessage,
  id: (prefix: string, at?: number) => string,
  names: ToolNames,
): Record<string, unknown>[] {
  const { role, content, tool_calls, tool_call_id } = message;
  if (role === "tool") {
    const output = typeof content === "string" ? content : itemContent(content, "user");
    const isCustom = typeof message.name === "string" && names.get(message.name)?.isCustom;
    const type = isCustom ? "custom_tool_call_output" : "function_call_output";
    return [{ id: id("fco"), type, call_id: tool_call_id, output, status: "completed" }];
  }
  const said = itemContent(content, role).filter((part) =>
    part.text !== "" || role !== "assistant"
  );
  const items: Record<string, unknown>[] = said.length === 0
    ? []
    : [{ id: id("msg"), type: "message", role, status: "completed", content: said }];
  const calls = Array.isArray(tool_calls) ? tool_calls.filter(isPart) : [];
  return [...items, ...calls.map((call, at) => callItem(call, (prefix) => id(prefix, at), names))];
}

/** Converts a tool call to an item. */
function callItem(
  call: Record<string, unknown>,
  id: (prefix: string) => string,
  names: ToolNames,
): Record<string, unknown> {
  const called: unknown = call.function;
  const { name = "", arguments: text = "" } = typeof called === "object" && called
    ? Object.fromEntries(Object.entries(called))
    : {};
  const known = names.get(String(name)) ?? { name, namespace: null, isCustom: false };
  const about = {
    call_id: call.id,
    name: known.name,
    ...known.namespace !== null && { namespace: known.namespace },
    status: "completed",
  };
  if (!known.isCustom) {
    return { id: id("fc"), type: "function_call", ...about, arguments: String(text) || "{}" };
  }
  return { id: id("ctc"), type: "custom_tool_call", ...about, input: customInput(String(text)) };
}

/**
 * The input of a custom tool: its only argument, or the whole text if the model did not write that
 * argument.
 */
export function customInput(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const input: unknown = typeof value === "object" && value && Reflect.get(value, "input");
    return typeof input === "string" ? input : text;
  } catch {
    return text;
  }
}
