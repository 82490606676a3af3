import ipaddr from "ipaddr.js";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import { LruMap } from "../core/lru_map.ts";

/** Counts invalid credentials per network address, to slow down guessing. */
export interface TryLimiter {
  /**
   * Admits a request of an address. Callers without a known address are not limited, as they would
   * share one limit; nor is a credential that was accepted before, as others behind the same
   * address could block it.
   *
   * @throws {ApiError} 429 for an address that tried too many within a minute.
   */
  demand(address: string | null, credential: string): void;
  /** Remembers a credential that was accepted, by its hash or the id of what it belongs to. */
  accept(credential: string): void;
  /** Forgets that a credential was accepted. */
  forget(credential: string): void;
  /** Counts a credential that was refused. */
  note(address: string | null): void;
}

/** Options of {@linkcode createTryLimiter}. */
export interface TryLimiterOptions {
  /** Milliseconds since the epoch. */
  now: () => number;
  code: ErrorCode;
  /** The beginning of the error message: "Cannot check another access key". */
  failed: string;
  /** The reason in the error message: "it sent too many unknown keys". */
  reason: string;
}

/** For how long tries are counted, in milliseconds. */
const MINUTE = 60_000;

/** Refused credentials that an address may send in a minute, in each isolate. */
export const TRIES_A_MINUTE = 20;

/** Addresses, and credentials, that an isolate remembers; the oldest are evicted. */
const MAX_REMEMBERED = 10_000;

/** Makes the limiter of an isolate. */
export function createTryLimiter({ now, code, failed, reason }: TryLimiterOptions): TryLimiter {
  const tries = new LruMap<string, { count: number; since: number }>(MAX_REMEMBERED);
  const accepted = new LruMap<string, true>(MAX_REMEMBERED);

  return {
    accept(credential) {
      accepted.set(credential, true);
    },
    forget(credential) {
      accepted.delete(credential);
    },
    demand(address, credential) {
      if (accepted.has(credential)) return;
      const known = address === null ? undefined : tries.get(networkOf(address));
      if (!known || known.count < TRIES_A_MINUTE) return;
      const seconds = Math.ceil((known.since + MINUTE - now()) / 1000);
      if (seconds <= 0) return;
      throw new ApiError(
        code,
        `${failed} from this address: ${reason}. Try again in ${seconds} s.`,
        { headers: { "retry-after": String(seconds) } },
      );
    },
    note(address) {
      if (address === null) return;
      const time = now();
      const network = networkOf(address);
      const known = tries.get(network);
      const isRecent = known && time - known.since < MINUTE;
      tries.set(
        network,
        isRecent ? { ...known, count: known.count + 1 } : { count: 1, since: time },
      );
    },
  };
}

/**
 * The key of a limit: an IPv4 address, or the /64 of an IPv6 address, which belongs to one
 * subscriber.
 */
function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, "");
  if (!ipaddr.isValid(plain)) return address;
  const read = ipaddr.process(plain);
  return read instanceof ipaddr.IPv6 ? read.parts.slice(0, 4).join(":") : read.toString();
}
