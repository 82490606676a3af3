import { parseJson } from "../core/json.ts";
import { z } from "zod";
import { isErrorCode } from "../core/error_codes.ts";
import { ApiError, toApiError } from "../core/errors.ts";
import { rateLimitError } from "../http/rate_limit_error.ts";
import { retryAfterHeaders } from "../core/retry_after.ts";
import { ConnectionFailure } from "./direct/failure.ts";

/** The fields of an error from which the response is derived. */
const databaseErrorSchema = z.object({
  message: z.string().catch(""),
  code: z.string().nullish().catch(null),
  details: z.string().nullish().catch(null),
  hint: z.string().nullish().catch(null),
});

/** The data of an error for programs: the second line of the hint, as JSON. */
const dataSchema = z.object({
  budget_scope: z.string().optional(),
  period: z.string().optional(),
  limit_usd: z.string().optional(),
  resets_at: z.string().nullish(),
  limit: z.number().positive().optional(),
  retry_after_ms: z.number().positive().optional(),
});

/** Retry-After for a request that is still running, in milliseconds. */
const BUSY_MS = 1_000;

/** The message for a role that may not call a function, which is a mistake of the deployment. */
const PERMISSION_DENIED = /^permission denied for (function|schema) /;

/** SQLSTATE classes, and codes of the Data API, of transient failures. */
const UNAVAILABLE = [
  /^08/, // connection lost
  /^40/, // serialization failure, deadlock: rolled back, a new attempt may succeed
  /^53/, // out of connections, memory or disk
  /^55P03$/, // lock not available
  /^57/, // shutting down, cancelled by a timeout
  /^PGRST00[0-3]$/, // the Data API has no connection to the database
];

/** Messages of `fetch` when nothing could be sent. */
const NEVER_CONNECTED = ": client error (Connect): ";

/** Errors after which the statement was certainly not executed, or was rolled back. */
const NOT_DONE = [
  /^(?!08|57P0)[0-9A-Z]{5}$/, // an error of Postgres other than the end of the connection
  /^PGRST00[023]$/, // no connection yet; PGRST001 means that it was lost, perhaps during the commit
];

/** The database is temporarily unavailable. */
export class DatabaseUnavailable extends ApiError {
  /**
   * Whether the call certainly changed nothing. Otherwise it may have been committed, and its
   * answer lost.
   */
  readonly wasNotDone: boolean;

  constructor(wasNotDone: boolean, cause: Error) {
    super(
      "database_unavailable",
      "Cannot reach the database: it is temporarily unavailable. Try again in a few seconds.",
      { cause, headers: { "retry-after": "2" } },
    );
    this.wasNotDone = wasNotDone;
  }
}

/**
 * Maps an error of the database to what the caller sees, for the Data API and the direct
 * connection. `PTnnn` is a business error raised by our own SQL: its status, message and code are
 * passed on. All other errors are only logged.
 *
 * @param error The `error` of a supabase-js answer, or the same fields of a direct call's error.
 * @param status The HTTP status of that answer; 0 when the database could not be reached.
 */
export function databaseError(error: unknown, status: number): ApiError {
  const { message, code, details, hint } = databaseErrorSchema.parse(error);
  const business = code?.match(/^PT([45]\d\d)$/)?.[1];
  if (business) {
    return businessError(Number(business), details ?? "", message, hint);
  }

  // Only the code and the message: details and hints may quote a row.
  const cause = new Error(`database: ${code || status}: ${message.slice(0, 300)}`);
  const unreachable = status === 0 || (!code && status >= 502 && status <= 504);
  const isWithoutRight = code === "42501" && PERMISSION_DENIED.test(message);
  const isAway = UNAVAILABLE.some((pattern) => pattern.test(code ?? ""));
  if (unreachable || isWithoutRight || isAway) {
    const wasNotSent = error instanceof ConnectionFailure
      ? error.wasNotSent
      : message.includes(NEVER_CONNECTED);
    const isUndone = NOT_DONE.some((pattern) => pattern.test(code ?? ""));
    return new DatabaseUnavailable(wasNotSent || (!unreachable && isUndone), cause);
  }
  return toApiError(cause);
}

function businessError(
  status: number,
  code: string,
  message: string,
  hint: string | null | undefined,
): ApiError {
  const [remedy = "", data] = (hint ?? "").split("\n");
  const facts = parseData(data);
  if (code === "rate_limit_exceeded") return rateLimitError(facts);
  const headers = status === 401
    ? { "www-authenticate": "Bearer" }
    : retryAfterHeaders(facts?.retry_after_ms ?? (status === 409 ? BUSY_MS : null));
  return new ApiError(isErrorCode(code) ? code : "request_refused", `${message} ${remedy}`.trim(), {
    status,
    headers,
    details: facts?.budget_scope
      ? {
        budget_scope: facts.budget_scope,
        period: facts.period ?? null,
        limit: facts.limit_usd ?? null,
        resets_at: facts.resets_at ?? null,
      }
      : {},
  });
}

function parseData(data: string | undefined): z.infer<typeof dataSchema> | null {
  return data === undefined ? null : dataSchema.safeParse(parseJson(data)).data ?? null;
}
