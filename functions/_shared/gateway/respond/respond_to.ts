import type { OpenTurn } from "../open_turn.ts";
import { correctUsage } from "../settle/correct_usage.ts";
import type { Call } from "./receive.ts";
import { endStream } from "./stream/pump.ts";
import { streamHeaders } from "./stream/sse_writer.ts";

/**
 * Answers the client, and settles the turn: before a whole answer is sent, or at the end of a
 * stream.
 */
export async function respondTo(call: Call, open: OpenTurn): Promise<Response> {
  const { ledger, context, deps } = open;
  if (call.kind === "whole") {
    // Settled before the answer is sent, so that the client's next request finds this turn in its
    // session.
    const { answer, body, kept, response } = call.whole;
    await ledger.settle(answer, null, kept ?? body);
    return response ?? Response.json(body);
  }
  const { stream } = call;
  const finished = stream.ended.then(async (ending) => {
    const stored = ending.error ? null : stream.answer.stored(ending.answer);
    await ledger.settle(ending.answer, ending.error, stored ?? undefined);
    endStream(stream, ending);
    return ending;
  });
  context.until(finished);
  deps.lifetime.waitUntil?.(finished.then((ending) => correctUsage(open, call, ending)));
  return new Response(stream.sink.stream, { headers: stream.answer.headers ?? streamHeaders });
}
