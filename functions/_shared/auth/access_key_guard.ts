import type { Caller } from "./caller.ts";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import { LruMap } from "../core/lru_map.ts";

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

/** For how long a refusal holds, and tries are counted, in milliseconds. */
const MINUTE = 60_000;

/** Keys that do not exist which an address may try in a minute, in each isolate. */
export const TRIES_A_MINUTE = 20;

/** Keys and addresses that an isolate remembers; those set longest ago make room. */
const MAX_REMEMBERED = 10_000;

/** Refusals that no later request can turn out differently: no key is created with a given secret. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["invalid_api_key", "access_key_revoked"]);

/** Makes the guard of an isolate. */
export function createAccessKeyGuard({ now }: AccessKeyGuardOptions): AccessKeyGuard {
  const refused = new LruMap<string, { error: ApiError; since: number }>(MAX_REMEMBERED);
  const tries = new LruMap<string, { count: number; since: number }>(MAX_REMEMBERED);
  const accepted = new LruMap<string, true>(MAX_REMEMBERED);

  function noteRefusal(hash: string, address: string | null, error: ApiError): void {
    const time = now();
    accepted.delete(hash);
    refused.set(hash, { error, since: time });
    if (address === null) return;
    const known = tries.get(address);
    const isRecent = known && time - known.since < MINUTE;
    tries.set(
      address,
      isRecent ? { ...known, count: known.count + 1 } : { count: 1, since: time },
    );
  }

  /** Milliseconds that an address has to wait; 0 when it may try a key. */
  function waitOf(address: string | null): number {
    const known = address === null ? undefined : tries.get(address);
    if (!known || known.count < TRIES_A_MINUTE) return 0;
    return Math.max(0, known.since + MINUTE - now());
  }

  return {
    async ask(caller, work) {
      if (caller.accessKey === undefined) return await work();
      const { accessKey, address } = caller;
      const before = refused.get(accessKey);
      if (before && now() - before.since < MINUTE) throw before.error;
      const wait = accepted.has(accessKey) ? 0 : waitOf(address);
      if (wait > 0) throw tooManyTries(wait);
      try {
        const value = await work();
        accepted.set(accessKey, true);
        return value;
      } catch (thrown) {
        if (thrown instanceof ApiError && FINAL.has(thrown.code)) {
          noteRefusal(accessKey, address, thrown);
        }
        throw thrown;
      }
    },
  };
}

function tooManyTries(milliseconds: number): ApiError {
  const seconds = Math.ceil(milliseconds / 1000);
  return new ApiError(
    "too_many_unknown_keys",
    `Cannot check another access key from this address: it sent too many unknown keys. Try again in ${seconds} s.`,
    { headers: { "retry-after": String(seconds) } },
  );
}
