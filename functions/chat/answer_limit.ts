import type { Route, Turn } from "../_shared/gateway/turn_database.ts";
import { ANSWER_TOKENS, tokensOf } from "./fitting_messages.ts";
import type { ChatBody } from "./schema.ts";

/** Tokens that the caller allows an answer. The two fields mean one thing. */
export function askedLimit({ max_tokens, max_completion_tokens }: ChatBody): number | null {
  return max_completion_tokens ?? max_tokens ?? null;
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
    // Nobody knows how each model counts: twice the estimate leaves a window that is not refused.
    const room = (context_window ?? Infinity) - 2 * tokensOf(messages);
    limits.push(affordable, Math.max(room, ANSWER_TOKENS));
  }
  const limit = Math.min(...limits);
  return limit === Infinity ? null : Math.min(limit, max_output_tokens ?? Infinity);
}
