import type { Route, Turn } from "../_shared/turn/database.ts";
import { fittingMessages } from "./fitting_messages.ts";
import type { ChatBody } from "./schema.ts";

/**
 * Writes the body of the upstream call: what the caller sent, with the model's upstream name, the
 * conversation as far as it fits, and the agent's defaults where the caller was silent.
 */
export function upstreamBody(body: ChatBody, turn: Turn, route: Route): Record<string, unknown> {
  const { metadata, stream_options, temperature, ...rest } = body;
  const { session_id: _session, title: _title, ...foreign } = metadata ?? {};
  const maxTokens = body.max_tokens ?? body.max_completion_tokens ?? null;

  const sent: Record<string, unknown> = {
    ...rest,
    model: route.model,
    messages: fittingMessages(
      turn.messages,
      turn.new_messages,
      route,
      maxTokens ?? turn.defaults.max_tokens ?? null,
    ),
  };
  if (Object.keys(foreign).length > 0) sent.metadata = foreign;
  const warmth = temperature ?? turn.defaults.temperature;
  if (warmth != null) sent.temperature = warmth;
  if (maxTokens === null && turn.defaults.max_tokens != null) {
    sent.max_tokens = turn.defaults.max_tokens;
  }
  // Usage is always wanted by the ledger, whether or not the caller asked for it.
  if (body.stream) sent.stream_options = { ...stream_options, include_usage: true };
  return sent;
}
