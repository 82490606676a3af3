import { type Caller, callerId } from "../auth/caller.ts";
import { toApiError } from "../core/errors.ts";
import type { RequestContext } from "../http/context.ts";
import { rateLimitHeaders, type RateLimitState } from "../http/rate_limit_headers.ts";
import type { RateLimiter } from "./limiter.ts";
import type { PlanLimits } from "./plan.ts";

/** What the database says of limits beside its answer. */
export interface CountedAnswer {
  /** How fast the caller may call, where the database counted or knows better. */
  limits?: PlanLimits | null | undefined;
  /** How much of that is left, where the database counted. */
  rate_limit?: RateLimitState | null | undefined;
}

/** A call that was counted in Redis or, where that does not count, is left to the database. */
export interface CountedCall {
  /** What the database is asked along with its work. */
  readonly request: {
    /** Whether it counts the call. */
    rate_limit: boolean;
    /** The limits by which the call was counted; the database counts for another payer. */
    counted_limits: PlanLimits | null;
  };
  /** Notes what the database answered; the headers of the answer say how much is left. */
  answered(answer: CountedAnswer, context: RequestContext): void;
  /**
   * Notes that the call failed, and rethrows why. Refusing a call rolls back the database's count, so
   * a refused call is counted once more.
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
 * What the database says of limits when it counts a refused call; null while it cannot be asked, so
 * that the caller is told why the call was refused.
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

/** Whether a call was refused for a reason other than its rate, which is counted already. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}
