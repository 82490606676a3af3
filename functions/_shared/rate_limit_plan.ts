import type { Redis } from "@upstash/redis";
import { z } from "zod";
import { parseCached } from "./cache_value.ts";
import type { SharedRedis } from "./redis.ts";
import { redisKey } from "./redis_key.ts";

/** More than any plan sells; a larger number is damage. */
const perMinute = z.int().positive().max(1e9);

/** How fast a person may call, by the plan of an organization: the `limits` of begin_chat_turn. */
export const planLimitsSchema = z.object({
  organization_id: z.uuid(),
  organization_per_minute: perMinute,
  user_per_minute: perMinute,
});

/** How fast a person may call. */
export type PlanLimits = z.infer<typeof planLimitsSchema>;

/** Remembers the limits that the database named last. */
export interface PlanMemory {
  /** What is remembered of a person, here or in Redis; null when nothing is. */
  recall(userId: string, redis: Redis): Promise<PlanLimits | null>;
  /** Remembers; Redis learns in the background what it does not know yet. */
  learn(userId: string, limits: PlanLimits): void;
}

/** What a {@linkcode PlanMemory} needs from outside. */
export interface PlanMemoryOptions {
  redis: SharedRedis;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Keeps the worker alive for work that nobody waits for. */
  background: (work: Promise<void>) => void;
}

/** A changed plan is noticed by everybody after this time, in milliseconds. */
const maxAge = 5 * 60_000;

/** People whose limits an isolate keeps; whoever was not there for longest makes room. */
const maxPeople = 10_000;

interface Remembered {
  limits: PlanLimits;
  /** When the database said so. */
  since: number;
}

/** Makes a memory for the isolate. */
export function createPlanMemory({ redis, now, background }: PlanMemoryOptions): PlanMemory {
  const people = new Map<string, Remembered>();

  function remember(userId: string, limits: PlanLimits, since: number): void {
    people.delete(userId);
    people.set(userId, { limits, since });
    const [longestAway] = people.keys();
    if (people.size > maxPeople && longestAway !== undefined) people.delete(longestAway);
  }

  return {
    async recall(userId, redis) {
      const here = people.get(userId);
      if (here && now() - here.since < maxAge) return here.limits;
      const there = parseCached(planLimitsSchema, await redis.get(await keyOf(userId)));
      // Redis does not say how old it is, so that here it may be asked again soon.
      if (there) remember(userId, there, now() - maxAge / 2);
      return there;
    },
    learn(userId, limits) {
      const known = people.get(userId);
      const isNews = !known || now() - known.since > maxAge / 2 || !isSame(known.limits, limits);
      if (!isNews) return;
      remember(userId, limits, now());
      background(redis.later(async (client) => {
        await client.set(await keyOf(userId), JSON.stringify(limits), { px: maxAge });
      }));
    },
  };
}

function keyOf(userId: string): Promise<string> {
  return redisKey("limits", userId);
}

function isSame(one: PlanLimits, other: PlanLimits): boolean {
  return one.organization_id === other.organization_id &&
    one.organization_per_minute === other.organization_per_minute &&
    one.user_per_minute === other.user_per_minute;
}
