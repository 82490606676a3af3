import { ApiError } from "../core/errors.ts";
import { rateLimitHeaders } from "./rate_limit_headers.ts";

/** Why a call was refused, if known. */
export interface RateLimitRefusal {
  /** Requests a minute. */
  limit?: number | undefined;
  /** Milliseconds after which a request may pass. */
  retry_after_ms?: number | undefined;
  /** Milliseconds until all of the limit is free again. */
  reset_ms?: number | undefined;
}

/** The default Retry-After, in milliseconds. */
const usualWait = 1_000;

/** The error for a caller who has reached a limit; the same for Redis and Postgres. */
export function rateLimitError(refusal: RateLimitRefusal | null): ApiError {
  const { limit, retry_after_ms, reset_ms } = refusal ?? {};
  const wait = Math.ceil(retry_after_ms ?? usualWait);
  const seconds = Math.ceil(wait / 1000);
  const state = limit === undefined ? null : { limit, remaining: 0, reset_ms: reset_ms ?? wait };
  const reached = limit === undefined
    ? "too many requests were sent"
    : `the limit of ${limit} a minute is reached`;
  return new ApiError(
    "rate_limit_exceeded",
    `Cannot take another request: ${reached}. Try again in ${seconds} s.`,
    {
      headers: {
        ...rateLimitHeaders(state),
        "retry-after": String(seconds),
        "retry-after-ms": String(wait),
      },
    },
  );
}
