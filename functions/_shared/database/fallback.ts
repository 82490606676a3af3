import type { Log } from "../core/log.ts";
import { ConnectionFailure } from "./direct/failure.ts";
import type { Transport } from "./sql_caller.ts";

/** How long a failed transport is not tried again, in milliseconds. */
const REST_MS = 30_000;

/**
 * Uses a second transport while the first is unavailable. Only a call that was certainly not sent
 * is sent again.
 */
export function withFallback(
  first: Transport,
  other: Transport,
  { log, now }: { log: Log; now: () => number },
): Transport {
  let restsUntil: number | null = null;
  return async (name, args, signal) => {
    if (restsUntil !== null && now() < restsUntil) return await other(name, args, signal);
    try {
      const answer = await first(name, args, signal);
      if (restsUntil !== null) log("info", { event: "database_direct_again" });
      restsUntil = null;
      return answer;
    } catch (thrown) {
      if (!(thrown instanceof ConnectionFailure && thrown.wasNotSent) || signal?.aborted) {
        throw thrown;
      }
      if (restsUntil === null) {
        log("warn", { event: "database_through_data_api", reason: thrown.message });
      }
      restsUntil = now() + REST_MS;
      return await other(name, args, signal);
    }
  };
}
