import { z } from "zod";
import { asJson, type DataApi } from "../_shared/database.ts";
import { databaseError } from "../_shared/database_error.ts";
import type { Outcome } from "./outcome.ts";
import type { ChatMessage } from "./schema.ts";

/** Where a turn's call goes and how. */
const routeSchema = z.object({
  vendor_id: z.string(),
  service_id: z.string().nullish(),
  base_url: z.string().nullish(),
  api_format: z.string(),
  auth_header: z.string(),
  auth_scheme: z.string().nullish(),
  model: z.string(),
  credential: z.enum(["platform", "own"]),
});

const turnSchema = z.object({
  turn_id: z.uuid(),
  session_id: z.string(),
  agent: z.object({ id: z.string(), name: z.string() }),
  model: z.string(),
  route: routeSchema,
  defaults: z.object({
    // People write the settings of their organization by hand.
    temperature: z.number().min(0).max(2).nullish().catch(null),
    max_tokens: z.int().positive().nullish().catch(null),
  }),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
});

const settlementSchema = z.object({ settled: z.boolean(), total_cost: z.string().nullish() });

/** Where a turn's call goes and how. */
export type Route = z.infer<typeof routeSchema>;

/** A turn that has begun: where to send it, and everything the model must be given. */
export type Turn = z.infer<typeof turnSchema>;

/** What the caller asks of a turn. */
export interface TurnRequest {
  request_id: string;
  model: string | null;
  session_id: string | null;
  title: string | null;
  messages: ChatMessage[];
}

/** The two database calls of a turn. */
export interface ChatDatabase {
  /** Resolves agent, model and session, stores the caller's messages and opens the turn. */
  beginTurn(userId: string, request: TurnRequest): Promise<Turn>;
  /** Closes a turn, once: a repeated call changes nothing and returns `settled: false`. */
  settleTurn(turnId: string, outcome: Outcome): Promise<{ settled: boolean }>;
}

/** The calls, made by a client with the secret key. */
export function chatDatabase(client: DataApi): ChatDatabase {
  return {
    async beginTurn(userId, request) {
      const { data, error, status } = await client.rpc("begin_chat_turn", {
        caller: { user_id: userId },
        request: asJson(request),
      });
      if (error) throw databaseError(error, status);
      return turnSchema.parse(data);
    },
    async settleTurn(turnId, outcome) {
      const { data, error, status } = await client.rpc("settle_chat_turn", {
        turn_id: turnId,
        outcome: asJson(outcome),
      });
      if (error) throw databaseError(error, status);
      return settlementSchema.parse(data);
    },
  };
}
