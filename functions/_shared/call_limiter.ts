import type { DataApi } from "./database.ts";
import { databaseError } from "./database_error.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Log } from "./log.ts";
import { createRateLimiter, type RateLimiter } from "./rate_limit.ts";
import type { SharedRedis } from "./redis.ts";

/** What {@linkcode createCallLimiter} needs from outside. */
export interface CallLimiterOptions {
  redis: SharedRedis | null;
  log: Log;
  lifetime: Lifetime;
}

/** The counter of an isolate's calls, with everything real. */
export function createCallLimiter(
  client: DataApi,
  { redis, log, lifetime }: CallLimiterOptions,
): RateLimiter {
  return createRateLimiter({
    redis,
    log,
    now: Date.now,
    background: (work) => lifetime.waitUntil?.(work),
    warn: async (userId, perMinute) => {
      const told = { user_id: userId, per_minute: perMinute };
      const { error, status } = await client.rpc("warn_of_rate_limit", told);
      if (error) throw databaseError(error, status);
    },
  });
}
