import type { Caller } from "../../../functions/_shared/auth/caller.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { messageTokens } from "../../../functions/_shared/gateway/prepare/fitting_messages.ts";
import type {
  Correction,
  Replay,
  Route,
  Turn,
  TurnDatabase,
  TurnRequest,
} from "../../../functions/_shared/gateway/turn_database.ts";
import type { Outcome } from "../../../functions/_shared/gateway/settle/outcome.ts";

/** The stored result of a turn. */
export interface StoredTurn {
  caller: Caller;
  request: TurnRequest;
  turn: Turn;
  outcomes: Outcome[];
}

/** A database in memory, for tests of the functions that use one. */
export interface MemoryDatabase extends TurnDatabase {
  turns: StoredTurn[];
  /** The corrections of turns, in order. */
  corrections: { turnId: string; correction: Correction }[];
  /** If set, the stored answer that every request gets. */
  replay: Replay | undefined;
  /** The requests whose turns were voided, in order. */
  voided: string[];
  /** The number of refused calls. */
  refused: number;
  /** The number of further calls for which budget was reserved. */
  reserved: number;
  /** The number of further calls for which budget can be reserved. */
  reservable: number;
  /** Resolves with the first outcome of the turn at this position. */
  settled(position?: number): Promise<Outcome>;
}

/** The agent of every route that does not set another one. */
export const AGENT_ID = "00000000-0000-4000-8000-0000000000a9";

/** A route to an address on which nothing listens, with the changes of a test. */
export function route(changes: Partial<Route> = {}): Route {
  return {
    agent_id: AGENT_ID,
    vendor_id: "openrouter",
    service_id: "openrouter_gpt4o",
    base_url: "http://127.0.0.1:1/v1",
    api_format: "openai",
    auth_type: "bearer_token",
    auth_header: "Authorization",
    auth_scheme: "Bearer",
    max_tokens_field: "max_tokens",
    cancel_stops_billing: true,
    model: "openai/gpt-4o",
    credential: "platform",
    keys: [],
    ...changes,
  };
}

/**
 * Creates a database in which every turn goes to one route.
 *
 * @param overrides Values of the turns that differ from the default.
 */
export function memoryDatabase(overrides: Partial<Turn> = {}): MemoryDatabase {
  const turns: StoredTurn[] = [];
  const settlements: PromiseWithResolvers<Outcome>[] = [];
  const settlement = (position: number) => settlements[position] ??= Promise.withResolvers();
  const database: MemoryDatabase = {
    turns,
    corrections: [],
    voided: [],
    refused: 0,
    reserved: 0,
    reservable: Infinity,
    settled: (position = 0) => settlement(position).promise,
    replay: undefined,
    beginTurn(caller, request) {
      if (database.replay) return Promise.resolve(database.replay);
      const turn: Turn = {
        turn_id: crypto.randomUUID(),
        session_id: request.session_id ?? `sess_${crypto.randomUUID()}`,
        model: "gpt-4o",
        routes: [route()],
        defaults: { temperature: null, max_tokens: null },
        messages: [
          { role: "system", content: "Be brief." },
          ...request.messages,
        ] as Turn["messages"],
        new_messages: request.messages.length,
        ...overrides,
      };
      turns.push({ caller, request, turn, outcomes: [] });
      return Promise.resolve(turn);
    },
    countPrompt(_caller, { model, messages, other_tokens }) {
      if (model === "nothing") return Promise.reject(new ApiError("model_not_found", "No model."));
      if (model === null) return Promise.reject(new ApiError("model_required", "No model."));
      return Promise.resolve({ tokens: messageTokens(messages) + other_tokens });
    },
    countRefusedCall() {
      database.refused++;
      return Promise.resolve({});
    },
    voidTurn(requestId) {
      database.voided.push(requestId);
      return Promise.resolve(turns.some(({ request }) => request.request_id === requestId));
    },
    reserveAttempt() {
      if (database.reserved >= database.reservable) return Promise.resolve(false);
      database.reserved++;
      return Promise.resolve(true);
    },
    correctTurn(turnId, correction) {
      database.corrections.push({ turnId, correction });
      return Promise.resolve(true);
    },
    settleTurn(turnId, outcome) {
      const position = turns.findIndex(({ turn }) => turn.turn_id === turnId);
      const stored = turns[position];
      if (!stored) throw new Error(`Cannot settle turn "${turnId}": it never began`);
      stored.outcomes.push(outcome);
      settlement(position).resolve(outcome);
      return Promise.resolve({ settled: stored.outcomes.length === 1 });
    },
  };
  return database;
}
