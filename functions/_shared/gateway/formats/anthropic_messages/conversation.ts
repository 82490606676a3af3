import { withoutBillingHeader } from "../../quirks/billing_header.ts";
import { assistantBlocks, assistantMessage, type ChatMessage, contentBlocks } from "./assistant.ts";
import { isObject, isPiece, objectIn, partOf, type Piece } from "./blocks.ts";
import type { Message, MessagesBody, ToolResult } from "./schema.ts";

/** Converts a conversation in Anthropic's format to OpenAI's, the format that is stored. */
export function chatMessages(
  { system, messages }: Pick<MessagesBody, "system" | "messages">,
): ChatMessage[] {
  return [...instruction(system ?? []), ...messages.flatMap(chatMessagesOf)];
}

function instruction(content: string | readonly Piece[]): ChatMessage[] {
  const said = typeof content === "string" ? content : withoutBillingHeader(content).map(partOf);
  return said.length > 0 ? [{ role: "system", content: said }] : [];
}

function chatMessagesOf({ role, content }: Message): ChatMessage[] {
  if (role === "system") return instruction(content);
  if (role === "assistant") return [assistantMessage(content)];
  if (typeof content === "string") return [{ role, content }];
  const results = content.filter((block) => block.type === "tool_result");
  const rest = content.filter((block) => block.type !== "tool_result").map(partOf);
  return [...results.map(resultMessage), ...rest.length > 0 ? [{ role, content: rest }] : []];
}

/** Fields that a tool result of OpenAI lacks are kept in its first part. */
function resultMessage(result: ToolResult): ChatMessage {
  const { type: _type, tool_use_id: tool_call_id, content, ...rest } = result;
  const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  const parts = Array.isArray(content) ? content.map(partOf) : null;
  const usual = given.length === 0 && (parts === null || parts.length > 0);
  if (usual) return { role: "tool", tool_call_id, content: parts ?? content ?? "" };
  const about = { ...Object.fromEntries(given), ...parts === null && { is_text: true } };
  const [first = { type: "text", text: "" }, ...others] = parts ??
    [{ type: "text", text: content ?? "" }];
  const anthropic = { ...objectIn(first, "anthropic"), result: about };
  return { role: "tool", tool_call_id, content: [{ ...first, anthropic }, ...others] };
}

/** A conversation in the format of Anthropic's API. */
export interface Conversation {
  system?: string | Piece[];
  messages: { role: "user" | "assistant"; content: string | Piece[] }[];
}

/**
 * Converts a conversation from OpenAI's format to Anthropic's. Lossless for one that was converted
 * by {@linkcode chatMessages}.
 */
export function conversationOf(messages: readonly ChatMessage[]): Conversation {
  const instructions = messages.filter(isInstruction);
  const said = messages.filter((message) => !isInstruction(message)).map(saidIn)
    .filter(({ content }) => content.length > 0);
  const merged: Conversation["messages"] = [];
  for (const message of said) {
    const last = merged.at(-1);
    if (last?.role !== message.role) merged.push(message);
    else last.content = [...blocksIn(last.content), ...blocksIn(message.content)];
  }
  for (const message of merged) message.content = withResultsFirst(message.content);
  const [only, ...more] = instructions;
  const system = more.length === 0 && typeof only?.content === "string"
    ? only.content
    : instructions.flatMap(contentBlocks);
  return { ...system.length > 0 && { system }, messages: merged };
}

/**
 * Moves tool results to the front of a message and keeps one for each call, as Anthropic requires.
 * Clients of OpenAI's API may put text before a result, and may send a result twice.
 */
function withResultsFirst(content: string | Piece[]): string | Piece[] {
  if (typeof content === "string") return content;
  const results = content.filter(({ type }) => type === "tool_result");
  if (results.length === 0) return content;
  const latest = new Map(results.map((result) => [result.tool_use_id, result]));
  return [...latest.values(), ...content.filter(({ type }) => type !== "tool_result")];
}

function isInstruction({ role }: ChatMessage): boolean {
  return role === "system" || role === "developer";
}

function saidIn(message: ChatMessage): Conversation["messages"][number] {
  if (message.role === "assistant") {
    const { content, tool_calls, reasoning_details } = message;
    const isText = typeof content === "string" && !tool_calls && !reasoning_details;
    return { role: "assistant", content: isText ? content : assistantBlocks(message, false) };
  }
  if (message.role === "tool") return { role: "user", content: [resultBlock(message)] };
  const { content } = message;
  return { role: "user", content: typeof content === "string" ? content : contentBlocks(message) };
}

function resultBlock(message: ChatMessage): Piece {
  const { content, tool_call_id: tool_use_id } = message;
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  const result = isPiece(first) ? objectIn(objectIn(first, "anthropic"), "result") : {};
  const { is_text, ...rest } = result;
  const blocks = contentBlocks(withoutResult(message));
  const text = is_text === true && isPiece(first) ? first.text : content;
  const said = typeof text === "string" ? text : blocks;
  return {
    type: "tool_result",
    tool_use_id,
    ...said.length > 0 && { content: said },
    ...rest,
  };
}

function withoutResult(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (!Array.isArray(content)) return message;
  const parts = content.map((part: unknown) => {
    if (!isPiece(part) || !isObject(part.anthropic)) return part;
    const { result: _result, ...anthropic } = part.anthropic;
    return { ...part, anthropic };
  });
  return { ...message, content: parts };
}

function blocksIn(content: string | Piece[]): Piece[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}
