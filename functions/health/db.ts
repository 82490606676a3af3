import { z } from "zod";
import { type AgentHealth, agentHealthSchema } from "../_shared/redis/mirrors/agent_health.ts";
import { asJson } from "../_shared/database/client.ts";
import { NOTHING, type SqlCaller } from "../_shared/database/sql_caller.ts";
import { type Claim, claimSchema } from "./probe/claim.ts";
import type { ProbeResult } from "./probe/run_probes.ts";

const reportSchema = z.looseObject({
  status: z.enum(["ok", "degraded"]),
  problems: z.array(z.string()),
  database: z.looseObject({}),
});

/** How functions are connected to the database, for both transports. */
const connectionSchema = z.object({
  role: z.string(),
  statement_timeout_ms: z.int(),
  connections: z.int(),
  max_connections: z.int(),
});

export type DatabaseConnection = z.infer<typeof connectionSchema>;

/** The health report of the database. */
export type DatabaseReport = z.infer<typeof reportSchema>;

/** The database calls of the health function. */
export interface HealthDatabase {
  /** Resolves when the database answers; rejects when it does not. */
  ping(): Promise<void>;
  /** Reports how functions are connected. */
  connection(): Promise<DatabaseConnection>;
  /** Reports the health of all parts. */
  report(): Promise<DatabaseReport>;
  /** Claims agents that are due for a probe. */
  claimProbes(batch: number): Promise<Claim[]>;
  /** Records the results of probes, and returns the health of these agents. */
  recordProbes(results: readonly ProbeResult[]): Promise<AgentHealth[]>;
}

/** Longer than a healthy database ever takes, shorter than a prober waits. */
const PING_TIMEOUT_MS = 3_000;

/** The calls. Anyone may request the health, so simultaneous requests share one query. */
export function healthDatabase(call: SqlCaller): HealthDatabase {
  let running: Promise<void> | undefined;

  async function read(): Promise<void> {
    await call("check_connection", {}, NOTHING, AbortSignal.timeout(PING_TIMEOUT_MS));
  }

  return {
    ping: () => running ??= read().finally(() => running = undefined),
    connection: () =>
      call("check_connection", {}, connectionSchema, AbortSignal.timeout(PING_TIMEOUT_MS)),
    report: () => call("health_report", {}, reportSchema, AbortSignal.timeout(PING_TIMEOUT_MS)),
    claimProbes: (batch) => call("claim_agent_probes", { batch }, z.array(claimSchema)),
    recordProbes: (results) =>
      call("record_agent_probes", { results: asJson(results) }, z.array(agentHealthSchema)),
  };
}
