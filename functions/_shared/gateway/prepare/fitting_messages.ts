import type { Route, Turn } from "../turn_database.ts";

type Messages = Turn["messages"];

/** What an answer without a limit is taken to need, in tokens; the database reckons alike. */
export const ANSWER_TOKENS = 1024;

/** What an image within a message counts for at most. */
const IMAGE_BYTES = 4096;

/**
 * The conversation as far as it fits a route's model. The database trims it to the window of the first
 * route; a fallback may have a smaller one.
 *
 * The oldest exchanges are dropped first, and whole: a person's message and all that answers it, calls
 * of tools and their results. Instructions stay, and what the caller sent; so does the last exchange
 * where the new messages answer its calls.
 *
 * @param count How many messages, the last ones, are new.
 * @param maxTokens Limit of the answer, if there is one.
 */
export function fittingMessages(
  messages: Messages,
  count: number,
  { context_window }: Pick<Route, "context_window">,
  maxTokens: number | null,
): Messages {
  if (context_window == null) return messages;
  const history = messages.slice(0, -count);
  const said = messages.slice(-count);
  const fixed = [...history.filter(isInstruction), ...said];
  let room = context_window - (maxTokens ?? ANSWER_TOKENS) - tokensOf(fixed);

  const exchanges = exchangesOf(history);
  const kept = new Set<Messages[number]>();
  for (const [place, exchange] of exchanges.toReversed().entries()) {
    const isAnswered = place === 0 && said[0]?.role === "tool";
    room -= tokensOf(exchange);
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

/** About four bytes a token; an image is taken for a thousand tokens at most, whatever its size. */
export function tokensOf(messages: Messages): number {
  const encoder = new TextEncoder();
  return messages.reduce(
    (sum, message) =>
      sum + Math.ceil(encoder.encode(JSON.stringify(message, clipImage)).length / 4),
    0,
  );
}

function clipImage(name: string, value: unknown): unknown {
  const isImage = name === "url" && typeof value === "string" && value.startsWith("data:image/");
  return isImage ? value.slice(0, IMAGE_BYTES) : value;
}
