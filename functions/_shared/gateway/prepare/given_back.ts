import { z } from "zod";
import { continuationOf, takesBack } from "../quirks/continuation_fields.ts";
import type { Turn } from "../turn_database.ts";

type Messages = Turn["messages"];

/** As `chat_messages.continuation` has it. */
const continuationSchema = z.object({ vendor_id: z.string(), message: z.looseObject({}) });

/**
 * The messages of a turn as a vendor is given them: an answer of its own with what it needs to go on
 * from it, such as its reasoning or a signature of it, and any other without. A client may carry what
 * it was given, and so change it: nothing but those fields is taken from it.
 */
export function givenBackTo(vendorId: string, messages: Messages): Messages {
  return messages.map((message) => {
    if (!("continuation" in message)) return message;
    const { continuation, ...said } = message;
    const kept = continuationSchema.safeParse(continuation).data;
    if (kept?.vendor_id === vendorId) {
      return takesBack(vendorId) ? { ...said, ...continuationOf(kept.message) } : said;
    }
    return withoutExtras(said);
  });
}

/** Messages as any vendor may read them. */
export function withoutContinuation(messages: Messages): Messages {
  return messages.map(({ continuation: _continuation, ...said }) => said);
}

/** A message whose calls have nothing that only their vendor understands. */
function withoutExtras(message: Messages[number]): Messages[number] {
  const { tool_calls } = message;
  if (!Array.isArray(tool_calls)) return message;
  return {
    ...message,
    tool_calls: tool_calls.map(({ extra_content: _extra, ...call }) => call),
  };
}
