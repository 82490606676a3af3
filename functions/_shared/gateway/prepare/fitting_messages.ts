import { sizeOfMessages, tokensOf } from "../token_estimate.ts";
import type { Route, Turn } from "../turn_database.ts";

type Messages = Turn["messages"];

/** Tokens that are assumed for an answer without a limit; the database assumes the same. */
export const ANSWER_TOKENS = 1024;

/**
 * The part of the conversation that fits a route's model. The database trims it for the first route
 * (`private.recent_history`); by the same rule it is trimmed here for a later route with a smaller
 * window.
 *
 * The oldest exchanges are dropped first, and whole: a person's message and all that answers it,
 * calls of tools and their results. Instructions and new messages are kept; so is the last exchange
 * if the new messages answer its tool calls.
 *
 * @param messages The turn's messages, as the route is sent them.
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
  return fitInto(messages, new_messages, context_window - (answerTokens ?? ANSWER_TOKENS));
}

/**
 * A turn with half of its prompt at most, for a vendor that found it too long: tokens are
 * estimated, and a text may have four times as many.
 *
 * @returns null if there is nothing to leave out.
 */
export function shortened<Shorter extends Pick<Turn, "messages" | "new_messages">>(
  turn: Shorter,
): Shorter | null {
  const half = Math.floor(messageTokens(turn.messages) / 2);
  const messages = fitInto(turn.messages, turn.new_messages, half);
  return messages.length < turn.messages.length ? { ...turn, messages } : null;
}

/**
 * The latest exchanges that fit into a number of tokens, with the instructions and the new
 * messages.
 */
function fitInto(messages: Messages, new_messages: number, tokens: number): Messages {
  const history = messages.slice(0, messages.length - new_messages);
  const said = messages.slice(messages.length - new_messages);
  const fixed = [...history.filter(isInstruction), ...said];
  let room = tokens - messageTokens(fixed);

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

/** The estimated tokens of each message. */
export function messageTokens(messages: Messages): number {
  return messages.reduce((sum, message) => sum + tokensOf(sizeOfMessages(message)), 0);
}
