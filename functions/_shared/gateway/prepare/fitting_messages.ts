import { sizeOfMessages, tokensOf } from "../token_estimate.ts";
import type { Route, Turn } from "../turn_database.ts";

type Messages = Turn["messages"];

/** What an answer without a limit is taken to need, in tokens; the database reckons alike. */
export const ANSWER_TOKENS = 1024;

/**
 * The conversation as far as it fits a route's model. The database trims it for the first route
 * (`private.recent_history`); by the same rule it is trimmed here for a later route with a smaller
 * window.
 *
 * The oldest exchanges are dropped first, and whole: a person's message and all that answers it, calls
 * of tools and their results. Instructions stay, and what the caller sent; so does the last exchange
 * where the new messages answer its calls.
 *
 * @param messages What the route is sent of the turn's messages.
 * @param answerTokens Limit of the answer, if there is one.
 */
export function fittingMessages(
  messages: Messages,
  { new_messages, routes: [first] }: Pick<Turn, "new_messages" | "routes">,
  { context_window }: Pick<Route, "context_window">,
  answerTokens: number | null,
): Messages {
  const firstWindow = first?.context_window ?? Infinity;
  if (context_window == null || context_window >= firstWindow) return messages;
  const history = messages.slice(0, messages.length - new_messages);
  const said = messages.slice(messages.length - new_messages);
  const fixed = [...history.filter(isInstruction), ...said];
  let room = context_window - (answerTokens ?? ANSWER_TOKENS) - messageTokens(fixed);

  const kept = new Set<Messages[number]>();
  for (const [place, exchange] of exchangesOf(history).toReversed().entries()) {
    const isAnswered = place === 0 && said[0]?.role === "tool";
    room -= messageTokens(exchange);
    if (room < 0 && !isAnswered) break;
    for (const message of exchange) kept.add(message);
  }
  return [...history.filter((message) => isInstruction(message) || kept.has(message)), ...said];
}

function exchangesOf(history: Messages): Messages[] {
  const exchanges: Messages[] = [];
  for (const message of history) {
    if (isInstruction(message)) continue;
    if (message.role === "user" || exchanges.length === 0) exchanges.push([]);
    exchanges.at(-1)?.push(message);
  }
  return exchanges;
}

function isInstruction({ role }: Messages[number]): boolean {
  return role === "system" || role === "developer";
}

function messageTokens(messages: Messages): number {
  return messages.reduce((sum, message) => sum + tokensOf(sizeOfMessages(message)), 0);
}
