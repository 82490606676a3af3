import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "@upstash/redis";
import { z } from "zod";
import type { RateLimitRefusal } from "../http/rate_limit_error.ts";
import type { RateLimitState } from "../http/rate_limit_headers.ts";
import { waitForWindow } from "./wait.ts";
import { REDIS_NAMESPACE } from "../redis/key.ts";

/** What became of a call. */
export type Verdict =
  | { state: RateLimitState; refusal?: undefined }
  | { state?: undefined; refusal: RateLimitRefusal };

/** Counts calls in Redis. Each function rejects when Redis fails or answers nonsense. */
export interface MinuteWindow {
  /** Counts a call of a caller who may call `limit` times a minute; a refused call is not counted. */
  take(who: string, limit: number): Promise<Verdict>;
  /** Takes a call back that was counted. */
  giveBack(who: string, limit: number): Promise<void>;
}

/** Milliseconds. */
const minute = 60_000;

const prefix = `${REDIS_NAMESPACE}:rate`;

const counter = z.string().regex(/^-?\d{1,15}$/).nullable().transform(Number);
const countersSchema = z.tuple([counter, counter]);

const answerSchema = z.object({
  success: z.boolean(),
  limit: z.int(),
  remaining: z.int().min(0),
  reset: z.number(),
}).refine(({ limit, remaining }) => remaining <= limit);

/**
 * Makes a counter of calls a minute: a sliding window of two buckets, in one script.
 *
 * It is an estimate, for it takes the calls of the last bucket to be spread evenly. In a bucket there
 * are never more calls than the limit; in any minute that begins at the fraction f of a bucket, at most
 * limit + ⌈f × calls of that bucket⌉.
 *
 * @param now Milliseconds since the epoch.
 */
export function createMinuteWindow(redis: Redis, now: () => number): MinuteWindow {
  const limiters = new Map<number, Ratelimit>();

  function limiterFor(limit: number): Ratelimit {
    const limiter = limiters.get(limit) ?? new Ratelimit({
      redis,
      prefix,
      limiter: Ratelimit.slidingWindow(limit, "60 s"),
      // When the time is up, the library on its own would let the call pass uncounted.
      timeout: 0,
      // It would refuse a caller until the bucket ends, however soon the window lets them pass.
      ephemeralCache: false,
      enableTelemetry: false,
    });
    limiters.set(limit, limiter);
    return limiter;
  }

  /**
   * When to come back, from the counters themselves, which also prove that the refusal is right.
   *
   * @returns null when they would allow a call now.
   */
  async function refusalOf(who: string, limit: number): Promise<RateLimitRefusal | null> {
    const time = now();
    const bucket = Math.floor(time / minute);
    const keys = [bucket - 1, bucket].map((number) => `${prefix}:${who}:${number}`);
    const [previous, current] = countersSchema.parse(await redis.mget(...keys));
    const elapsed = time % minute;
    const wait = waitForWindow({ previous, current, limit, window: minute, elapsed });
    if (wait === 0) return null;
    return { limit, retry_after_ms: wait, reset_ms: (current > 0 ? 2 : 1) * minute - elapsed };
  }

  async function ask(who: string, limit: number): Promise<Verdict | null> {
    const answer = answerSchema.parse(await limiterFor(limit).limit(who));
    if (answer.limit !== limit) throw new RangeError("Redis answers for another limit");
    if (!answer.success) {
      const refusal = await refusalOf(who, limit);
      return refusal && { refusal };
    }
    // The call just counted leaves the window when the next bucket ends.
    const reset_ms = answer.reset + minute - now();
    return { state: { limit, remaining: answer.remaining, reset_ms } };
  }

  return {
    async take(who, limit) {
      // Between the refusal and its reason the window moves on; but not twice.
      const verdict = await ask(who, limit) ?? await ask(who, limit);
      if (verdict === null) throw new RangeError("Redis refuses calls that its counters let pass");
      return verdict;
    },
    async giveBack(who, limit) {
      await limiterFor(limit).limit(who, { rate: -1 });
    },
  };
}
