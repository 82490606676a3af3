import type { ApiError } from "../../core/errors.ts";
import type { StoredKey } from "../../crypto/stored_key.ts";
import { isAbort } from "../call/abort_reasons.ts";
import { UpstreamError } from "../call/upstream_error.ts";
import type { Route } from "../turn_database.ts";
import type { Attempt, TurnUsage } from "./outcome.ts";
import { plausibleUsage } from "./plausible_usage.ts";

/** Records one upstream call. Unless it is recorded as failed, it ends like the turn. */
export interface AttemptNote {
  /** Records the status of the upstream's answer. */
  head(status: number): void;
  /** Records that the call failed. */
  fail(error: ApiError): void;
}

/** The upstream calls of one turn. */
export interface AttemptLog {
  readonly attempts: readonly Attempt[];
  /**
   * Records the start of a call.
   *
   * @param sent The body of the call.
   * @param key The user's key of the call; absent for the platform's credential.
   */
  start(route: Route, sent: object, key?: StoredKey): AttemptNote;
  /** Ends the open call, if any, with the outcome of the turn. */
  endLast(error: ApiError | null, usage: TurnUsage | null): void;
}

/** @param now Milliseconds since the epoch. */
export function createAttemptLog(now: () => number): AttemptLog {
  const attempts: Attempt[] = [];
  let endOpen: AttemptLog["endLast"] | undefined;
  return {
    attempts,
    start(route, sent, key) {
      const startedAt = now();
      const attempt = newAttempt(attempts.length + 1, route, key, startedAt);
      attempts.push(attempt);
      const end = (error: ApiError | null, usage: TurnUsage | null) => {
        endOpen = undefined;
        attempt.latency_ms = now() - startedAt;
        Object.assign(attempt, endingOf(attempt, route, error, usage));
        attempt.usage &&= plausibleUsage(attempt.usage, route, sent);
      };
      endOpen = end;
      return {
        head(status) {
          attempt.upstream_status = status;
          attempt.first_byte_ms = now() - startedAt;
        },
        fail: (error) => end(error, null),
      };
    },
    endLast: (error, usage) => endOpen?.(error, usage),
  };
}

function newAttempt(
  attempt: number,
  route: Route,
  key: StoredKey | undefined,
  startedAt: number,
): Attempt {
  return {
    attempt,
    agent_id: route.agent_id ?? null,
    vendor_id: route.vendor_id,
    service_id: route.service_id ?? null,
    api_key_id: key?.id ?? null,
    status: "succeeded",
    upstream_status: null,
    counts_against_agent: false,
    error_code: null,
    error_message: null,
    first_byte_ms: null,
    latency_ms: 0,
    usage: null,
    usage_is_unknown: false,
    started_at: new Date(startedAt).toISOString(),
  };
}

/** The fields that the end of a call sets. */
function endingOf(
  { upstream_status }: Attempt,
  route: Route,
  error: ApiError | null,
  measured: TurnUsage | null,
): Partial<Attempt> {
  const usage = measured ?? (error instanceof UpstreamError ? error.usage : null);
  const billing = { usage, usage_is_unknown: usage === null && mayBeBilled(error) };
  // An upstream that answered has not failed if the client disconnected or the host stopped.
  if (!error || (isAbort(error) && upstream_status === 200)) return billing;
  return {
    ...billing,
    status: "failed",
    // A failure with a user's own key does not count against the agent.
    counts_against_agent: error instanceof UpstreamError && error.fault === "upstream" &&
      route.credential !== "own",
    error_code: error.code,
    error_message: storedMessage(error),
  };
}

/** Whether a call with this outcome and without usage may have been billed. */
function mayBeBilled(error: ApiError | null): boolean {
  if (error instanceof UpstreamError) return error.mayHaveSold;
  return error === null || isAbort(error);
}

/** The message of an error for the ledger, which others can read. */
export function storedMessage(error: ApiError): string {
  return error instanceof UpstreamError ? error.ownWords : error.message;
}
