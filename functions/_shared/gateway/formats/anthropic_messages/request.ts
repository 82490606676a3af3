import { ApiError } from "../../../core/errors.ts";
import { billableFields } from "../../prepare/billable_fields.ts";
import { sizeOf, tokensOf } from "../../token_estimate.ts";
import type { Route, Turn } from "../../turn_database.ts";
import type { ParsedRequest } from "../format.ts";
import { namedSession } from "../named_session.ts";
import { boundThinking } from "../openai_chat/request_filter.ts";
import type { ChatBody } from "../openai_chat/schema.ts";
import { upstreamBody } from "../openai_chat/upstream_body.ts";
import { MESSAGES_FIELDS } from "./allowed_fields.ts";
import { chatMessages } from "./conversation.ts";
import { type MessagesBody, parseMessagesBody, parsePromptBody, type Tool } from "./schema.ts";
import { chatToolChoice, chatTools, kindOf } from "./tools.ts";
import { acceptable } from "./vendor_request.ts";

/** A request in Anthropic's format, with its equivalent in OpenAI's chat format. */
export interface MessagesRequest {
  asked: MessagesBody;
  chat: ChatBody;
  /** The header `anthropic-beta`: beta features that the client enables; null for none. */
  betas: string | null;
}

/** Maximum length of OpenAI's `safety_identifier`. */
const LONGEST_USER = 128;

/** Fields of `metadata` that are meant for us and not for the vendor. */
const OWN_METADATA = new Set(["session_id", "title"]);

/**
 * Reads a request.
 *
 * @param headers `x-session-id` continues a session.
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseMessagesRequest(
  json: object,
  headers: Headers,
): ParsedRequest<MessagesRequest> {
  return readMessagesRequest(parseMessagesBody(json), headers);
}

/**
 * Reads a request to count tokens, in which `max_tokens` is optional; throws like {@linkcode
 * parseMessagesRequest}.
 */
export function parsePrompt(json: object, headers: Headers): ParsedRequest<MessagesRequest> {
  return readMessagesRequest(parsePromptBody(json), headers);
}

function readMessagesRequest(
  asked: MessagesBody,
  headers: Headers,
): ParsedRequest<MessagesRequest> {
  const chat = chatOf(asked);
  const others = sizeOf({ ...asked, messages: undefined, system: undefined });
  const { title } = asked.metadata ?? {};
  const turn = {
    model: asked.model,
    session_id: namedSession(headers),
    store: asked.store !== false,
    title: typeof title === "string" ? title.slice(0, 255) : null,
    messages: chat.messages,
    other_bytes: others.bytes,
    other_tokens: tokensOf(others),
    max_output_tokens: asked.max_tokens,
  };
  const betas = headers.get("anthropic-beta");
  return { body: { asked, chat, betas }, turn, stream: asked.stream === true };
}

/** Converts a request to OpenAI's chat format, which any vendor may be sent. */
function chatOf(asked: MessagesBody): ChatBody {
  const { model, max_tokens, stream, temperature, top_p, top_k, stop_sequences } = asked;
  const tools = chatTools(asked.tools ?? []);
  const { user_id } = asked.metadata ?? {};
  const { schema } = asked.output_config?.format ?? {};
  const given = Object.entries({ model, max_tokens, stream, temperature, top_p, top_k })
    .filter(([, value]) => value != null);
  // SAFETY: each message has a role of chat, and content or calls.
  const messages = chatMessages(asked) as ChatBody["messages"];
  return {
    ...Object.fromEntries(given),
    messages,
    ...stop_sequences?.length && { stop: stop_sequences },
    ...tools.length > 0 && { tools, ...asked.tool_choice && chatToolChoice(asked.tool_choice) },
    ...schema && {
      response_format: { type: "json_schema", json_schema: { name: "output", schema } },
    },
    ...user_id && user_id.length <= LONGEST_USER && { user: user_id },
    ...effortFor(asked.thinking),
  } as ChatBody;
}

/**
 * The `reasoning_effort` for a thinking budget. Set only on request, as many models refuse the
 * field.
 */
function effortFor(thinking: MessagesBody["thinking"]): object {
  const { type, budget_tokens = 0 } = thinking ?? {};
  if (type !== "enabled") return {};
  const budget = budget_tokens ?? 0;
  const effort = budget >= 16_384 ? "high" : budget >= 4096 ? "medium" : "low";
  return { reasoning_effort: effort };
}

/**
 * Writes the body for a route: the original request for Anthropic's API, as far as the credential
 * covers it; its equivalent in OpenAI's chat format for all others.
 *
 * @throws {ApiError} 400 if the request depends on a tool that the vendor does not have or that the
 * credential does not cover.
 */
export function messagesUpstreamBody(
  { asked, chat }: MessagesRequest,
  turn: Turn,
  route: Route,
): Record<string, unknown> {
  const isNative = route.api_format === "anthropic";
  const tools = toolsFor(asked, route);
  const sent = upstreamBody(withKnownFields(chat, route), turn, route);
  if (!isNative) return sent;
  const { messages: _m, model: _n, system: _s, stream: _t, max_tokens: _l, ...rest } = asked;
  const { metadata, tools: _tools, tool_choice, store: _store, ...others } = rest;
  const about = Object.entries(metadata ?? {}).filter(([name]) => !OWN_METADATA.has(name));
  const fields = billableFields(route, {
    ...others,
    ...about.length > 0 && { metadata: Object.fromEntries(about) },
    ...tools.length > 0 && { tools, ...tool_choice && { tool_choice } },
  }, MESSAGES_FIELDS);
  if (route.credential !== "own") boundThinking(fields, asked.max_tokens);
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return acceptable({ ...sent, ...Object.fromEntries(given) });
}

/** Vendors may refuse fields that they do not know. */
function withKnownFields(chat: ChatBody, { api_format, extra_fields }: Route): ChatBody {
  if (api_format === "anthropic" || extra_fields?.includes("top_k")) return chat;
  const { top_k: _top_k, ...known } = chat;
  return known;
}

/**
 * The tools that a route can offer a model. Clients send some with every request; hosted tools,
 * which the vendor runs itself, are left out if the vendor cannot run them or the credential is not
 * the caller's own.
 */
function toolsFor({ tools, tool_choice }: MessagesBody, route: Route): Tool[] {
  const isNative = route.api_format === "anthropic";
  const forced = tool_choice?.type === "tool" ? tool_choice.name : null;
  return (tools ?? []).filter((tool, at) => {
    const kind = kindOf(tool);
    if (kind === "function" || (isNative && (kind === "known" || route.credential === "own"))) {
      return true;
    }
    if (kind === "hosted" && tool.name !== forced) return false;
    throw toolNotSupported(tool, at, isNative);
  });
}

function toolNotSupported({ type }: Tool, at: number, isNative: boolean): ApiError {
  const why = isNative
    ? "each use of it is billed apart, which this credential does not buy. Omit it, or use a key of your own"
    : "only Anthropic's models know it. Describe it with a name and an input_schema, or choose a model of Anthropic's";
  return new ApiError(
    "content_not_supported",
    `Cannot offer the model a tool of type "${String(type).slice(0, 50)}": ${why}.`,
    { param: `tools[${at}]` },
  );
}

/** Headers of a call to Anthropic's API, besides the credential. */
export function betaHeaders(
  { betas }: MessagesRequest,
  { api_format, credential }: Route,
): Record<string, string> {
  if (api_format !== "anthropic" || credential !== "own" || betas === null) return {};
  return { "anthropic-beta": betas };
}
