import type { Redis } from "@upstash/redis";
import { z } from "zod";
import type { RateLimitRefusal } from "../http/rate_limit_error.ts";
import type { RateLimitState } from "../http/rate_limit_headers.ts";
import { waitForWindow, type WindowCounts } from "./wait.ts";
import { REDIS_NAMESPACE } from "../redis/key.ts";

/** A counter of calls: its name, and its limit of calls per minute. */
export type Counter = readonly [name: string, limit: number];

/**
 * The result of counting a call: the state of each counter, or the refusal by the first full one.
 */
export type Verdict =
  | { states: RateLimitState[]; refusal?: undefined }
  | { states?: undefined; refusal: RateLimitRefusal };

/** Counts calls in Redis. */
export interface MinuteWindow {
  /**
   * Counts a call in all of these counters, or in none if one of them is full. Rejects if Redis
   * fails or returns an invalid result.
   */
  take(counters: readonly Counter[]): Promise<Verdict>;
}

/** Milliseconds. */
const minute = 60_000;

const prefix = `${REDIS_NAMESPACE}:rate`;

/**
 * KEYS: of each counter the bucket before this one, and this one. ARGV: milliseconds of the window
 * and since this bucket began, and the limit of each counter. Returns the number of the first
 * counter that is full, or 0, and of each counter what its two buckets hold afterwards.
 */
const script = `
local window, elapsed = tonumber(ARGV[1]), tonumber(ARGV[2])
local counts = redis.call("MGET", unpack(KEYS))
local answer = { 0 }
for _, count in ipairs(counts) do
  if count and not count:match("^%d+$") then
    return redis.error_reply("WRONGTYPE a counter holds no number")
  end
end
for at = 1, #KEYS, 2 do
  local before, now = tonumber(counts[at] or 0), tonumber(counts[at + 1] or 0)
  local limit = tonumber(ARGV[2 + (at + 1) / 2])
  local is_full = math.floor((1 - elapsed / window) * before) + now >= limit
  if is_full and answer[1] == 0 then answer[1] = (at + 1) / 2 end
  answer[at + 1], answer[at + 2] = before, now
end
if answer[1] == 0 then
  for at = 2, #KEYS, 2 do
    answer[at + 1] = redis.call("INCR", KEYS[at])
    if answer[at + 1] == 1 then redis.call("PEXPIRE", KEYS[at], 2 * window + 1000) end
  end
end
return answer
`;

const answerSchema = z.tuple([z.int().nonnegative()], z.int().nonnegative());

/**
 * Makes a counter of calls a minute: a sliding window of two buckets, in one script.
 *
 * It is an estimate, as it assumes that the calls of the previous bucket were spread evenly. In a
 * bucket there are never more calls than the limit; in any minute that begins at the fraction f of
 * a bucket, at most limit + ⌈f × calls of that bucket⌉.
 *
 * @param now Milliseconds since the epoch.
 */
export function createMinuteWindow(redis: Redis, now: () => number): MinuteWindow {
  const count = redis.createScript(script);
  return {
    async take(counters) {
      const time = now();
      const elapsed = time % minute;
      const bucket = Math.floor(time / minute);
      const keys = counters.flatMap(([name]) =>
        [bucket - 1, bucket].map((number) => `${prefix}:${name}:${number}`)
      );
      const limits = counters.map(([, limit]) => String(limit));
      const answer = await count.exec(keys, [String(minute), String(elapsed), ...limits]);
      const [full, ...counts] = answerSchema.parse(answer);
      if (counts.length !== keys.length || full > counters.length) {
        throw new RangeError("Redis counts something else");
      }
      const windows = counters.map(([, limit], index) => {
        const [previous = 0, current = 0] = counts.slice(2 * index);
        return { previous, current, limit, window: minute, elapsed };
      });
      const refusing = windows[full - 1];
      return refusing ? { refusal: refusalOf(refusing) } : { states: windows.map(stateOf) };
    },
  };
}

/** The state of a counter after a call. */
function stateOf({ previous, current, limit, elapsed }: WindowCounts): RateLimitState {
  const remaining = limit - current - Math.floor((1 - elapsed / minute) * previous);
  if (current < 1 || remaining < 0) throw new RangeError("Redis took a call over the limit");
  // The call just counted leaves the window when the next bucket ends.
  return { limit, remaining, reset_ms: 2 * minute - elapsed };
}

/** When to retry, computed from the counts, which also verifies the refusal. */
function refusalOf(counts: WindowCounts): RateLimitRefusal {
  const { current, limit, elapsed } = counts;
  const wait = waitForWindow(counts);
  if (wait === 0) throw new RangeError("Redis refuses a call that its counts let pass");
  return { limit, retry_after_ms: wait, reset_ms: (current > 0 ? 2 : 1) * minute - elapsed };
}
