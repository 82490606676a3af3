import { z } from "zod";
import { invalidField, parseBody } from "../../../http/parse_body.ts";
import { count, label, plain } from "../../../http/sql_values.ts";
import { tidyMessage } from "../../quirks/client_messages.ts";
import { withToolMessages } from "../../quirks/function_calls.ts";
import { namedSession } from "../named_session.ts";

/** A name or a title; longer ones are refused. */
const shortText = z.string().min(1).max(255);

const part = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(part).min(1)], {
  error: "expected a string or a non-empty array of content parts",
});
const toolCalls = z.array(z.looseObject({ id: z.string(), type: z.string() }));

// Fields of one role are refused on others, where they have no meaning.
const name = label.nullish();
const noCalls = z.null({ error: "only an assistant calls tools" }).optional();
const noCallId = z.null({ error: "only a tool answers a call" }).optional();

const message = z.discriminatedUnion("role", [
  z.looseObject({
    role: z.enum(["system", "developer", "user"]),
    content,
    name,
    tool_calls: noCalls,
    tool_call_id: noCallId,
  }),
  z.looseObject({
    role: z.literal("assistant"),
    content: content.nullish(),
    name,
    tool_calls: toolCalls.nullish(),
    tool_call_id: noCallId,
  }),
  z.looseObject({
    role: z.literal("tool"),
    content,
    name,
    tool_calls: noCalls,
    // Some vendors store state for the next turn in it.
    tool_call_id: plain.max(16_384),
  }),
  z.looseObject({
    role: z.literal("function"),
    content: z.string().nullish(),
    name: label,
    tool_calls: noCalls,
    tool_call_id: noCallId,
  }),
], { error: "expected one of system, developer, user, assistant, tool, function" });

/**
 * The body of POST /chat/completions. Fields that are not listed reach the vendor with a key of the
 * caller's own.
 */
export const bodySchema = z.looseObject({
  messages: z.array(message).min(1, "expected at least one message").max(2048),
  model: shortText.nullish(),
  n: z.literal(1, { error: "expected 1: a request has one answer. Send a request for each" })
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: count.nullish(),
  max_completion_tokens: count.nullish(),
  stop: z.union([z.string(), z.array(z.string())], {
    error: "expected a string or an array of strings",
  }).nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  functions: z.array(z.looseObject({ name: z.string() })).nullish(),
  function_call: z.union([z.string(), z.looseObject({ name: z.string() })], {
    error: "expected a string or an object with a name",
  }).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })], {
    error: "expected a string or an object with a type",
  }).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  store: z.boolean().nullish(),
  metadata: z.looseObject({
    session_id: shortText.nullish(),
    title: shortText.nullish(),
  }).nullish(),
});

/** A validated body. */
export type ChatBody = z.infer<typeof bodySchema>;

/** A validated request: the body, and the session of its header or metadata. */
export interface ChatRequest {
  body: ChatBody;
  sessionId: string | null;
  title: string | null;
}

/**
 * Validates a chat request.
 *
 * @param body The parsed JSON body.
 * @param headers The request's headers; `x-session-id` continues a session.
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseChatRequest(body: object, headers: Headers): ChatRequest {
  const given = parseBody(bodySchema, body);
  const parsed = { ...given, messages: withToolMessages(given.messages).map(tidyMessage) };
  const { stream, stream_options, metadata, max_tokens, max_completion_tokens } = parsed;
  if (stream_options && !stream) {
    throw invalidField("stream_options", "invalid_value", 'it needs "stream": true');
  }
  // Their calls are in different fields, of which an answer has one.
  if (parsed.functions?.length && parsed.tools?.length) {
    throw invalidField(
      "functions",
      "invalid_value",
      'the request also has "tools". Send all functions as tools',
    );
  }
  if (max_tokens != null && (max_completion_tokens ?? max_tokens) !== max_tokens) {
    throw invalidField(
      "max_tokens",
      "invalid_value",
      "it differs from max_completion_tokens. Send one of them",
    );
  }

  const inHeader = namedSession(headers);
  const inBody = metadata?.session_id ?? null;
  if (inHeader && inBody && inHeader !== inBody) {
    throw invalidField(
      "metadata.session_id",
      "invalid_value",
      "it differs from the header x-session-id. Send one of them",
    );
  }
  return { body: parsed, sessionId: inHeader ?? inBody, title: metadata?.title ?? null };
}
