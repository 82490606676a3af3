import { invalidField } from "../../../http/parse_body.ts";
import { sizeOf, tokensOf } from "../../token_estimate.ts";
import type { Route, Turn } from "../../turn_database.ts";
import type { ParsedRequest } from "../format.ts";
import { namedSession } from "../named_session.ts";
import type { ChatBody } from "../openai_chat/schema.ts";
import { upstreamBody } from "../openai_chat/upstream_body.ts";
import { assertPaired, chatMessages } from "./conversation.ts";
import { turnIdOf } from "./ids.ts";
import { type Echo, echoOf } from "./response.ts";
import { parseResponsesBody, type ResponsesBody } from "./schema.ts";
import { chatTools } from "./tools.ts";

/** A request in the format of responses, with its equivalent in OpenAI's chat format. */
export interface ResponsesRequest {
  asked: ResponsesBody;
  chat: ChatBody;
  /** When its response was created, in seconds since the epoch. */
  created: number;
}

/** The part of a request that is stored, so that its response can be retrieved later. */
export interface StoredRequest {
  created_at: number;
  asked: Echo;
}

/**
 * The most characters of request fields that are stored with a response; beyond that, tools,
 * instructions and `text` are left out.
 */
const MOST_ECHOED = 256 * 1024;

/** An id that no turn has, for malformed response ids: these are not found either. */
const NO_TURN = "00000000-0000-0000-0000-000000000000";

/**
 * Reads a request.
 *
 * @param headers `x-session-id` continues a session.
 * @param now Milliseconds since the epoch.
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseResponsesRequest(
  json: object,
  headers: Headers,
  now: number,
): ParsedRequest<ResponsesRequest> {
  const asked = parseResponsesBody(json);
  const sessionId = namedSession(headers);
  const messages = chatMessages(asked.input ?? []);
  const { previous_response_id } = asked;
  if (previous_response_id == null && !sessionId) assertPaired(messages);
  if (messages.length === 0) {
    throw invalidField("input", "invalid_value", "it says nothing. Send at least one message");
  }
  const chat = chatOf(asked, messages);
  const others = sizeOf({ ...chat, messages: undefined, instructions: asked.instructions });
  const created = Math.floor(now / 1000);
  const turn = {
    model: asked.model ?? null,
    session_id: sessionId,
    continues_turn: previous_response_id == null ? null : turnIdOf(previous_response_id) ?? NO_TURN,
    store: asked.store !== false,
    title: null,
    messages,
    other_bytes: others.bytes,
    other_tokens: tokensOf(others),
    max_output_tokens: asked.max_output_tokens ?? null,
    ...asked.store !== false && { response: storedRequest(asked, created) },
  };
  return { body: { asked, chat, created }, turn, stream: chat.stream === true };
}

function storedRequest(asked: ResponsesBody, created_at: number): StoredRequest {
  const echo = echoOf(asked);
  if (JSON.stringify(echo).length <= MOST_ECHOED) return { created_at, asked: echo };
  const { tools: _tools, instructions: _instructions, text: _text, ...short } = echo;
  return { created_at, asked: short };
}

/**
 * Converts a request to OpenAI's chat format. Its instructions do not become a message, as they
 * apply to this answer only.
 */
function chatOf(asked: ResponsesBody, messages: readonly object[]): ChatBody {
  const { text, reasoning, top_logprobs, include } = asked;
  const wantsLogprobs = include?.includes("message.output_text.logprobs") ?? false;
  const fields = {
    model: asked.model,
    // A background response is streamed internally, so that clients can resume it.
    stream: asked.stream === true || asked.background === true || undefined,
    temperature: asked.temperature,
    top_p: asked.top_p,
    max_completion_tokens: asked.max_output_tokens,
    response_format: responseFormat(text?.format),
    verbosity: text?.verbosity,
    reasoning_effort: reasoning?.effort,
    prompt_cache_key: asked.prompt_cache_key,
    safety_identifier: asked.safety_identifier,
    service_tier: asked.service_tier,
    user: asked.user,
    ...wantsLogprobs && { logprobs: true, top_logprobs: top_logprobs ?? 0 },
    ...chatTools(asked),
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  // SAFETY: each message has a role of chat, and content or calls; the fields are those of chat.
  return { ...Object.fromEntries(given), messages } as ChatBody;
}

function responseFormat(format: NonNullable<ResponsesBody["text"]>["format"]): object | undefined {
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json_object" };
  const { name, schema, strict, description } = format;
  const json_schema = { name: name ?? "output", schema, strict, description };
  const given = Object.entries(json_schema)
    .filter(([, value]) => value !== undefined && value !== null);
  return { type: "json_schema", json_schema: Object.fromEntries(given) };
}

/**
 * Writes the body for a route: a chat with the instructions of this request after those of the
 * agent.
 *
 * @throws {ApiError} 400 if the route's credential does not cover a part of a message.
 */
export function responsesUpstreamBody(
  { asked, chat }: ResponsesRequest,
  turn: Turn,
  route: Route,
): Record<string, unknown> {
  return upstreamBody(chat, { ...turn, messages: withInstructions(asked, turn) }, route);
}

function withInstructions({ instructions }: ResponsesBody, { messages }: Turn): Turn["messages"] {
  if (!instructions) return messages;
  const first = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  const end = first < 0 ? messages.length : first;
  const instruction = { role: "system", content: instructions };
  return [...messages.slice(0, end), instruction, ...messages.slice(end)];
}
