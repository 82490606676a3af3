import { type ApiError, toApiError } from "../../core/errors.ts";
import { backoffMs, retry } from "../../core/retry.ts";
import type { Lifetime } from "../../core/runtime.ts";
import type { RequestContext } from "../../http/context.ts";
import type { TurnLimits } from "../limits.ts";

/** The dependencies of {@linkcode createSettler}. */
export interface SettlerDeps {
  lifetime: Lifetime;
  limits: TurnLimits;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** From 0 up to but not including 1, as Math.random(). */
  random: () => number;
  context: RequestContext;
}

/** Retries a call of the database through an outage. */
export interface Settler {
  /**
   * Retries while the database is unavailable: as long as the host keeps the worker alive, or
   * briefly if it does not.
   *
   * @param otherwise Called instead if the database refuses the call itself.
   * @returns null on failure; the log line then has `settle_error`.
   */
  call<Result>(
    work: () => Promise<Result>,
    otherwise?: () => Promise<Result>,
  ): Promise<Result | null>;
}

/** Makes the settler of one turn. */
export function createSettler(
  { lifetime, limits, now, random, context }: SettlerDeps,
): Settler {
  const isKeptAlive = () => lifetime.waitUntil !== undefined && !lifetime.shutdown.aborted;
  const deadlineFrom = (briefly: number) =>
    isKeptAlive() ? Math.max(briefly, context.startedAt + limits.settleUntilMs) : briefly;
  const backoff = {
    firstMs: limits.settleBackoffMs,
    maxMs: limits.settlePauseMs,
    fixed: 0.5,
    random,
  };

  return {
    async call(work, otherwise) {
      const briefly = now() + limits.settleMs;
      const pauseAfter = (failures: number, thrown: unknown) => {
        const pause = Math.ceil(backoffMs(failures, backoff));
        if (toApiError(thrown).status !== 503) return null;
        return now() + pause > deadlineFrom(briefly) ? null : pause;
      };
      // A shutdown ends a long pause, but not the short ones after it.
      const shutdown = () => isKeptAlive() ? lifetime.shutdown : undefined;
      try {
        return await retry(work, pauseAfter, shutdown);
      } catch (thrown) {
        const error = toApiError(thrown);
        context.fields.settle_error ??= causeOf(error);
        return otherwise && error.status !== 503 ? await this.call(otherwise) : null;
      }
    },
  };
}

function causeOf({ cause, code }: ApiError): string {
  return cause instanceof Error ? cause.message : code;
}
