import type { DataApi } from "./database.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Log } from "./log.ts";
import { createRateLimiter, type RateLimiter } from "./rate_limit.ts";
import type { SharedRedis } from "./redis.ts";
import { createSqlCaller, NOTHING } from "./sql_caller.ts";

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
  const call = createSqlCaller(client);
  return createRateLimiter({
    redis,
    log,
    now: Date.now,
    background: (work) => lifetime.waitUntil?.(work),
    warn: (whose, per_minute) => call("warn_of_rate_limit", { ...whose, per_minute }, NOTHING),
  });
}
