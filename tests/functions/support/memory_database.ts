import type { ChatDatabase, Turn, TurnRequest } from "../../../functions/chat/db.ts";
import type { Outcome } from "../../../functions/chat/outcome.ts";

/** What became of one turn. */
export interface StoredTurn {
  userId: string;
  request: TurnRequest;
  turn: Turn;
  outcomes: Outcome[];
}

/** A database in memory, for tests of what the function does with one. */
export interface MemoryDatabase extends ChatDatabase {
  turns: StoredTurn[];
  /** Resolves with the first outcome of the turn at this position. */
  settled(position?: number): Promise<Outcome>;
}

/**
 * Makes a database in which every turn goes to one route.
 *
 * @param overrides What a turn has instead of the usual.
 */
export function memoryDatabase(overrides: Partial<Turn> = {}): MemoryDatabase {
  const turns: StoredTurn[] = [];
  const settlements: PromiseWithResolvers<Outcome>[] = [];
  const settlement = (position: number) => settlements[position] ??= Promise.withResolvers();
  return {
    turns,
    settled: (position = 0) => settlement(position).promise,
    beginTurn(userId, request) {
      const turn: Turn = {
        turn_id: crypto.randomUUID(),
        session_id: request.session_id ?? `sess_${crypto.randomUUID()}`,
        agent: { id: crypto.randomUUID(), name: "droid" },
        model: "gpt-4o",
        route: {
          vendor_id: "openrouter",
          service_id: "openrouter_gpt4o",
          base_url: "http://127.0.0.1:1/v1",
          api_format: "openai",
          auth_header: "Authorization",
          auth_scheme: "Bearer",
          model: "openai/gpt-4o",
          credential: "platform",
        },
        defaults: { temperature: null, max_tokens: null },
        messages: [{ role: "system", content: "Be brief." }, ...request.messages],
        ...overrides,
      };
      turns.push({ userId, request, turn, outcomes: [] });
      return Promise.resolve(turn);
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
}
