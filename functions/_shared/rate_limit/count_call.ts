import { type Caller, callerId } from "../auth/caller.ts";
import { toApiError } from "../core/errors.ts";
import type { RateLimiter } from "./limiter.ts";
import { rateLimitHeaders, type RateLimitState } from "../http/rate_limit_headers.ts";
import type { PlanLimits } from "./plan.ts";
import type { RequestContext } from "../http/context.ts";

/** What the database says of limits beside its answer. */
export interface CountedAnswer {
  /** How fast the caller may call, where the database counted. */
  limits?: PlanLimits | null | undefined;
  /** How much of that is left, where the database counted. */
  rate_limit?: RateLimitState | null | undefined;
}

/**
 * Counts a call in Redis or, where that does not count, lets the database do it along with what it is
 * asked. The answer's headers say how much is left.
 *
 * @param ask Asks the database; with true it counts the call. With the organization for which it was
 * counted before, for it may be another that pays.
 * @param refused Counts a call that was refused after all, for that undid the count of the database.
 * @throws {ApiError} 429 when a limit is reached, and what asking throws.
 */
export async function countCall<Answer extends CountedAnswer>(
  caller: Caller,
  limiter: RateLimiter,
  context: RequestContext,
  ask: (rateLimit: boolean, organizationId: string | null) => Promise<Answer>,
  refused?: () => Promise<CountedAnswer>,
): Promise<Answer> {
  const who = callerId(caller);
  const counted = await limiter.count(who);
  const answer = await ask(counted === null, counted?.organization_id ?? null)
    .catch(async (thrown) => {
      const { status } = toApiError(thrown);
      // Whoever is nobody any more uses up nobody's limit.
      if (status === 401) limiter.forget(who);
      else if (refused && counted === null && status >= 400 && status < 500 && status !== 429) {
        limiter.learn(who, (await refused()).limits);
      }
      throw thrown;
    });
  limiter.learn(who, answer.limits);
  const headers = rateLimitHeaders(counted ?? answer.rate_limit);
  for (const [name, value] of Object.entries(headers)) context.headers.set(name, value);
  return answer;
}
