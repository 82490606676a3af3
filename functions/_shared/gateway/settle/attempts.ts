import type { ApiError } from "../../core/errors.ts";
import type { StoredKey } from "../../crypto/stored_key.ts";
import { isAbort } from "../call/abort_reasons.ts";
import { UpstreamError } from "../call/upstream_error.ts";
import type { Route } from "../turn_database.ts";
import type { Attempt, TurnUsage } from "./outcome.ts";
import { plausibleUsage } from "./plausible_usage.ts";

/** Records one upstream call. One that is not noted as failed ends as the turn does. */
export interface AttemptNote {
  /** Notes the status of the upstream's answer. */
  head(status: number): void;
  /** Notes that the call came to nothing. */
  fail(error: ApiError): void;
}

/** The upstream calls of one turn. */
export interface AttemptLog {
  readonly attempts: readonly Attempt[];
  /**
   * Notes the start of a call.
   *
   * @param sent The body of the call.
   * @param key The person's key that it is made with; absent for the platform's credential.
   */
  start(route: Route, sent: object, key?: StoredKey): AttemptNote;
  /** Ends the call that is still open, if one is, as the turn ends. */
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

/** What the end of a call says of it. */
function endingOf(
  { upstream_status }: Attempt,
  route: Route,
  error: ApiError | null,
  measured: TurnUsage | null,
): Partial<Attempt> {
  const usage = measured ?? (error instanceof UpstreamError ? error.usage : null);
  const sold = { usage, usage_is_unknown: usage === null && maySell(error) };
  // An upstream that answered has not failed when the client left or the host stopped.
  if (!error || (isAbort(error) && upstream_status === 200)) return sold;
  return {
    ...sold,
    status: "failed",
    // A failure with a person's own key says nothing about the agent.
    counts_against_agent: error instanceof UpstreamError && error.fault === "upstream" &&
      route.credential !== "own",
    error_code: error.code,
    error_message: storedMessage(error),
  };
}

/** Whether a call that ended so, without usage, may have been billed. */
function maySell(error: ApiError | null): boolean {
  if (error instanceof UpstreamError) return error.mayHaveSold;
  return error === null || isAbort(error);
}

/** The message of an error as others may read it in the ledger. */
export function storedMessage(error: ApiError): string {
  return error instanceof UpstreamError ? error.ownWords : error.message;
}
