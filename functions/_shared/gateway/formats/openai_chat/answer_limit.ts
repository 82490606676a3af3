import type { Route, Turn } from "../../turn_database.ts";
import { ANSWER_TOKENS } from "../../prepare/fitting_messages.ts";
import { sizeOfMessages, tokensOf } from "../../token_estimate.ts";
import { LIMITS } from "../../quirks/answer_limits.ts";
import type { ChatBody } from "./schema.ts";

/** More than any model's limit, and the largest number that the database stores. */
const MAX_LIMIT = 2 ** 31 - 1;

/** The caller's limit of an answer in tokens: the largest of its fields. */
export function askedLimit(body: ChatBody): number | null {
  const asked = LIMITS.reduce((most, field) => {
    const limit = body[field];
    return typeof limit === "number" ? Math.max(most, limit) : most;
  }, 0);
  return asked > 0 ? Math.min(Math.ceil(asked), MAX_LIMIT) : null;
}

/**
 * Removes all limits of the answer from a body: the vendor is sent a single one, in its own field.
 */
export function withoutLimits<Body extends Partial<ChatBody>>(body: Body): Body {
  const rest = { ...body };
  for (const field of LIMITS) delete rest[field];
  return rest;
}

/**
 * The limit of an answer if the caller sets none: that of the agent or the organization, but at
 * most what budgets have reserved, and what the route's model supports.
 *
 * @param messages What the model is sent; answer and conversation share its window.
 */
export function defaultLimit(
  { defaults, max_output_tokens: affordable }: Turn,
  { context_window, max_output_tokens }: Route,
  messages: Turn["messages"],
): number | null {
  const limits = [defaults.max_tokens ?? Infinity];
  if (affordable != null) {
    // Tokenizers differ: with twice the estimate, the window is not exceeded.
    const room = (context_window ?? Infinity) - 2 * tokensOf(sizeOfMessages(messages));
    limits.push(affordable, Math.max(room, ANSWER_TOKENS));
  }
  const limit = Math.min(...limits);
  return limit === Infinity ? null : Math.min(limit, max_output_tokens ?? Infinity);
}
