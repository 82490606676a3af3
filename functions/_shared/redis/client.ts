import { Redis } from "@upstash/redis";
import { z } from "zod";
import type { Log } from "../core/log.ts";
import { redisFailure } from "./failure.ts";

/**
 * A Redis that may fail at any time: no request waits long for it, and after a failure none waits
 * at all until a check in the background has succeeded.
 */
export interface SharedRedis {
  /**
   * Runs commands while a caller waits.
   *
   * @param work May send several commands, within one time limit. They may have been executed,
   * partly or fully, even if this fails.
   * @returns null if Redis was skipped, failed, or took too long.
   */
  attempt<Value>(work: (redis: Redis) => Promise<Value>): Promise<{ value: Value } | null>;
  /** The same for background work, with a longer timeout. Never rejects. */
  later(work: (redis: Redis) => Promise<unknown>): Promise<void>;
}

/** Options of {@linkcode createRedis}. */
export interface RedisOptions {
  log: Log;
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number;
  /** Milliseconds; see {@linkcode REDIS_PATIENCE}. */
  patience?: Partial<typeof REDIS_PATIENCE>;
}

/** Milliseconds. */
export const REDIS_PATIENCE = {
  /** The time that Redis may add to a request, which stays below 200 ms in total. */
  attempt: 150,
  /** How long one command may take in the background. */
  later: 2_000,
  /** How long Redis is skipped after a failure. */
  rest: 5_000,
};

const settingsSchema = z.object({
  UPSTASH_REDIS_REST_URL: z.url({ protocol: /^https?$/ }),
  UPSTASH_REDIS_REST_TOKEN: z.string().regex(/^\S+$/),
});

/**
 * Reads UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN.
 *
 * @returns null if no Redis is configured, or its configuration is invalid, which is logged.
 */
export function createRedis(
  variables: ReadonlyMap<string, string>,
  options: RedisOptions,
): SharedRedis | null {
  const names = Object.keys(settingsSchema.shape);
  if (!names.some((name) => variables.has(name))) return null;
  const settings = settingsSchema.safeParse(Object.fromEntries(variables));
  if (settings.success) return shareRedis(settings.data, options);
  const wrong = settings.error.issues.map((issue) => issue.path.join(".")).join(", ");
  options.log("warn", { event: "redis_misconfigured", variables: wrong });
  return null;
}

function shareRedis(settings: z.infer<typeof settingsSchema>, options: RedisOptions): SharedRedis {
  const { log, now = () => performance.now() } = options;
  const patience = { ...REDIS_PATIENCE, ...options.patience };
  const hurried = connect(settings, patience.attempt);
  const patient = connect(settings, patience.later);
  /** Null while Redis answers; otherwise the time of the next check. */
  let restsUntil: number | null = null;
  let isProbing = false;

  function isUsable(): boolean {
    if (restsUntil === null) return true;
    if (now() >= restsUntil && !isProbing) void probe();
    return false;
  }

  async function probe(): Promise<void> {
    isProbing = true;
    const answer: unknown = await hurried.ping().catch(() => null);
    isProbing = false;
    if (answer === "PONG") {
      restsUntil = null;
      log("info", { event: "redis_used_again" });
    } else {
      restsUntil = now() + patience.rest;
    }
  }

  function fail(thrown: unknown): void {
    const { reason, isAboutOneKey } = redisFailure(thrown);
    if (isAboutOneKey || restsUntil !== null) return;
    restsUntil = now() + patience.rest;
    log("warn", { event: "redis_skipped", reason, for_ms: patience.rest });
  }

  return {
    async attempt(work) {
      if (!isUsable()) return null;
      try {
        return { value: await inTime(work(hurried), patience.attempt) };
      } catch (thrown) {
        fail(thrown);
        return null;
      }
    },
    async later(work) {
      if (!isUsable()) return;
      await work(patient).catch(fail);
    },
  };
}

function connect(settings: z.infer<typeof settingsSchema>, timeout: number): Redis {
  return new Redis({
    url: settings.UPSTASH_REDIS_REST_URL,
    token: settings.UPSTASH_REDIS_REST_TOKEN,
    // A command whose answer was lost may have been executed: retrying could count twice.
    retry: { retries: 0 },
    // A function, so that each request has its own signal; only then is an abort an error.
    signal: () => AbortSignal.timeout(timeout),
    // Values are text to us: "123" must not come back as a number.
    automaticDeserialization: false,
    enableAutoPipelining: false,
    readYourWrites: false,
    enableTelemetry: false,
  });
}

/**
 * @throws {DOMException} TimeoutError after the time limit; the promise itself is not cancelled.
 */
async function inTime<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value> {
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new DOMException("Time is up", "TimeoutError")),
    milliseconds,
  );
  try {
    return await Promise.race([promise, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
