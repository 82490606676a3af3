import type { Redis } from "@upstash/redis";
import type { Log } from "../core/log.ts";
import { rateLimitError } from "../http/rate_limit_error.ts";
import type { RateLimitState } from "../http/rate_limit_headers.ts";
import { createPlanMemory, type PlanLimits } from "./plan.ts";
import { createMinuteWindow, type MinuteWindow, type Verdict } from "./window.ts";
import type { SharedRedis } from "../redis/client.ts";

/** The state of a caller's tightest limit after a call was counted. */
export interface CountedState extends RateLimitState {
  /**
   * The limits by which it was counted: those of the organization that paid for the caller's last
   * call.
   */
  limits: PlanLimits;
}

/** Counts the calls of users, access keys and organizations in Redis, if it is configured. */
export interface RateLimiter {
  /**
   * Counts a call.
   *
   * @param who Id of a person, or hash of an access key.
   * @returns How much of the tightest limit is left; null if the database must count the call:
   * Redis is not configured or does not answer, or the caller's limits are not known.
   * @throws {ApiError} 429 `rate_limit_exceeded` when a limit is reached. Such a call is not
   * counted.
   */
  count(who: string): Promise<CountedState | null>;
  /** Remembers the limits that the database named for a caller. Neither waits nor throws. */
  learn(who: string, limits: PlanLimits | null | undefined): void;
  /** Forgets the limits of a caller that the database no longer knows. */
  forget(who: string): void;
}

/** A person, or an organization, whose admins and owners are notified. */
export type LimitOwner = { user_id: string } | { organization_id: string };

/** Options of {@linkcode createRateLimiter}. */
export interface RateLimiterOptions {
  redis: SharedRedis | null;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Keeps the worker alive for background work. */
  background: (work: Promise<void>) => void;
  /**
   * Has the database warn the holder of a limit that four fifths of it are used, at most once an
   * hour.
   */
  warn: (whose: LimitOwner, perMinute: number) => Promise<void>;
}

/** A call that Redis counted or refused, with the limits it used. */
interface Counted {
  verdict: Verdict;
  limits: PlanLimits;
}

/** People and organizations that an isolate remembers as close to their limit. */
const maxClose = 10_000;

/** Makes the counter of an isolate. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { redis, log, now, background, warn } = options;
  if (redis === null) {
    return { count: () => Promise.resolve(null), learn: () => {}, forget: () => {} };
  }
  const plans = createPlanMemory({ redis, now, background });
  const close = new Set<string>();
  let window: MinuteWindow | undefined;

  async function take(client: Redis, who: string): Promise<Counted | null> {
    const limits = await plans.recall(who, client);
    if (limits === null) return null;
    window ??= createMinuteWindow(client, now);
    const userId = limits.user_id ?? who;
    const verdict = await window.take([
      ...limits.access_key_id && limits.access_key_per_minute
        ? [[`access_key:${limits.access_key_id}`, limits.access_key_per_minute] as const]
        : [],
      [`user:${userId}`, limits.user_per_minute],
      [`organization:${limits.organization_id}`, limits.organization_per_minute],
    ]);
    const [person, organization] = verdict.states?.slice(-2) ?? [];
    watch({ user_id: userId }, person);
    watch({ organization_id: limits.organization_id }, organization);
    return { verdict, limits };
  }

  function watch(whose: LimitOwner, state: RateLimitState | undefined): void {
    if (!state) return;
    const { limit, remaining } = state;
    const id = "user_id" in whose ? whose.user_id : whose.organization_id;
    if (remaining > Math.floor(limit / 5)) {
      close.delete(id);
      return;
    }
    if (close.has(id)) return;
    if (close.size >= maxClose) close.clear();
    close.add(id);
    background(
      warn(whose, limit).catch(() => log("warn", { event: "rate_limit_warning_failed" })),
    );
  }

  return {
    async count(who) {
      const counted = (await redis.attempt((client) => take(client, who)))?.value ?? null;
      if (counted === null) return null;
      const { verdict, limits } = counted;
      if (verdict.refusal) throw rateLimitError(verdict.refusal);
      const tightest = verdict.states.reduce((least, next) =>
        next.remaining < least.remaining ? next : least
      );
      return { ...tightest, limits };
    },
    learn(who, limits) {
      if (limits) plans.learn(who, limits);
    },
    forget: plans.forget,
  };
}
