import { type Caller, callerId } from "../auth/caller.ts";
import { toApiError } from "../core/errors.ts";
import type { RequestContext } from "../http/context.ts";
import { rateLimitHeaders, type RateLimitState } from "../http/rate_limit_headers.ts";
import type { RateLimiter } from "./limiter.ts";
import type { PlanLimits } from "./plan.ts";

/** The limits that the database returns with an answer. */
export interface CountedAnswer {
  /** The caller's limits, if the database counted or they have changed. */
  limits?: PlanLimits | null | undefined;
  /** How much of them is left, if the database counted. */
  rate_limit?: RateLimitState | null | undefined;
}

/** A call that was counted in Redis, or that the database must count. */
export interface CountedCall {
  /** The arguments that the database is passed for limits. */
  readonly request: {
    /** Whether it counts the call. */
    rate_limit: boolean;
    /**
     * The limits by which the call was counted; the database counts again for a different payer.
     */
    counted_limits: PlanLimits | null;
  };
  /** Records the limits that the database returned; the headers of the answer are set from them. */
  answered(answer: CountedAnswer, context: RequestContext): void;
  /**
   * Records that the call failed, and rethrows the error. Refusing a call rolls back the database's
   * count, so a refused call is counted once more.
   */
  failed(thrown: unknown): Promise<never>;
}

/**
 * Counts a call against the limits of its caller.
 *
 * @param countRefused Lets the database count a call that was refused.
 * @throws {ApiError} 429 when a limit is reached.
 */
export async function countCall(
  caller: Caller,
  limiter: RateLimiter,
  countRefused?: () => Promise<CountedAnswer>,
): Promise<CountedCall> {
  const who = callerId(caller);
  const counted = await limiter.count(who);
  return {
    request: {
      rate_limit: counted === null,
      counted_limits: counted?.limits ?? null,
    },
    answered(answer, context) {
      limiter.learn(who, answer.limits);
      const headers = rateLimitHeaders(counted ?? answer.rate_limit);
      for (const [name, value] of Object.entries(headers)) context.headers.set(name, value);
    },
    async failed(thrown) {
      const { status } = toApiError(thrown);
      // Limits of deleted users and revoked keys are not kept cached.
      if (status === 401) limiter.forget(who);
      else if (countRefused && counted === null && isRefusal(status)) {
        limiter.learn(who, await limitsOf(countRefused));
      }
      throw thrown;
    },
  };
}

/**
 * Has the database count a refused call; null while it is unavailable, so that the original error
 * is returned.
 *
 * @throws {ApiError} 4xx, such as 429 when a limit is reached.
 */
async function limitsOf(
  countRefused: () => Promise<CountedAnswer>,
): Promise<PlanLimits | null | undefined> {
  try {
    return (await countRefused()).limits;
  } catch (thrown) {
    if (toApiError(thrown).status < 500) throw thrown;
    return null;
  }
}

/** Whether a call was refused for a reason other than its rate, and so still has to be counted. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}
