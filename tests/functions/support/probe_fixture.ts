import type { AgentHealth } from "../../../functions/_shared/redis/mirrors/agent_health.ts";
import { createAgentHealthCache } from "../../../functions/_shared/redis/mirrors/agent_health.ts";
import { createGuardedFetch } from "../../../functions/_shared/net/guarded_fetch.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import type { SharedRedis } from "../../../functions/_shared/redis/client.ts";
import { createSecretKeys } from "../../../functions/_shared/auth/secret_key.ts";
import { handleHealth, type HealthDeps } from "../../../functions/health/handler.ts";
import type { HealthDatabase } from "../../../functions/health/db.ts";
import type { Claim } from "../../../functions/health/probe/claim.ts";
import { PROBE_LIMITS, type ProbeLimits } from "../../../functions/health/probe/limits.ts";
import type { ProbeResult } from "../../../functions/health/probe/run_probes.ts";

/** The platform's credential for the vendor "acme". It must appear nowhere but in calls. */
export const CREDENTIAL = "sk-markerhush";

/** The scheduler's key. */
export const CRON_KEY = "sb_secret_cronhush";

/** A claim as the database hands it out, of a platform agent. */
export function claim(base_url: string, changes: Partial<Claim> = {}): Claim {
  return {
    agent_id: "20000000-0000-4000-8000-000000000001",
    is_platform: true,
    vendor_id: "acme",
    base_url,
    api_format: "openai",
    auth_type: "api_key",
    auth_header: "Authorization",
    auth_scheme: "Bearer",
    max_tokens_field: "max_tokens",
    probe_path: "/models",
    service_id: "acme_small",
    model: "small-1",
    ...changes,
  };
}

/** The health function with a database in memory. */
export interface ProbeFixture {
  deps: HealthDeps;
  /** What the function recorded, round by round. */
  recorded: ProbeResult[][];
  /** What it logged. */
  lines: LogFields[];
  /** Starts a round. */
  probe(init?: RequestInit): Promise<Response>;
  /** Starts a round that must succeed, and returns its only result. */
  find(): Promise<ProbeResult | undefined>;
}

/** Creates the function with a database in which these agents are due. */
export function createProbes(claims: readonly Claim[], options: {
  limits?: Partial<ProbeLimits>;
  redis?: SharedRedis | null;
  database?: Partial<HealthDatabase>;
  variables?: Record<string, string>;
  demoUpstreamUrl?: string;
} = {}): ProbeFixture {
  const recorded: ProbeResult[][] = [];
  const lines: LogFields[] = [];
  const limits = { ...PROBE_LIMITS, callMs: 1_500, ...options.limits };
  const redis = options.redis ?? null;
  const deps: HealthDeps = {
    now: Date.now,
    log: (_level, fields) => void lines.push(fields),
    env: {
      variables: new Map(Object.entries(options.variables ?? { ACME_API_KEY: CREDENTIAL })),
      demoUpstreamUrl: options.demoUpstreamUrl,
    },
    redis,
    limits,
    healthCache: createAgentHealthCache(redis, Date.now),
    secretKeys: createSecretKeys(
      new Map([["default", "sb_secret_defaulthush"], ["cron", CRON_KEY], ["other", "sb_secret_x"]]),
    ),
    guardedFetch: createGuardedFetch({
      trustedHosts: ["127.0.0.1"],
      timeoutMs: limits.callMs,
      maxBytes: limits.answerBytes,
    }),
    accessToken: () => Promise.resolve("access token hush"),
    database: {
      ping: () => Promise.resolve(),
      connection: () => Promise.reject(new Error("a probe does not ask how it is connected")),
      report: () => Promise.resolve({ status: "ok", problems: [], database: {} }),
      claimProbes: (batch) => Promise.resolve(claims.slice(0, batch)),
      recordProbes: (results) => {
        recorded.push([...results]);
        return Promise.resolve(results.map(asHealth));
      },
      ...options.database,
    },
  };
  const probe = (init: RequestInit = {}) => {
    const headers = { apikey: CRON_KEY, ...init.headers };
    const request = new Request("http://127.0.0.1/health/probe", {
      method: "POST",
      ...init,
      headers,
    });
    return handleHealth(request, deps);
  };
  return {
    deps,
    recorded,
    lines,
    probe,
    async find() {
      const response = await probe();
      if (response.status !== 200) throw new Error(await response.text());
      await response.body?.cancel();
      return recorded.at(-1)?.[0];
    },
  };
}

function asHealth({ agent_id, status, latency_ms }: ProbeResult): AgentHealth {
  return {
    agent_id,
    status,
    latency_ms,
    last_check: new Date().toISOString(),
    consecutive_failures: 0,
    circuit_state: "closed",
    circuit_retry_at: null,
  };
}
