import type { Lifetime } from "../core/runtime.ts";
import type { Log } from "../core/log.ts";
import { createRateLimiter, type RateLimiter } from "./limiter.ts";
import type { SharedRedis } from "../redis/client.ts";
import { NOTHING, type SqlCaller } from "../database/sql_caller.ts";

/** Options of {@linkcode createCallLimiter}. */
export interface CallLimiterOptions {
  redis: SharedRedis | null;
  log: Log;
  lifetime: Lifetime;
}

/** Creates the production call limiter of an isolate. */
export function createCallLimiter(
  call: SqlCaller,
  { redis, log, lifetime }: CallLimiterOptions,
): RateLimiter {
  return createRateLimiter({
    redis,
    log,
    now: Date.now,
    background: (work) => lifetime.waitUntil?.(work),
    warn: (whose, per_minute) => call("warn_of_rate_limit", { ...whose, per_minute }, NOTHING),
  });
}
