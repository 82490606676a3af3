import type { TurnUsage } from "../../_shared/gateway/settle/outcome.ts";
import { type CallDeps, callVendor, type Reply } from "./call_vendor.ts";
import type { Claim } from "./claim.ts";
import { type Finding, judge } from "./judge.ts";
import type { ProbeLimits } from "./limits.ts";

/** The result of a probe, as the database stores it. */
export interface ProbeResult extends Finding {
  agent_id: string;
  /** Whether it was a call of the model, which costs money. */
  is_call: boolean;
  service_id: string | null;
  /** The usage of that call. If several agents share it, it is recorded for the first. */
  usage: TurnUsage | null;
}

/** A round of probes. */
export interface Round {
  results: ProbeResult[];
  /** Calls of vendors. */
  calls: number;
  /** Vendors whose answer was inconclusive about an agent, with the reason. */
  withoutFinding: { vendor_id: string; reply: string }[];
  /** Agents that were skipped for lack of time. */
  left: number;
}

/** The dependencies of {@linkcode runProbes}. */
export interface RoundDeps extends CallDeps {
  limits: ProbeLimits;
}

/**
 * Probes agents, in parallel within bounds. Agents whose probe is the same call share it. A round
 * that takes too long makes no further calls.
 */
export async function runProbes(claims: readonly Claim[], deps: RoundDeps): Promise<Round> {
  const { limits, now } = deps;
  const lastStart = now() + limits.roundMs - limits.callMs;
  const groups = [...Map.groupBy(claims, keyOf).values()];
  const round: Round = { results: [], calls: 0, withoutFinding: [], left: 0 };

  async function probe(group: Claim[]): Promise<void> {
    const [first] = group;
    if (!first) return;
    if (now() > lastStart) {
      round.left += group.length;
      return;
    }
    const reply = await callVendor(first, group.some((claim) => !claim.is_platform), deps);
    if (reply.kind !== "not_called") round.calls++;
    const usage = reply.kind === "answered" ? reply.usage : null;
    const judged = group.map((claim) => {
      const isCall = claim.probe_path === null;
      const isPlatform = claim.is_platform;
      const finding = judge(reply, { isPlatform, isCall, slowMs: limits.slowMs });
      return finding && {
        ...finding,
        agent_id: claim.agent_id,
        is_call: isCall,
        service_id: claim.service_id,
        usage: claim === first ? usage : null,
      };
    });
    const results = judged.filter((result) => result !== null);
    round.results.push(...results);
    if (results.length < group.length) {
      round.withoutFinding.push({ vendor_id: first.vendor_id, reply: nameOf(reply) });
    }
  }

  async function work(): Promise<void> {
    for (let group = groups.shift(); group; group = groups.shift()) await probe(group);
  }
  await Promise.all(Array.from({ length: limits.parallel }, work));
  return round;
}

/** Equal for agents that share one call. */
function keyOf({ vendor_id, probe_path, model }: Claim): string {
  return JSON.stringify(probe_path === null ? [vendor_id, model] : [vendor_id]);
}

function nameOf(reply: Reply): string {
  return reply.kind === "answered" ? `status ${reply.status}` : reply.code;
}
