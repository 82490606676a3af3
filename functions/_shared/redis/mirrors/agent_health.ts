import { z } from "zod";
import { type Cache, type CacheEntry, createCache } from "../cache.ts";
import type { SharedRedis } from "../client.ts";

const timestamp = z.iso.datetime({ offset: true });

/** The health of an agent, from `agent_health`. */
export const agentHealthSchema = z.object({
  agent_id: z.uuid(),
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  last_check: timestamp.nullable(),
  latency_ms: z.int().nullable(),
  consecutive_failures: z.int(),
  circuit_state: z.enum(["closed", "open", "half_open"]),
  circuit_retry_at: timestamp.nullable(),
});

/** The health of an agent. */
export type AgentHealth = z.infer<typeof agentHealthSchema>;

const circuitSchema = z.object({
  circuit_state: z.enum(["open", "half_open"]),
  circuit_retry_at: timestamp,
});

/** A circuit that is not closed, and when a call may try again. */
export type AgentCircuit = z.infer<typeof circuitSchema>;

/** Mirrors of what the database decides about agents. No decision is based on them. */
export interface AgentHealthCache {
  /** `agent:health:{id}`, 5 minutes. */
  health: Cache<AgentHealth>;
  /** `circuit_breaker:{id}`: there until the circuit may close. */
  circuit: Cache<AgentCircuit>;
  /** The entries to store for an agent. */
  entries(health: AgentHealth): Promise<CacheEntry[]>;
}

/** @param now Milliseconds since the epoch. */
export function createAgentHealthCache(
  redis: SharedRedis | null,
  now: () => number,
): AgentHealthCache {
  const health = createCache({
    redis,
    key: (id) => ["agent", "health", id],
    schema: agentHealthSchema,
    lifetime: () => 5 * 60_000,
  });
  const circuit = createCache({
    redis,
    key: (id) => ["circuit_breaker", id],
    schema: circuitSchema,
    lifetime: ({ circuit_retry_at }) => Date.parse(circuit_retry_at) - now(),
  });
  return {
    health,
    circuit,
    entries: (row) => {
      // A closed circuit has no entry: closing deletes it.
      const open = circuitSchema.safeParse(row).data ?? null;
      return Promise.all([health.entry(row.agent_id, row), circuit.entry(row.agent_id, open)]);
    },
  };
}
