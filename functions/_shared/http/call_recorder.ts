import type { Lifetime } from "../core/runtime.ts";
import type { Log } from "../core/log.ts";
import { within } from "../core/deadline.ts";

/** One call of a function, as `api_usage` keeps it. It contains nothing that a caller wrote. */
export interface CallRecord {
  /** Null for an unknown caller. */
  user_id: string | null;
  agent_id: string | null;
  /** The path as the function declares it, such as `/models/*`. */
  endpoint: string;
  method: string;
  status_code: number;
  /** Milliseconds until the answer was complete. */
  response_time_ms: number;
  /** US dollars as decimal text. */
  cost_usd: string | null;
  /** ISO 8601. */
  created_at: string;
}

/** Records calls. No call waits for it or fails because of it. */
export interface CallRecorder {
  record(call: CallRecord): void;
}

/** Options of {@linkcode createCallRecorder}. */
export interface CallRecorderOptions {
  /** Writes calls into the database. */
  send: (calls: readonly CallRecord[]) => Promise<void>;
  lifetime: Lifetime;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  limits?: Partial<typeof RECORDER_LIMITS>;
}

/** Bounds of a recorder. */
export const RECORDER_LIMITS = {
  /** Calls that are written together at most. */
  batch: 100,
  /** Milliseconds that a call waits for others. */
  waitMs: 2_000,
  /** Calls that are queued while the database does not answer. Further calls are not recorded. */
  waiting: 1_000,
  /** Recorded calls a minute of unauthenticated callers, which bounds how fast the table grows. */
  strangers: 60,
};

/**
 * Makes the recorder of an isolate. Calls are collected for a moment and written in one request.
 */
export function createCallRecorder(options: CallRecorderOptions): CallRecorder {
  const { send, lifetime, log, now } = options;
  const limits = { ...RECORDER_LIMITS, ...options.limits };
  const waiting: CallRecord[] = [];
  let strangers = { minute: 0, calls: 0 };
  let lost = 0;
  let writing: Promise<void> | undefined;
  let hurry: () => void = () => {};

  function isTooManyStrangers(): boolean {
    const minute = Math.floor(now() / 60_000);
    if (strangers.minute !== minute) strangers = { minute, calls: 0 };
    return ++strangers.calls > limits.strangers;
  }

  async function write(): Promise<void> {
    await moment();
    while (waiting.length > 0) {
      const calls = waiting.splice(0, limits.batch);
      await send(calls).catch(() => void (lost += calls.length));
    }
    if (lost > 0) log("warn", { event: "calls_not_recorded", calls: lost });
    lost = 0;
  }

  /** Resolves after the batching delay, or immediately on shutdown. */
  async function moment(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    hurry = resolve;
    lifetime.shutdown.addEventListener("abort", hurry);
    if (lifetime.shutdown.aborted) hurry();
    await within(limits.waitMs, promise);
    lifetime.shutdown.removeEventListener("abort", hurry);
  }

  return {
    record(call) {
      if (call.user_id === null && isTooManyStrangers()) return;
      if (waiting.length >= limits.waiting) {
        lost++;
        return;
      }
      waiting.push(call);
      if (writing === undefined) {
        writing = write().finally(() => writing = undefined);
        lifetime.waitUntil?.(writing);
      }
      if (waiting.length >= limits.batch) hurry();
    },
  };
}
