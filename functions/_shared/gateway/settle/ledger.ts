import { type ApiError, toApiError } from "../../core/errors.ts";
import type { Lifetime } from "../../core/runtime.ts";
import type { TurnCache } from "../../redis/mirrors/turn.ts";
import type { RequestContext } from "../../http/context.ts";
import { sleep } from "../../core/sleep.ts";
import type { KeyReport, StoredKey } from "../../crypto/stored_key.ts";
import { within } from "../../core/deadline.ts";
import type { Route, Settlement, Turn, TurnDatabase } from "../turn_database.ts";
import type { TurnLimits } from "../limits.ts";
import { isAbort } from "../call/abort_reasons.ts";
import { type Answer, type Attempt, type Outcome, storable, type TurnUsage } from "./outcome.ts";
import { UpstreamError } from "../call/upstream_error.ts";
import type { Measured } from "../quirks/usage_shapes.ts";

/** Records what a turn did and settles it exactly once. */
export interface Ledger {
  /** Whether the answer is kept, to be repeated. */
  readonly keepsAnswer: boolean;
  /**
   * Notes the start of an upstream call.
   *
   * @param key The person's key that it is made with; absent for the platform's credential.
   */
  startAttempt(route: Route, key?: StoredKey): AttemptNote;
  /** Sets aside what one more call could cost; false where the turn's budgets do not take it. */
  reserveAttempt(): Promise<boolean>;
  /** Notes what became of a person's key; of what is said about one key the last holds. */
  reportKey(report: KeyReport): void;
  /**
   * Settles the turn; only the first call counts. Resolves when the turn is settled, or after a
   * moment while settling goes on in the background, through an outage of the database of some
   * minutes. What the database refuses is settled without what was said, and logged. Never rejects:
   * what cannot be settled is swept by the database later, at what it may have sold.
   *
   * @param body What is kept of the answer, to repeat it for the same Idempotency-Key.
   */
  settle(answer: Answer, error: ApiError | null, body?: object): Promise<void>;
  /** Replaces the estimate that the turn was settled with; returns whether it did. Never rejects. */
  correct(measured: Measured): Promise<boolean>;
}

/** Records one upstream call. One that is not noted as failed ends as the turn does. */
export interface AttemptNote {
  /** Notes the status of the upstream's answer. */
  head(status: number): void;
  /** Notes that the call came to nothing. */
  fail(error: ApiError): void;
}

/** What {@linkcode createLedger} needs. */
export interface LedgerDeps {
  database: Pick<TurnDatabase, "reserveAttempt" | "settleTurn" | "correctTurn">;
  lifetime: Lifetime;
  limits: TurnLimits;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** From 0 up to but not including 1, as Math.random(). */
  random: () => number;
  /** The request, whose log line tells how the turn was settled. */
  context: RequestContext;
  /** Where readers may find the session sooner than in the database; null where there is no cache. */
  cache: TurnCache | null;
  /** Whether the answer is kept, to be repeated. */
  keepsAnswer: boolean;
}

/** Opens the ledger of a turn that has begun. */
export function createLedger(turn: Turn, deps: LedgerDeps): Ledger {
  const { database, lifetime, limits, now, context } = deps;
  const { fields } = context;
  const attempts: Attempt[] = [];
  const keys = new Map<string, KeyReport>();
  let endLast: ((error: ApiError | null, usage?: TurnUsage | null) => void) | undefined;
  let settled: Promise<void> | undefined;

  async function write(outcome: Outcome): Promise<void> {
    const settle = (outcome: Outcome) => database.settleTurn(turn.turn_id, outcome);
    const settlement = await insist(() => settle(outcome), () => {
      fields.settled_without_answer = true;
      return settle(withoutAnswer(outcome));
    });
    if (settlement?.settled) fields.cost_usd = settlement.total_cost;
    if (deps.cache && settlement?.settled) keep(deps.cache, outcome, settlement);
  }

  /**
   * Tries again while the database is away: as long as the host lets work go on, or for a moment where
   * it does not. null: it was in vain, for the log.
   *
   * @param otherwise What is called where the database is there and refuses.
   */
  async function insist<Result>(
    call: () => Promise<Result>,
    otherwise?: () => Promise<Result>,
  ): Promise<Result | null> {
    const moment = now() + limits.settleMs;
    const isKept = () => lifetime.waitUntil !== undefined && !lifetime.shutdown.aborted;
    const deadline = () =>
      isKept() ? Math.max(moment, context.startedAt + limits.settleUntilMs) : moment;
    for (let failures = 0;; failures++) {
      try {
        return await call();
      } catch (thrown) {
        const error = toApiError(thrown);
        const pause = pauseAfter(failures, deps);
        if (error.status !== 503 || now() + pause > deadline()) {
          fields.settle_error ??= error.cause instanceof Error ? error.cause.message : error.code;
          return otherwise && error.status !== 503 ? await insist(otherwise) : null;
        }
        // Who is being stopped tries at once, and then for what is left of its moment.
        await sleep(pause, isKept() ? lifetime.shutdown : undefined);
      }
    }
  }

  /** Writes what the turn changed through to the cache; nobody waits for it. */
  function keep(cache: TurnCache, outcome: Outcome, mirror: Settlement): void {
    const { state, content, tool_calls } = outcome;
    const answer = { role: "assistant", content, ...tool_calls ? { tool_calls } : {} };
    const work = cache.write({
      sessionId: turn.session_id ?? null,
      messages: turn.messages,
      answer: state === "failed" ? null : answer,
      mirror,
    });
    lifetime.waitUntil?.(work);
  }

  function start(answer: Answer, error: ApiError | null, body?: object): Promise<void> {
    endLast?.(error, answer.usage);
    const hasOutput = answer.content !== null || answer.tool_calls !== null;
    const state = error === null ? "succeeded" : hasOutput ? "partial" : "failed";
    const last = attempts.at(-1);
    Object.assign(fields, {
      turn_state: state,
      attempts: attempts.length,
      upstream_status: last?.upstream_status ?? null,
      ...last ? { vendor_id: last.vendor_id, agent_id: last.agent_id } : {},
      ...error ? { error_code: error.code } : {},
    });
    const outcome = storable(
      {
        ...answer,
        state,
        vendor_id: last?.vendor_id ?? null,
        service_id: last?.service_id ?? null,
        latency_ms: now() - context.startedAt,
        error: error && { code: error.code, message: ownWords(error) },
        attempts,
        ...keys.size > 0 && { keys: [...keys.values()] },
        mirror: deps.cache !== null,
        ...deps.keepsAnswer && state === "succeeded" && body ? { answer: body } : {},
      } satisfies Outcome,
    );
    const work = context.measure("settle", () => write(outcome));
    lifetime.waitUntil?.(work);
    context.until(work);
    return work;
  }

  return {
    keepsAnswer: deps.keepsAnswer,
    startAttempt(route, key) {
      const startedAt = now();
      const attempt: Attempt = {
        attempt: attempts.length + 1,
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
      attempts.push(attempt);
      const end = (error: ApiError | null, usage: TurnUsage | null = null) => {
        endLast = undefined;
        attempt.latency_ms = now() - startedAt;
        attempt.usage = usage ?? (error instanceof UpstreamError ? error.usage : null);
        attempt.usage_is_unknown = attempt.usage === null && maySell(error);
        // Whoever answered has not failed when the caller left, or when we had to stop.
        if (!error || (isAbort(error) && attempt.upstream_status === 200)) return;
        Object.assign(attempt, {
          status: "failed",
          // What an own key brings about is its owner's affair.
          counts_against_agent: error instanceof UpstreamError && error.fault === "provider" &&
            route.credential !== "own",
          error_code: error.code,
          error_message: ownWords(error),
        });
      };
      endLast = end;
      return {
        head(status) {
          attempt.upstream_status = status;
          attempt.first_byte_ms = now() - startedAt;
        },
        fail: (error) => end(error),
      };
    },
    reserveAttempt: async () => !turn.has_budget || await database.reserveAttempt(turn.turn_id),
    reportKey({ id, encrypted_key, event, problem }) {
      keys.set(id, { id, encrypted_key, event, problem });
    },
    async settle(answer, error, body) {
      settled ??= start(answer, error, body);
      // A host that does not keep us alive for the rest must wait for all of it.
      if (lifetime.waitUntil) await within(limits.settleMs, settled);
      else await settled;
    },
    async correct({ usage, cost }) {
      await settled;
      const correction = { usage, provider_cost: cost };
      return await insist(() => database.correctTurn(turn.turn_id, correction)) ?? false;
    },
  };
}

/** Ever longer, and spread, so that those who lost the database together do not return together. */
function pauseAfter(failures: number, { limits, random }: LedgerDeps): number {
  const longest = Math.min(limits.settleBackoffMs * 2 ** failures, limits.settlePauseMs);
  return Math.ceil(longest * (1 + random()) / 2);
}

/** Whether a call that ended so, and did not say what it sold, may have sold something. */
function maySell(error: ApiError | null): boolean {
  if (error instanceof UpstreamError) return error.mayHaveSold;
  return error === null || isAbort(error);
}

/** What is certain of an outcome: what it sold and how it ended, without anything that was said. */
function withoutAnswer(outcome: Outcome): Outcome {
  const { keys: _keys, answer: _answer, ...rest } = outcome;
  return {
    ...rest,
    content: null,
    tool_calls: null,
    finish_reason: null,
    model_used: null,
    provider_cost: null,
    attempts: outcome.attempts.map((attempt) => ({ ...attempt, error_message: null })),
  };
}

function ownWords(error: ApiError): string {
  return error instanceof UpstreamError ? error.ownWords : error.message;
}
