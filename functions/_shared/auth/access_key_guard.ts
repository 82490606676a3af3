import type { Caller } from "./caller.ts";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import { LruMap } from "../core/lru_map.ts";
import { createTryLimiter } from "./try_limiter.ts";

/** Keeps those who try keys that do not exist away from the database. */
export interface AccessKeyGuard {
  /**
   * Asks the database something in a caller's name.
   *
   * @throws {ApiError} What asking throws; without asking 401 again for a key that was permanently
   * refused a moment ago, and 429 for an address that tried many. Callers without a known address are
   * not limited: they would share one limit.
   */
  ask<Value>(caller: Caller, work: () => Promise<Value>): Promise<Value>;
}

/** What an {@linkcode AccessKeyGuard} counts with. */
export interface AccessKeyGuardOptions {
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** For how long a refusal holds, in milliseconds. */
const MINUTE = 60_000;

/** Keys that an isolate remembers; those set longest ago make room. */
const MAX_REMEMBERED = 10_000;

/** Refusals that no later request can turn out differently: no key is created with a given secret. */
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
