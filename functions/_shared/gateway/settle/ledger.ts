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

/** Records the calls of a turn and settles it exactly once. */
export interface Ledger {
  /** Whether the answer is stored for replay. */
  readonly keepsAnswer: boolean;
  /**
   * Records the start of an upstream call.
   *
   * @param sent The body of the call.
   * @param key The user's key of the call; absent for the platform's credential.
   */
  startAttempt(route: Route, sent: object, key?: StoredKey): AttemptNote;
  /** Reserves the cost of one more call; false if the turn's budgets do not allow it. */
  reserveAttempt(): Promise<boolean>;
  /**
   * Records the estimated tokens of a prompt that was shortened because a vendor found it too long.
   */
  limitPrompt(tokens: number): void;
  /** Records the outcome of using a user's key; the last outcome of a key counts. */
  reportKey(report: KeyReport): void;
  /**
   * Settles the turn; only the first call has an effect. Resolves when the turn is settled, or
   * after a moment while settling continues in the background, which survives a database outage of
   * some minutes. If the database refuses the outcome, the turn is settled without its text, and
   * the refusal is logged. Never rejects: a turn that cannot be settled is swept by the database
   * later, at its estimated cost.
   *
   * @param body The answer to replay for the same Idempotency-Key.
   */
  settle(answer: Answer, error: ApiError | null, body?: object): Promise<void>;
  /**
   * Replaces the estimate that the turn was settled with; returns whether it did. Never rejects.
   */
  correct(measured: Measured): Promise<boolean>;
}

/** The dependencies of {@linkcode createLedger}. */
export interface LedgerDeps extends SettlerDeps {
  database: Pick<TurnDatabase, "reserveAttempt" | "settleTurn" | "correctTurn">;
  /** The Redis mirror of sessions; null without Redis. */
  cache: TurnCache | null;
  /** Whether the answer is stored for replay. */
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
      // If the host does not keep the worker alive, the answer has to wait for all of it.
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

/** The outcome of a turn, before it is written. */
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

/** The fields of the request's log line for the outcome of its turn. */
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

/** Writes an outcome to the database, and the changes of the turn to the mirror. */
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

/** The outcome without text: its usage and status. */
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
