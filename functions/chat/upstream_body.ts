import type { Route, Turn } from "../_shared/gateway/turn_database.ts";
import { askedLimit, defaultLimit } from "./answer_limit.ts";
import { chatFieldsFor } from "./chat_fields_for.ts";
import { fittingMessages } from "./fitting_messages.ts";
import type { ChatBody } from "./schema.ts";

/**
 * Writes the body of the upstream call: what the caller sent, as far as it is the caller's to say,
 * with the model's upstream name, the conversation as far as it fits, the agent's defaults where the
 * caller was silent, and the limit of the answer under the name that the vendor knows.
 */
export function upstreamBody(body: ChatBody, turn: Turn, route: Route): Record<string, unknown> {
  const {
    metadata,
    stream_options,
    temperature,
    max_tokens: _limit,
    max_completion_tokens: _sameLimit,
    ...rest
  } = body;
  const { session_id: _session, title: _title, ...foreign } = metadata ?? {};
  const asked = askedLimit(body);
  const messages = fittingMessages(
    turn.messages,
    turn.new_messages,
    route,
    asked ?? turn.defaults.max_tokens ?? null,
  );

  const sent: Record<string, unknown> = {
    ...chatFieldsFor(route, rest),
    model: route.model,
    messages,
  };
  const limit = asked ?? defaultLimit(turn, route, messages);
  if (limit !== null) sent[route.max_tokens_field] = limit;
  if (Object.keys(foreign).length > 0) sent.metadata = foreign;
  const warmth = temperature ?? turn.defaults.temperature;
  if (warmth != null) sent.temperature = warmth;
  // Usage is always wanted by the ledger, whether or not the caller asked for it.
  if (body.stream) sent.stream_options = { ...stream_options, include_usage: true };
  return sent;
}
