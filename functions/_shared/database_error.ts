import { z } from "zod";
import { ApiError, toApiError } from "./errors.ts";

/** The part of a Data API error that decides what the caller is told. */
const databaseErrorSchema = z.object({
  message: z.string().catch(""),
  code: z.string().nullish().catch(null),
  details: z.string().nullish().catch(null),
  hint: z.string().nullish().catch(null),
});

/** SQLSTATE classes, and codes of the Data API, that mean "not now" rather than "never". */
const UNAVAILABLE = [
  /^08/, // connection lost
  /^40/, // serialization failure, deadlock: rolled back, a new attempt may succeed
  /^53/, // out of connections, memory or disk
  /^55P03$/, // lock not available
  /^57/, // shutting down, cancelled by a timeout
  /^PGRST00[0-3]$/, // the Data API has no connection to the database
];

/**
 * Maps an error of the Data API to what the caller sees. `PTnnn` is a business error raised by our
 * own SQL: its status, sentence and code are passed on. Everything else stays in the log.
 *
 * @param error The `error` of a supabase-js answer.
 * @param status The HTTP status of that answer; 0 when the Data API could not be reached.
 */
export function databaseError(error: unknown, status: number): ApiError {
  const { message, code, details, hint } = databaseErrorSchema.parse(error);
  const business = code?.match(/^PT([45]\d\d)$/)?.[1];
  if (business) {
    const sentence = hint ? `${message} ${hint}` : message;
    return new ApiError(Number(business), details || "request_refused", sentence);
  }

  // Only the code and the message: details and hints may quote a row.
  const cause = new Error(`database: ${code || status}: ${message.slice(0, 300)}`);
  const unreachable = status === 0 || (!code && status >= 502 && status <= 504);
  if (unreachable || UNAVAILABLE.some((pattern) => pattern.test(code ?? ""))) {
    return new ApiError(
      503,
      "database_unavailable",
      "Cannot reach the database: it does not answer at the moment. Try again in a few seconds.",
      { cause, headers: { "retry-after": "2" } },
    );
  }
  return toApiError(cause);
}
