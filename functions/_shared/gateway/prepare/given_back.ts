import { z } from "zod";
import { continuationOf, withoutRefused } from "../quirks/continuation_fields.ts";
import { withThoughtsInText } from "../quirks/thoughts_in_text.ts";
import type { Route, Turn } from "../turn_database.ts";

type Messages = Turn["messages"];

/** The form of `chat_messages.continuation`. */
const continuationSchema = z.object({ vendor_id: z.string(), message: z.looseObject({}) });

/**
 * The messages of a turn for a route: its vendor's own answers with the fields that it needs to
 * continue from them, such as reasoning or a signature, and other vendors' answers without. Clients
 * may send these fields back and could have changed them, so no other fields are read from them.
 */
export function givenBackTo(
  route: Pick<Route, "vendor_id" | "model" | "api_format">,
  messages: Messages,
): Messages {
  const { vendor_id } = route;
  return messages.map((message) =>
    withThoughtsInText(withoutRefused(withContinuation(message, vendor_id), vendor_id), route)
  );
}

function withContinuation(message: Messages[number], vendorId: string): Messages[number] {
  if (!("continuation" in message)) return message;
  const { continuation, ...said } = message;
  const kept = continuationSchema.safeParse(continuation).data;
  return kept?.vendor_id === vendorId
    ? { ...said, ...continuationOf(kept.message) }
    : withoutExtras(said);
}

/** Messages as any vendor may read them. */
export function withoutContinuation(messages: Messages): Messages {
  return messages.map(({ continuation: _continuation, ...said }) => said);
}

/** A message without the vendor-specific fields of its tool calls. */
function withoutExtras(message: Messages[number]): Messages[number] {
  const { tool_calls } = message;
  if (!Array.isArray(tool_calls)) return message;
  return {
    ...message,
    tool_calls: tool_calls.map(({ extra_content: _extra, ...call }) => call),
  };
}
