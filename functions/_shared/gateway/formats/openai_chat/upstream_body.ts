import type { Route, Turn } from "../../turn_database.ts";
import { pickFields } from "../../prepare/billable_fields.ts";
import { STREAM_OPTIONS } from "./allowed_fields.ts";
import { plainMessages } from "../anthropic_messages/plain_messages.ts";
import { acceptable, messagesRequest } from "../anthropic_messages/vendor_request.ts";
import { geminiRequest } from "../gemini/vendor_request.ts";
import { askedLimit, defaultLimit, withoutLimits } from "./answer_limit.ts";
import { billableChatFields, boundThinking } from "./request_filter.ts";
import { fittingMessages } from "../../prepare/fitting_messages.ts";
import { billableMessages } from "./billable_messages.ts";
import { documentReader } from "../../quirks/document_readers.ts";
import { withNumberedCalls, withTools } from "../../quirks/function_calls.ts";
import { placeInstructions } from "../../quirks/instructions.ts";
import { metadataFor } from "../../quirks/stored_completions.ts";
import { withSignatures } from "../../quirks/thought_signatures.ts";
import type { ChatBody } from "./schema.ts";

/** A body with the agent's fields for those that the caller did not send, or sent as null. */
function withDefaults(
  body: Partial<ChatBody>,
  defaults: Record<string, unknown>,
): Partial<ChatBody> {
  const said = Object.entries(body).filter(([name, value]) => value != null || !(name in defaults));
  const { parallel_tool_calls, ...always } = defaults;
  // Vendors refuse it without tools.
  const aboutTools = body.tools?.length ? { parallel_tool_calls } : {};
  return { ...always, ...aboutTools, ...Object.fromEntries(said) };
}

/**
 * Writes the body of the upstream call: the caller's fields that are allowed, the model's upstream
 * name, the messages that fit, the agent's defaults for absent fields, and the limit of the answer
 * under the vendor's name for it.
 *
 * @throws {ApiError} 400 if the route's credential does not cover a part of a message.
 */
export function upstreamBody(body: ChatBody, turn: Turn, route: Route): Record<string, unknown> {
  const { metadata, stream_options, temperature, ...rest } = withTools(withoutLimits(body));
  const { session_id: _session, title: _title, ...foreign } = metadata ?? {};
  const asked = askedLimit(body);
  const fitting = fittingMessages(
    billableMessages(route, turn.messages, turn.new_messages),
    turn,
    route,
    asked ?? turn.defaults.max_tokens ?? null,
  );
  const messages = withNumberedCalls(placeInstructions(fitting, route));

  const sent: Record<string, unknown> = {
    ...billableChatFields(route, withDefaults(rest, turn.defaults.fields ?? {})),
    model: route.model,
    messages,
    ...metadataFor(route, body.store, foreign),
    ...documentReader(route, messages),
  };
  // Vendors also refuse an empty list, and fields about tools without tools.
  if (Array.isArray(sent.tools) && sent.tools.length === 0) {
    for (const field of ["tools", "tool_choice", "parallel_tool_calls"]) delete sent[field];
  }
  if (route.takes_parallel_tool_calls === false) delete sent.parallel_tool_calls;
  const limit = asked ?? defaultLimit(turn, route, messages);
  if (limit !== null) sent[route.max_tokens_field] = limit;
  if (route.credential !== "own") boundThinking(sent, limit);
  const warmth = temperature ?? turn.defaults.temperature;
  if (warmth != null) sent.temperature = warmth;
  // The ledger always needs usage, whether or not the caller requested it.
  if (body.stream && route.takes_stream_options !== false) {
    const options = route.credential === "own"
      ? stream_options
      : pickFields(stream_options ?? {}, STREAM_OPTIONS);
    sent.stream_options = { ...options, include_usage: true };
  }
  if (route.api_format === "anthropic") return acceptable(messagesRequest(sent, route));
  const plain = { ...sent, messages: withSignatures(plainMessages(messages, route), route) };
  return route.api_format === "gemini" ? geminiRequest(plain, route) : plain;
}
