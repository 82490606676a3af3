import type { Redis } from "@upstash/redis";
import type { Log } from "./log.ts";
import { rateLimitError } from "./rate_limit_error.ts";
import type { RateLimitState } from "./rate_limit_headers.ts";
import { createPlanMemory, type PlanLimits } from "./rate_limit_plan.ts";
import { createMinuteWindow, type MinuteWindow, type Verdict } from "./rate_limit_window.ts";
import type { SharedRedis } from "./redis.ts";

/** Counts the calls of people and of their organizations in Redis, where there is one. */
export interface RateLimiter {
  /**
   * Counts a call.
   *
   * @returns How much of the tighter limit is left; null when the call was not counted here, because
   * there is no Redis, it does not answer, or the person's limits are not known: the database must.
   * @throws {ApiError} 429 `rate_limit_exceeded` when a limit is reached. Such a call is not counted.
   */
  count(userId: string): Promise<RateLimitState | null>;
  /** Remembers the limits that the database named for a person. Neither waits nor throws. */
  learn(userId: string, limits: PlanLimits | null | undefined): void;
}

/** What {@linkcode createRateLimiter} needs from outside. */
export interface RateLimiterOptions {
  redis: SharedRedis | null;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Keeps the worker alive for work that nobody waits for. */
  background: (work: Promise<void>) => void;
  /** Tells a person that four fifths of the limit are used; the database does so once an hour. */
  warn: (userId: string, perMinute: number) => Promise<void>;
}

/** People that an isolate remembers as close to their limit. */
const maxClose = 10_000;

/** Makes the counter of an isolate. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { redis, log, now, background, warn } = options;
  if (redis === null) return { count: () => Promise.resolve(null), learn: () => {} };
  const plans = createPlanMemory({ redis, now, background });
  const close = new Set<string>();
  let window: MinuteWindow | undefined;

  async function take(client: Redis, userId: string): Promise<Verdict | null> {
    const limits = await plans.recall(userId, client);
    if (limits === null) return null;
    window ??= createMinuteWindow(client, now);
    const [user, organization] = [`user:${userId}`, `organization:${limits.organization_id}`];
    // One after the other: what a person is refused must not count against their colleagues.
    const mine = await window.take(user, limits.user_per_minute);
    if (mine.refusal) return mine;
    const ours = await window.take(organization, limits.organization_per_minute);
    if (ours.refusal) {
      await window.giveBack(user, limits.user_per_minute);
      return ours;
    }
    watch(userId, mine.state);
    return mine.state.remaining <= ours.state.remaining ? mine : ours;
  }

  function watch(userId: string, { limit, remaining }: RateLimitState): void {
    if (remaining > Math.floor(limit / 5)) {
      close.delete(userId);
      return;
    }
    if (close.has(userId)) return;
    if (close.size >= maxClose) close.clear();
    close.add(userId);
    background(
      warn(userId, limit).catch(() => log("warn", { event: "rate_limit_warning_failed" })),
    );
  }

  return {
    async count(userId) {
      const verdict = (await redis.attempt((client) => take(client, userId)))?.value ?? null;
      if (verdict?.refusal) throw rateLimitError(verdict.refusal);
      return verdict?.state ?? null;
    },
    learn(userId, limits) {
      if (limits) plans.learn(userId, limits);
    },
  };
}
