import type { Caller } from "../auth/caller.ts";
import { countCall } from "../rate_limit/count_call.ts";
import { toApiError } from "../core/errors.ts";
import type { TurnCache } from "../redis/mirrors/turn.ts";
import type { RateLimiter } from "../rate_limit/limiter.ts";
import type { RequestContext } from "../http/context.ts";
import type { CallDeps, OpenTurn } from "./call/call_routes.ts";
import type { Replay, TurnDatabase, TurnRequest } from "./turn_database.ts";
import { createLedger } from "./settle/ledger.ts";
import { NO_ANSWER } from "./settle/outcome.ts";

/** What a turn needs from outside. */
export interface TurnDeps extends CallDeps {
  database: TurnDatabase;
  limiter: RateLimiter;
  /** null where there is no Redis. */
  cache: TurnCache | null;
}

/** How a function answers its turns. */
export interface TurnWork {
  /** What is asked of the turn. */
  request: Omit<TurnRequest, "request_id" | "rate_limit" | "counted_organization_id">;
  /**
   * Answers a turn that has begun. What it returns it has settled, or will have when its stream ends;
   * what it throws is settled here.
   */
  answer: (open: OpenTurn) => Promise<Response>;
  /** Repeats the answer that the request had before. */
  repeat: (answer: Replay["replay"]) => Response;
}

/**
 * Takes a caller through one turn: rate limit, begin, answer, and whatever happens its settlement.
 *
 * @param read Reads the request, which is work that counts, whatever comes of it.
 */
export async function takeTurn(
  caller: Caller,
  scope: "chat" | "embeddings",
  read: () => Promise<TurnWork>,
  context: RequestContext,
  deps: TurnDeps,
): Promise<Response> {
  const { database, limiter } = deps;
  const { turn, work } = await countCall(
    caller,
    limiter,
    context,
    async (rate_limit, counted_organization_id) => {
      const work = await read();
      const turn = await context.measure("begin", () =>
        database.beginTurn(caller, {
          ...work.request,
          request_id: context.requestId,
          rate_limit,
          counted_organization_id,
        }));
      return { turn, work, limits: turn.limits, rate_limit: turn.rate_limit };
    },
    () => database.countRefusedCall(caller, scope),
  );
  Object.assign(context.fields, turn.caller);
  if (turn.session_id) context.headers.set("x-session-id", turn.session_id);
  context.fields.turn_id = turn.turn_id;
  if ("replay" in turn) {
    context.headers.set("idempotent-replayed", "true");
    context.fields.replayed = true;
    return work.repeat(turn.replay);
  }

  const [route] = turn.routes;
  Object.assign(context.fields, {
    model: turn.model,
    vendor_id: route?.vendor_id,
    agent_id: route?.agent_id,
  });

  const keepsAnswer = work.request.idempotency_key !== null;
  const ledger = createLedger(turn, { ...deps, context, keepsAnswer });
  try {
    return await work.answer({ turn, ledger, context, deps });
  } catch (thrown) {
    const error = toApiError(thrown);
    await ledger.settle(NO_ANSWER, error);
    throw error;
  }
}
