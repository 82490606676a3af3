import { z } from "zod";
import { ApiError } from "../core/errors.ts";
import { rateLimitHeaders } from "./rate_limit_headers.ts";

const refusalSchema = z.object({
  /** Requests a minute. */
  limit: z.number().positive(),
  /** Milliseconds after which a request may pass. */
  retry_after_ms: z.number().positive(),
  /** Milliseconds until all of the limit is free again. */
  reset_ms: z.number().positive().optional(),
});

/** Why a call was refused: also the hint of begin_chat_turn's PT429 `rate_limit_exceeded`. */
export type RateLimitRefusal = z.infer<typeof refusalSchema>;

/** What a caller is told to wait where nothing is known, in milliseconds. */
const usualWait = 1_000;

/**
 * The error of a caller who has used up a limit; the same whether Redis or Postgres counted.
 *
 * @param refusal The limit and when to come back; or the database's hint, which is the same as JSON.
 */
export function rateLimitError(refusal: RateLimitRefusal | string | null | undefined): ApiError {
  const known = typeof refusal === "string" ? parseHint(refusal) : refusal ?? null;
  const wait = Math.ceil(known?.retry_after_ms ?? usualWait);
  const seconds = Math.ceil(wait / 1000);
  const state = known && { limit: known.limit, remaining: 0, reset_ms: known.reset_ms ?? wait };
  const reached = known
    ? `the limit of ${known.limit} a minute is reached`
    : "too many came lately";
  return new ApiError(
    429,
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

function parseHint(text: string): RateLimitRefusal | null {
  try {
    return refusalSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
