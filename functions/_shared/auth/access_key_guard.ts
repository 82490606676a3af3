import type { Caller } from "./caller.ts";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import { LruMap } from "../core/lru_map.ts";
import { createTryLimiter } from "./try_limiter.ts";

/** Refuses callers who try unknown keys before they reach the database. */
export interface AccessKeyGuard {
  /**
   * Calls the database on behalf of a caller.
   *
   * @throws {ApiError} What the call throws. Without a call: 401 for a key that was permanently
   * refused a moment ago, 429 for an address that tried too many keys. Callers without a known
   * address are not limited: they would share one limit.
   */
  ask<Value>(caller: Caller, work: () => Promise<Value>): Promise<Value>;
}

/** Options of {@linkcode createAccessKeyGuard}. */
export interface AccessKeyGuardOptions {
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** For how long a refusal holds, in milliseconds. */
const MINUTE = 60_000;

/** Keys that an isolate remembers; the oldest are evicted. */
const MAX_REMEMBERED = 10_000;

/** Refusals that are permanent: a refused secret is never assigned to a new key. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["invalid_api_key", "access_key_revoked"]);

/** Makes the guard of an isolate. */
export function createAccessKeyGuard({ now }: AccessKeyGuardOptions): AccessKeyGuard {
  const refused = new LruMap<string, { error: ApiError; since: number }>(MAX_REMEMBERED);
  const tries = createTryLimiter({
    now,
    code: "too_many_unknown_keys",
    failed: "Cannot check another access key",
    reason: "it sent too many unknown keys",
  });

  return {
    async ask(caller, work) {
      if (caller.accessKey === undefined) return await work();
      const { accessKey, address } = caller;
      const before = refused.get(accessKey);
      if (before && now() - before.since < MINUTE) throw before.error;
      tries.demand(address, accessKey);
      try {
        const value = await work();
        tries.accept(accessKey);
        return value;
      } catch (thrown) {
        if (thrown instanceof ApiError && FINAL.has(thrown.code)) {
          tries.forget(accessKey);
          refused.set(accessKey, { error: thrown, since: now() });
          tries.note(address);
        }
        throw thrown;
      }
    },
  };
}
