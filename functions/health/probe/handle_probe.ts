import { z } from "zod";
import { storeEntries } from "../../_shared/redis/cache.ts";
import type { AgentHealthCache } from "../../_shared/redis/mirrors/agent_health.ts";
import type { Log } from "../../_shared/core/log.ts";
import { parseBody } from "../../_shared/http/parse_body.ts";
import { readJson } from "../../_shared/http/read_json.ts";
import type { SharedRedis } from "../../_shared/redis/client.ts";
import type { Exchange } from "../../_shared/http/respond.ts";
import type { SecretKeys } from "../../_shared/auth/secret_key.ts";
import type { HealthDatabase } from "../db.ts";
import { type RoundDeps, runProbes } from "./run_probes.ts";

/** What a round that somebody asks for needs from outside. */
export interface ProbeDeps extends RoundDeps {
  log: Log;
  database: Pick<HealthDatabase, "claimProbes" | "recordProbes">;
  secretKeys: SecretKeys;
  redis: SharedRedis | null;
  healthCache: AgentHealthCache;
}

/** Whose key starts a round: the scheduler's, or the operator's own. */
const ALLOWED = ["cron", "default"];

const MAX_BODY_BYTES = 10_000;

/** What the scheduler says of its call. Nothing depends on it: a round does what is due. */
const bodySchema = z.looseObject({
  run_id: z.uuid().nullish(),
  scheduled_at: z.iso.datetime({ offset: true }).nullish(),
});

/** Answers POST /health/probe: probes the agents that are due, and says how many there were. */
export async function handleProbe(
  request: Request,
  exchange: Exchange,
  deps: ProbeDeps,
): Promise<Response> {
  await deps.secretKeys.demand(request, ALLOWED);
  const hasBody = request.headers.get("content-type")?.startsWith("application/json") ?? false;
  const body = parseBody(bodySchema, hasBody ? await readJson(request, MAX_BODY_BYTES) : {});

  const claims = await exchange.measure(
    "claim",
    () => deps.database.claimProbes(deps.limits.agents),
  );
  const round = await exchange.measure("probe", () => runProbes(claims, deps));
  const health = round.results.length === 0
    ? []
    : await exchange.measure("record", () => deps.database.recordProbes(round.results));
  const entries = await Promise.all(health.map(deps.healthCache.entries));
  await exchange.measure("redis", () => storeEntries(deps.redis, entries.flat()));

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
  Object.assign(exchange.fields, report);
  for (const { vendor_id, reply } of round.withoutFinding) {
    deps.log("warn", { event: "probe_without_finding", vendor_id, reply });
  }
  return Response.json(report);
}
