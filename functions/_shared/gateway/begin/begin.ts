import type { Caller } from "../../auth/caller.ts";
import type { RequestContext } from "../../http/context.ts";
import type { TurnCache } from "../../redis/mirrors/turn.ts";
import type { CallDeps, OpenTurn } from "../open_turn.ts";
import { createLedger } from "../settle/ledger.ts";
import type { Replay, TurnDatabase, TurnRequest } from "../turn_database.ts";
import { voidUnanswered } from "./void_turn.ts";

/** The dependencies of {@linkcode begin}. */
export interface BeginDeps extends CallDeps {
  database: TurnDatabase;
  /** null without Redis. */
  cache: TurnCache | null;
}

/**
 * Opens a turn, or finds the stored answer of a repeated request.
 *
 * @throws {ApiError} If the database refuses the request.
 */
export async function begin(
  caller: Caller,
  asked: Omit<TurnRequest, "request_id">,
  context: RequestContext,
  deps: BeginDeps,
): Promise<OpenTurn | Replay> {
  const turn = await context.measure(
    "begin",
    () => deps.database.beginTurn(caller, { ...asked, request_id: context.requestId }),
  ).catch((thrown) => {
    voidUnanswered(thrown, context, deps);
    throw thrown;
  });
  Object.assign(context.fields, turn.caller);
  if (turn.session_id) context.headers.set("x-session-id", turn.session_id);
  context.fields.turn_id = turn.turn_id;
  if ("replay" in turn) {
    context.headers.set("idempotent-replayed", "true");
    context.fields.replayed = true;
    return turn;
  }
  const [route] = turn.routes;
  Object.assign(context.fields, {
    model: turn.model,
    vendor_id: route?.vendor_id,
    agent_id: route?.agent_id,
  });
  const keepsAnswer = asked.idempotency_key !== null;
  return { turn, ledger: createLedger(turn, { ...deps, context, keepsAnswer }), context, deps };
}
