import { storeEntries } from "../../_shared/redis/cache.ts";
import type { AgentHealthCache } from "../../_shared/redis/mirrors/agent_health.ts";
import type { Log } from "../../_shared/core/log.ts";
import { readBody } from "../../_shared/http/operation.ts";
import type { SharedRedis } from "../../_shared/redis/client.ts";
import type { RequestContext } from "../../_shared/http/context.ts";
import type { SecretKeys } from "../../_shared/auth/secret_key.ts";
import type { HealthDatabase } from "../db.ts";
import { operations } from "../operations.ts";
import { type RoundDeps, runProbes } from "./run_probes.ts";

/** The dependencies of {@linkcode handleProbe}. */
export interface ProbeDeps extends RoundDeps {
  log: Log;
  database: Pick<HealthDatabase, "claimProbes" | "recordProbes">;
  secretKeys: SecretKeys;
  redis: SharedRedis | null;
  healthCache: AgentHealthCache;
}

/** The secret keys that may start a round: the scheduler's and the operator's. */
const ALLOWED = ["cron", "default"];

/** Answers POST /health/probe: probes the agents that are due, and reports their number. */
export async function handleProbe(
  request: Request,
  context: RequestContext,
  deps: ProbeDeps,
): Promise<Response> {
  await deps.secretKeys.demand(request, ALLOWED);
  const hasBody = request.headers.get("content-type")?.startsWith("application/json") ?? false;
  const body = hasBody ? await readBody(request, operations.probe.body) : {};

  const claims = await context.measure(
    "claim",
    () => deps.database.claimProbes(deps.limits.agents),
  );
  const round = await context.measure("probe", () => runProbes(claims, deps));
  const health = round.results.length === 0
    ? []
    : await context.measure("record", () => deps.database.recordProbes(round.results));
  const entries = await Promise.all(health.map(deps.healthCache.entries));
  await context.measure("redis", () => storeEntries(deps.redis, entries.flat()));

  const count = (status: string) =>
    round.results.filter((result) => result.status === status).length;
  const report = {
    run_id: body.run_id ?? null,
    claimed: claims.length,
    calls: round.calls,
    healthy: count("healthy"),
    degraded: count("degraded"),
    unhealthy: count("unhealthy"),
    without_finding: claims.length - round.results.length - round.left,
    left: round.left,
  };
  Object.assign(context.fields, report);
  for (const { vendor_id, reply } of round.withoutFinding) {
    deps.log("warn", { event: "probe_without_finding", vendor_id, reply });
  }
  return Response.json(report);
}
