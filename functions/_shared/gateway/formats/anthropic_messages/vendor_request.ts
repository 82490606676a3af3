import { ApiError } from "../../../core/errors.ts";
import type { Route } from "../../turn_database.ts";
import type { ChatMessage } from "./assistant.ts";
import { blockOf, isObject, isPiece, objectIn, type Piece } from "./blocks.ts";
import { type Conversation, conversationOf } from "./conversation.ts";
import { messagesToolChoice, messagesTools } from "./tools.ts";

/** `max_tokens` of a request without a limit, as Anthropic requires one. */
const DEFAULT_LIMIT = 8192;

/** Thinking budgets in tokens, by OpenAI's `reasoning_effort`. */
const BUDGETS: ReadonlyMap<unknown, number> = new Map([
  ["low", 1024],
  ["medium", 4096],
  ["high", 16_384],
  ["xhigh", 32_768],
  ["max", 32_768],
]);

/** The smallest thinking budget that Anthropic accepts, in tokens. */
const MIN_BUDGET = 1024;

/**
 * Fields with the same name in both APIs; then Anthropic's fields that are sent only with a key of
 * the caller's own.
 */
const SHARED_FIELDS = ["model", "stream", "temperature", "top_p", "top_k"] as const;
const OWN_FIELDS = [
  "thinking",
  "output_config",
  "context_management",
  "container",
  "mcp_servers",
] as const;

/** The most cache breakpoints that Anthropic accepts in a prompt. */
const MAX_CACHE_MARKS = 4;

/**
 * Converts a request from OpenAI's chat format to Anthropic's messages, see {@linkcode acceptable}.
 *
 * @param sent The body for the route in OpenAI's chat format.
 * @throws {ApiError} 400 `content_not_supported` for content that Anthropic's API does not support.
 */
export function messagesRequest(
  sent: Record<string, unknown>,
  route: Pick<Route, "max_tokens_field" | "max_output_tokens">,
): Record<string, unknown> {
  // SAFETY: `upstreamBody` writes the messages of the turn, which are objects with a role.
  const messages = sent.messages as ChatMessage[];
  assertKnownParts(messages);
  const limit = sent[route.max_tokens_field];
  const max_tokens = typeof limit === "number" ? limit : route.max_output_tokens ?? DEFAULT_LIMIT;
  const tools = messagesTools(sent.tools);
  const choice = messagesToolChoice(sent.tool_choice, sent.parallel_tool_calls);
  const stops = typeof sent.stop === "string" ? [sent.stop] : sent.stop;
  const format = objectIn(sent, "response_format");
  const schema = objectIn(format, "json_schema").schema;
  const request: Record<string, unknown> = {
    ...pick(sent, SHARED_FIELDS),
    max_tokens,
    ...withPlainIds(conversationOf(messages)),
    ...tools.length > 0 && { tools, ...choice && { tool_choice: choice } },
    ...Array.isArray(stops) && stops.length > 0 && { stop_sequences: stops.filter(saysSomething) },
    ...schema !== undefined && { output_config: { format: { type: "json_schema", schema } } },
    ...typeof sent.user === "string" && { metadata: { user_id: sent.user } },
    ...thinkingFor(sent.reasoning_effort, max_tokens),
    ...pick(sent, OWN_FIELDS),
  };
  return request;
}

function saysSomething(stop: unknown): boolean {
  return typeof stop === "string" && stop.trim() !== "";
}

function pick(from: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((field) => [field, from[field]]).filter(([, value]) => value != null),
  );
}

function thinkingFor(effort: unknown, max_tokens: number): object {
  const budget = Math.min(BUDGETS.get(effort) ?? 0, max_tokens - 1);
  return budget < MIN_BUDGET ? {} : { thinking: { type: "enabled", budget_tokens: budget } };
}

/**
 * Removes what Anthropic's API would refuse: excess cache breakpoints, sampling parameters together
 * with thinking, and `top_p` beside `temperature`. Thinking stays off while the model answers tool
 * calls that it made without thinking.
 */
export function acceptable(request: Record<string, unknown>): Record<string, unknown> {
  const { temperature, top_p, top_k, thinking, ...rest } = withoutExcessMarks(request);
  const { type } = objectIn(request, "thinking");
  const thinks = (type === "enabled" || type === "adaptive") &&
    !callsWithoutThought(request.messages);
  if (thinks) return { ...rest, thinking };
  return {
    ...rest,
    ...thinking !== undefined && type === "disabled" && { thinking },
    ...typeof temperature === "number" && { temperature: Math.min(temperature, 1) },
    ...typeof temperature !== "number" && top_p !== undefined && { top_p },
    ...top_k !== undefined && { top_k },
  };
}

/** Whether the conversation ends with the results of calls that the model made without thinking. */
function callsWithoutThought(messages: unknown): boolean {
  if (!Array.isArray(messages)) return false;
  const [answer, results] = messages.slice(-2);
  const isResult = Array.isArray(results?.content) && results.content.some(isOf("tool_result"));
  if (!isResult || answer?.role !== "assistant" || !Array.isArray(answer.content)) return false;
  return !answer.content.some(isOf("thinking")) && !answer.content.some(isOf("redacted_thinking"));
}

const isOf = (type: string) => (block: unknown) => isPiece(block) && block.type === type;

function assertKnownParts(messages: readonly ChatMessage[]): void {
  for (const { content } of messages) {
    if (!Array.isArray(content)) continue;
    for (const part of content) {
      if (isPiece(part) && blockOf(part)) continue;
      const type = isObject(part) ? String(part.type).slice(0, 50) : typeof part;
      throw new ApiError(
        "content_not_supported",
        `Cannot send a part of type "${type}" to this model's vendor: its API does not support it. Send text, images (data:image/… or https://…) or documents (data:application/pdf…), or choose another model.`,
        { param: "messages" },
      );
    }
  }
}

/** Call ids of other vendors may contain characters that Anthropic refuses. */
function withPlainIds(conversation: Conversation): Conversation {
  const plain = (id: unknown) => String(id).replaceAll(/[^A-Za-z0-9_-]/g, "_");
  const messages = mapBlocks(conversation.messages, (block) => {
    if (block.type === "tool_use") return { ...block, id: plain(block.id) };
    return block.type === "tool_result"
      ? { ...block, tool_use_id: plain(block.tool_use_id) }
      : block;
  });
  return { ...conversation, messages };
}

/**
 * Clients move their cache breakpoints with every request, but a stored conversation keeps all of
 * them.
 */
function withoutExcessMarks(request: Record<string, unknown>): Record<string, unknown> {
  // SAFETY: `messagesRequest` writes them.
  const messages = request.messages as Conversation["messages"];
  const fixed = [request.tools, request.system, [request]].filter((list) => Array.isArray(list));
  let surplus = fixed.flat().filter(isMarked).length - MAX_CACHE_MARKS;
  for (const { content } of messages) {
    if (typeof content !== "string") surplus += content.filter(isMarked).length;
  }
  if (surplus <= 0) return request;
  // The last breakpoints are those of the current request.
  return {
    ...request,
    messages: mapBlocks(messages, (block) => {
      if (!isMarked(block) || surplus-- <= 0) return block;
      const { cache_control: _mark, type, ...rest } = block;
      return { type, ...rest };
    }),
  };
}

function isMarked(value: unknown): boolean {
  return isObject(value) && isObject(value.cache_control);
}

function mapBlocks(
  messages: Conversation["messages"],
  change: (block: Piece) => Piece,
): Conversation["messages"] {
  return messages.map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? content : content.map(change),
  }));
}
