import type { ApiError } from "../../core/errors.ts";
import { within } from "../../core/deadline.ts";
import type { LogFields } from "../../core/log.ts";
import type { KeyReport, StoredKey } from "../../crypto/stored_key.ts";
import type { TurnCache } from "../../redis/mirrors/turn.ts";
import { withoutContinuation } from "../prepare/given_back.ts";
import type { Measured } from "../quirks/usage_shapes.ts";
import type { Route, Turn, TurnDatabase } from "../turn_database.ts";
import { type AttemptNote, createAttemptLog, storedMessage } from "./attempts.ts";
import { type Answer, type Attempt, type Outcome, storable } from "./outcome.ts";
import { createSettler, type Settler, type SettlerDeps } from "./settler.ts";

/** Records what a turn did and settles it exactly once. */
export interface Ledger {
  /** Whether the answer is kept, to be repeated. */
  readonly keepsAnswer: boolean;
  /**
   * Notes the start of an upstream call.
   *
   * @param sent The body of the call.
   * @param key The person's key that it is made with; absent for the platform's credential.
   */
  startAttempt(route: Route, sent: object, key?: StoredKey): AttemptNote;
  /** Reserves what one more call could cost; false where the turn's budgets do not take it. */
  reserveAttempt(): Promise<boolean>;
  /** Notes the tokens, estimated, of a prompt that was shortened because a vendor found it too long. */
  limitPrompt(tokens: number): void;
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

/** What {@linkcode createLedger} needs. */
export interface LedgerDeps extends SettlerDeps {
  database: Pick<TurnDatabase, "reserveAttempt" | "settleTurn" | "correctTurn">;
  /** Where readers may find the session sooner than in the database; null where there is no cache. */
  cache: TurnCache | null;
  /** Whether the answer is kept, to be replayed. */
  keepsAnswer: boolean;
}

/** Opens the ledger of a turn that has begun. */
export function createLedger(turn: Turn, deps: LedgerDeps): Ledger {
  const { database, lifetime, limits, now, context, keepsAnswer } = deps;
  const log = createAttemptLog(now);
  const settler = createSettler(deps);
  const keys = new Map<string, KeyReport>();
  let promptLimit: number | undefined;
  let settled: Promise<void> | undefined;

  function start(answer: Answer, error: ApiError | null, body?: object): Promise<void> {
    log.endLast(error, answer.usage);
    const usage = answer.usage && (log.attempts.at(-1)?.usage ?? answer.usage);
    if (usage !== answer.usage) context.fields.usage_bounded = true;
    const ended = {
      answer: { ...answer, usage },
      error,
      body,
      attempts: log.attempts,
      keys: [...keys.values()],
      promptLimit,
    };
    const outcome = outcomeOf(ended, deps);
    Object.assign(context.fields, logFieldsOf(outcome));
    const work = context.measure("settle", () => write(turn, outcome, settler, deps));
    lifetime.waitUntil?.(work);
    context.until(work);
    return work;
  }

  return {
    keepsAnswer,
    startAttempt: log.start,
    reserveAttempt: async () => !turn.has_budget || await database.reserveAttempt(turn.turn_id),
    limitPrompt(tokens) {
      promptLimit = tokens;
    },
    reportKey({ id, encrypted_key, event, problem }) {
      keys.set(id, { id, encrypted_key, event, problem });
    },
    async settle(answer, error, body) {
      settled ??= start(answer, error, body);
      // A host that does not keep the worker alive has to wait for all of it.
      if (lifetime.waitUntil) await within(limits.settleMs, settled);
      else await settled;
    },
    async correct({ usage, cost }) {
      await settled;
      const correction = { usage, provider_cost: cost };
      return await settler.call(() => database.correctTurn(turn.turn_id, correction)) ?? false;
    },
  };
}

/** How a turn ended, before it is written. */
interface Ended {
  answer: Answer;
  error: ApiError | null;
  body: object | undefined;
  attempts: readonly Attempt[];
  keys: KeyReport[];
  promptLimit: number | undefined;
}

function outcomeOf(
  { answer, error, body, attempts, keys, promptLimit }: Ended,
  { now, context, cache, keepsAnswer }: LedgerDeps,
): Outcome {
  const hasOutput = answer.content !== null || answer.tool_calls !== null;
  const state = error === null ? "succeeded" : hasOutput ? "partial" : "failed";
  const last = attempts.at(-1);
  return storable(
    {
      ...answer,
      state,
      vendor_id: last?.vendor_id ?? null,
      service_id: last?.service_id ?? null,
      latency_ms: now() - context.startedAt,
      error: error && { code: error.code, message: storedMessage(error) },
      attempts: [...attempts],
      ...keys.length > 0 && { keys },
      ...promptLimit !== undefined && state !== "failed" && { prompt_limit: promptLimit },
      mirror: cache !== null,
      ...keepsAnswer && state === "succeeded" && body ? { answer: body } : {},
    } satisfies Outcome,
  );
}

/** What the request's log line says of how its turn ended. */
function logFieldsOf({ state, attempts, error }: Outcome): LogFields {
  const last = attempts.at(-1);
  return {
    turn_state: state,
    attempts: attempts.length,
    upstream_status: last?.upstream_status ?? null,
    ...last ? { vendor_id: last.vendor_id, agent_id: last.agent_id } : {},
    ...error ? { error_code: error.code } : {},
  };
}

/** Writes an outcome to the database, and what the turn changed through to the cache. */
async function write(
  turn: Turn,
  outcome: Outcome,
  settler: Settler,
  { database, cache, context: { fields }, lifetime }: LedgerDeps,
): Promise<void> {
  const settle = (outcome: Outcome) => database.settleTurn(turn.turn_id, outcome);
  const settlement = await settler.call(() => settle(outcome), () => {
    fields.settled_without_answer = true;
    return settle(withoutAnswer(outcome));
  });
  if (!settlement?.settled) return;
  fields.cost_usd = settlement.total_cost;
  if (!cache) return;
  const { state, content, tool_calls } = outcome;
  const answer = { role: "assistant", content, ...tool_calls ? { tool_calls } : {} };
  const work = cache.write({
    sessionId: turn.session_id ?? null,
    messages: withoutContinuation(turn.messages),
    answer: state === "failed" ? null : answer,
    mirror: settlement,
  });
  lifetime.waitUntil?.(work);
}

/** What is certain of an outcome: what it sold and how it ended, without anything that was said. */
function withoutAnswer(outcome: Outcome): Outcome {
  const { keys: _keys, answer: _answer, ...rest } = outcome;
  return {
    ...rest,
    content: null,
    tool_calls: null,
    continuation: null,
    finish_reason: null,
    model_used: null,
    provider_cost: null,
    attempts: outcome.attempts.map((attempt) => ({ ...attempt, error_message: null })),
  };
}
