import type { Redis } from "@upstash/redis";
import { z } from "zod";
import { LruMap } from "../core/lru_map.ts";
import { parseCached } from "../redis/cache_value.ts";
import type { SharedRedis } from "../redis/client.ts";
import { redisKey } from "../redis/key.ts";

/** More than any plan offers; a larger number is treated as corrupt. */
const perMinute = z.int().positive().max(1e9);

/** How fast a caller may call, by the plan of an organization: the `limits` of begin_chat_turn. */
export const planLimitsSchema = z.object({
  organization_id: z.uuid(),
  organization_per_minute: perMinute,
  user_per_minute: perMinute,
  /** For an access key: its owner, and its own limit. */
  user_id: z.uuid().nullish(),
  access_key_id: z.uuid().nullish(),
  access_key_per_minute: perMinute.nullish(),
});

/** The limits of a caller. */
export type PlanLimits = z.infer<typeof planLimitsSchema>;

/** Caches the limits that the database returned last. */
export interface PlanMemory {
  /** The cached limits of a caller, from here or Redis; null if there are none. */
  recall(who: string, redis: Redis): Promise<PlanLimits | null>;
  /** Caches limits here, and in the background in Redis if they have changed. */
  learn(who: string, limits: PlanLimits): void;
  /** Removes limits here immediately, and in Redis in the background. */
  forget(who: string): void;
}

/** Options of a {@linkcode PlanMemory}. */
export interface PlanMemoryOptions {
  redis: SharedRedis;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Keeps the worker alive for background work. */
  background: (work: Promise<void>) => void;
}

/** A changed plan is noticed by every isolate after this time, in milliseconds. */
const maxAge = 5 * 60_000;

/** Callers whose limits an isolate keeps; the least recent one is evicted. */
const maxCallers = 10_000;

interface Remembered {
  limits: PlanLimits;
  /** When the database returned it. */
  since: number;
}

/** Creates the cache of an isolate. */
export function createPlanMemory({ redis, now, background }: PlanMemoryOptions): PlanMemory {
  const callers = new LruMap<string, Remembered>(maxCallers);

  return {
    forget(who) {
      if (!callers.delete(who)) return;
      background(redis.later(async (client) => {
        await client.del(await keyOf(who));
      }));
    },
    async recall(who, redis) {
      const here = callers.get(who);
      if (here && now() - here.since < maxAge) return here.limits;
      const there = parseCached(planLimitsSchema, await redis.get(await keyOf(who)));
      // Redis does not store the age of the value, so it is cached here for a short time only.
      if (there) callers.set(who, { limits: there, since: now() - maxAge / 2 });
      return there;
    },
    learn(who, limits) {
      const known = callers.get(who);
      const isNews = !known || now() - known.since > maxAge / 2 || !isSame(known.limits, limits);
      if (!isNews) return;
      callers.set(who, { limits, since: now() });
      background(redis.later(async (client) => {
        await client.set(await keyOf(who), JSON.stringify(limits), { px: maxAge });
      }));
    },
  };
}

function keyOf(who: string): Promise<string> {
  return redisKey("limits", who);
}

function isSame(one: PlanLimits, other: PlanLimits): boolean {
  return one.organization_id === other.organization_id &&
    one.organization_per_minute === other.organization_per_minute &&
    one.user_per_minute === other.user_per_minute &&
    (one.access_key_per_minute ?? null) === (other.access_key_per_minute ?? null);
}
