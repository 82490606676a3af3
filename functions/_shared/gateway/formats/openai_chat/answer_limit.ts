import type { Route, Turn } from "../../turn_database.ts";
import { ANSWER_TOKENS } from "../../prepare/fitting_messages.ts";
import { sizeOfMessages, tokensOf } from "../../token_estimate.ts";
import { LIMITS } from "../../quirks/answer_limits.ts";
import type { ChatBody } from "./schema.ts";

/** More than any model gives, and the most that the database counts. */
const MAX_LIMIT = 2 ** 31 - 1;

/** Tokens that the caller allows an answer: the most that any of the fields says. */
export function askedLimit(body: ChatBody): number | null {
  const asked = LIMITS.reduce((most, field) => {
    const limit = body[field];
    return typeof limit === "number" ? Math.max(most, limit) : most;
  }, 0);
  return asked > 0 ? Math.min(Math.ceil(asked), MAX_LIMIT) : null;
}

/** A body without the limits of its answer: the vendor is sent one, under the name that it knows. */
export function withoutLimits<Body extends Partial<ChatBody>>(body: Body): Body {
  const rest = { ...body };
  for (const field of LIMITS) delete rest[field];
  return rest;
}

/**
 * Tokens that an answer is allowed whose caller says nothing: what the agent or the organization says,
 * and no more than budgets have set money aside for, or than the route's model can give.
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
    // Models count differently: with twice the estimate the window is not exceeded.
    const room = (context_window ?? Infinity) - 2 * tokensOf(sizeOfMessages(messages));
    limits.push(affordable, Math.max(room, ANSWER_TOKENS));
  }
  const limit = Math.min(...limits);
  return limit === Infinity ? null : Math.min(limit, max_output_tokens ?? Infinity);
}
