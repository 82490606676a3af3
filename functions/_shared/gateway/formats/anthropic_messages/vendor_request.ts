import { ApiError } from "../../../core/errors.ts";
import type { Route } from "../../turn_database.ts";
import type { ChatMessage } from "./assistant.ts";
import { blockOf, isObject, isPiece, objectIn, type Piece } from "./blocks.ts";
import { type Conversation, conversationOf } from "./conversation.ts";
import { messagesToolChoice, messagesTools } from "./tools.ts";

/** Anthropic refuses a request without a limit. */
const USUAL_LIMIT = 8192;

/** Tokens that a model may think for each effort that OpenAI's clients ask for. */
const BUDGETS: ReadonlyMap<unknown, number> = new Map([
  ["low", 1024],
  ["medium", 4096],
  ["high", 16_384],
  ["xhigh", 32_768],
  ["max", 32_768],
]);

/** Anthropic takes no fewer. */
const LEAST_BUDGET = 1024;

/** Fields that both APIs call the same, and those of Anthropic's that a caller's own key buys. */
const SAME = ["model", "stream", "temperature", "top_p", "top_k"] as const;
const OWN = [
  "thinking",
  "output_config",
  "context_management",
  "container",
  "mcp_servers",
] as const;

/** Marks in a prompt where Anthropic may cache it; it refuses more. */
const MOST_MARKS = 4;

/**
 * Writes a request of OpenAI's chat as one of Anthropic's messages, see {@linkcode acceptable}.
 *
 * @param sent A chat as the route may be sent it.
 * @throws {ApiError} 400 `content_not_supported` for content that Anthropic's API does not have.
 */
export function messagesRequest(
  sent: Record<string, unknown>,
  route: Pick<Route, "max_tokens_field" | "max_output_tokens">,
): Record<string, unknown> {
  // SAFETY: `upstreamBody` writes the messages of the turn, which are objects with a role.
  const messages = sent.messages as ChatMessage[];
  assertKnownParts(messages);
  const limit = sent[route.max_tokens_field];
  const max_tokens = typeof limit === "number" ? limit : route.max_output_tokens ?? USUAL_LIMIT;
  const tools = messagesTools(sent.tools);
  const choice = messagesToolChoice(sent.tool_choice, sent.parallel_tool_calls);
  const stops = typeof sent.stop === "string" ? [sent.stop] : sent.stop;
  const format = objectIn(sent, "response_format");
  const schema = objectIn(format, "json_schema").schema;
  const request: Record<string, unknown> = {
    ...pick(sent, SAME),
    max_tokens,
    ...withPlainIds(conversationOf(messages)),
    ...tools.length > 0 && { tools, ...choice && { tool_choice: choice } },
    ...Array.isArray(stops) && stops.length > 0 && { stop_sequences: stops.filter(saysSomething) },
    ...schema !== undefined && { output_config: { format: { type: "json_schema", schema } } },
    ...typeof sent.user === "string" && { metadata: { user_id: sent.user } },
    ...thinkingFor(sent.reasoning_effort, max_tokens),
    ...pick(sent, OWN),
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
  return budget < LEAST_BUDGET ? {} : { thinking: { type: "enabled", budget_tokens: budget } };
}

/**
 * A request without what Anthropic's API would refuse it for: more marks for its cache than it takes,
 * and samplings of a model that thinks, or by two measures. A conversation with calls that were made
 * without thinking goes on without.
 */
export function acceptable(request: Record<string, unknown>): Record<string, unknown> {
  const { temperature, top_p, top_k, thinking, ...rest } = withFewMarks(request);
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

/** Whether the results that the model is given last are of calls before which it did not think. */
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

/** Other vendors' ids of calls may have characters that Anthropic refuses. */
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

/** Clients move their marks with every request, while a stored conversation keeps all of them. */
function withFewMarks(request: Record<string, unknown>): Record<string, unknown> {
  // SAFETY: `messagesRequest` writes them.
  const messages = request.messages as Conversation["messages"];
  const fixed = [request.tools, request.system, [request]].filter((list) => Array.isArray(list));
  let surplus = fixed.flat().filter(isMarked).length - MOST_MARKS;
  for (const { content } of messages) {
    if (typeof content !== "string") surplus += content.filter(isMarked).length;
  }
  if (surplus <= 0) return request;
  // The latest are those that the client has set now.
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
