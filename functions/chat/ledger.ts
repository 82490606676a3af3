import { type ApiError, toApiError } from "../_shared/errors.ts";
import type { Lifetime } from "../_shared/lifetime.ts";
import type { Exchange } from "../_shared/respond.ts";
import type { ChatDatabase, Turn } from "./db.ts";
import type { ChatLimits } from "./limits.ts";
import { type Answer, type Attempt, type Outcome, storable } from "./outcome.ts";
import { within } from "./within.ts";

/** Records what a turn did and settles it exactly once. */
export interface Ledger {
  /** Notes the start of an upstream call. */
  startAttempt(): void;
  /** Notes the status of the upstream's answer. */
  head(status: number): void;
  /**
   * Settles the turn; only the first call counts. Resolves when the turn is settled, or after a
   * moment while settling goes on in the background. Never rejects: what cannot be settled is logged,
   * and swept by the database later.
   */
  settle(answer: Answer, error: ApiError | null): Promise<void>;
}

/** What {@linkcode createLedger} needs. */
export interface LedgerDeps {
  database: Pick<ChatDatabase, "settleTurn">;
  lifetime: Lifetime;
  limits: ChatLimits;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** The request, whose log line tells how the turn was settled. */
  exchange: Exchange;
}

/** Opens the ledger of a turn that has begun. */
export function createLedger(turn: Turn, deps: LedgerDeps): Ledger {
  const { database, lifetime, limits, now, exchange } = deps;
  const { fields } = exchange;
  let attempt: { startedAt: number; status: number | null; headMs: number | null } | undefined;
  let settled: Promise<void> | undefined;

  function attempts(error: ApiError | null): Attempt[] {
    if (!attempt) return [];
    // That the caller left, or that we had to stop, is no fault of the upstream.
    const fault = error && isOurs(error) ? null : error;
    return [{
      attempt: 1,
      vendor_id: turn.route.vendor_id,
      service_id: turn.route.service_id ?? null,
      status: fault ? "failed" : "succeeded",
      upstream_status: attempt.status,
      error_code: fault?.code ?? null,
      error_message: fault?.message ?? null,
      first_byte_ms: attempt.headMs,
      latency_ms: now() - attempt.startedAt,
      started_at: new Date(attempt.startedAt).toISOString(),
    }];
  }

  async function write(outcome: Outcome): Promise<void> {
    for (let failures = 0;; failures++) {
      try {
        await database.settleTurn(turn.turn_id, outcome);
        return;
      } catch (thrown) {
        const error = toApiError(thrown);
        const pause = limits.settleRetryMs[failures];
        if (error.status !== 503 || pause === undefined) {
          fields.settle_error = error.cause instanceof Error ? error.cause.message : error.code;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  function start(answer: Answer, error: ApiError | null): Promise<void> {
    const hasOutput = answer.content !== null || answer.tool_calls !== null;
    const state = error === null ? "succeeded" : hasOutput ? "partial" : "failed";
    fields.turn_state = state;
    fields.upstream_status = attempt?.status ?? null;
    if (error) fields.error_code = error.code;
    const work = write(storable({
      ...answer,
      state,
      latency_ms: now() - exchange.startedAt,
      error: error && { code: error.code, message: error.message },
      attempts: attempts(error),
    }));
    lifetime.waitUntil?.(work);
    exchange.until(work);
    return work;
  }

  return {
    startAttempt() {
      attempt = { startedAt: now(), status: null, headMs: null };
    },
    head(status) {
      if (attempt) Object.assign(attempt, { status, headMs: now() - attempt.startedAt });
    },
    async settle(answer, error) {
      settled ??= start(answer, error);
      // A host that does not keep us alive for the rest must wait for all of it.
      if (lifetime.waitUntil) await within(limits.settleMs, settled);
      else await settled;
    },
  };
}

function isOurs(error: ApiError): boolean {
  return error.code === "client_disconnected" || error.code === "shutting_down";
}
