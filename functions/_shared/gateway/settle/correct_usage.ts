import type { OpenTurn } from "../call/call_routes.ts";
import type { Route } from "../turn_database.ts";
import type { Endpoint } from "../call/endpoint.ts";
import type { Upstream } from "../call/upstream.ts";
import { findLateUsage, type LateUsage } from "../quirks/late_usage.ts";
import type { Ending } from "../respond/stream/pump.ts";
import type { Accumulator } from "../formats/openai_chat/accumulator.ts";

/** What is known of an answer once it has ended. */
export interface EndedAnswer {
  upstream: Pick<Upstream, "id">;
  transcript: Pick<Accumulator, "id">;
  target: Endpoint;
  route: Route;
  /** What of the target's address follows that of the vendor. */
  path: string;
}

/**
 * Asks the vendor what an answer used whose usage is an estimate, and corrects the turn by it. For
 * the background: the turn has been settled, and whoever goes on with its session need not wait.
 */
export async function correctUsage(
  { turn, ledger, context, deps }: OpenTurn,
  answer: EndedAnswer,
  ending: Ending,
): Promise<void> {
  const question = ending.answer.usage?.estimated ? questionAbout(answer) : null;
  if (question === null) return;
  const deadline = context.startedAt + deps.limits.lateUsageUntilMs;
  const measured = await findLateUsage(question, deadline, deps);
  deps.log("info", {
    event: "usage_asked_for",
    request_id: context.requestId,
    turn_id: turn.turn_id,
    vendor_id: answer.route.vendor_id,
    was_told: measured !== null,
    corrected: measured !== null && await ledger.correct(measured),
  });
}

/** null where nobody could answer: the vendor does not, or the answer has no name yet. */
function questionAbout(
  { upstream, transcript, target, route, path }: EndedAnswer,
): LateUsage | null {
  const id = upstream.id ?? transcript.id;
  // Without a secret it was the demo model that answered, in the vendor's place.
  if (!route.usage_path || !id || !target.secret) return null;
  const base = target.url.slice(0, -path.length);
  return {
    url: base + route.usage_path.replaceAll("{id}", encodeURIComponent(id)),
    headers: target.headers,
  };
}
