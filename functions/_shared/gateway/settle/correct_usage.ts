import type { OpenTurn } from "../open_turn.ts";
import { findLateUsage, type LateUsage } from "../quirks/late_usage.ts";
import type { Call } from "../respond/receive.ts";
import type { Ending } from "../respond/stream/pump.ts";

/**
 * Queries the vendor for the usage of an answer that was settled with an estimate, and corrects the
 * turn. Runs in the background, after settlement.
 */
export async function correctUsage(
  { turn, ledger, context, deps }: OpenTurn,
  call: StreamCall,
  ending: Ending,
): Promise<void> {
  const question = ending.answer.usage?.estimated ? questionAbout(call) : null;
  if (question === null) return;
  const deadline = context.startedAt + deps.limits.lateUsageUntilMs;
  const measured = await findLateUsage(question, deadline, deps);
  deps.log("info", {
    event: "usage_asked_for",
    request_id: context.requestId,
    turn_id: turn.turn_id,
    vendor_id: call.called.route.vendor_id,
    was_told: measured !== null,
    corrected: measured !== null && await ledger.correct(measured),
  });
}

type StreamCall = Extract<Call, { kind: "stream" }>;

/** null if the vendor has no such query, or the answer has no id. */
function questionAbout({ stream, called, path }: StreamCall): LateUsage | null {
  const { route: { usage_path }, endpoint } = called;
  const id = stream.upstream.id ?? stream.answer.id;
  // Without a secret, the demo model answered instead of the vendor.
  if (!usage_path || !id || !endpoint.secret) return null;
  const base = endpoint.url.slice(0, -path.length);
  return {
    url: base + usage_path.replaceAll("{id}", encodeURIComponent(id)),
    headers: endpoint.headers,
  };
}
