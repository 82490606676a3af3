import { sleep } from "../../core/sleep.ts";
import { DatabaseUnavailable } from "../../database/database_error.ts";
import type { RequestContext } from "../../http/context.ts";
import type { CallDeps } from "../open_turn.ts";
import { createSettler } from "../settle/settler.ts";
import type { TurnDatabase } from "../turn_database.ts";

/** The dependencies of {@linkcode voidUnanswered}. */
export interface VoidDeps extends CallDeps {
  database: Pick<TurnDatabase, "voidTurn">;
}

/**
 * Voids the turn of a request, in the background, after an error that leaves unknown whether the
 * database began it. No model was called, so it costs nothing.
 *
 * @param thrown The error of beginning it.
 */
export function voidUnanswered(thrown: unknown, context: RequestContext, deps: VoidDeps): void {
  if (!(thrown instanceof DatabaseUnavailable) || thrown.wasNotDone) return;
  const work = voidTurn(context, deps);
  deps.lifetime.waitUntil?.(work);
}

async function voidTurn(context: RequestContext, deps: VoidDeps): Promise<void> {
  const { requestId } = context;
  const settler = createSettler({ ...deps, context });
  const attempt = () => settler.call(() => deps.database.voidTurn(requestId));
  let voided = await attempt();
  if (voided === false) {
    // The statement may still be running; after this time the database has cancelled it.
    await sleep(deps.limits.statementMs, deps.lifetime.shutdown);
    voided = await attempt();
  }
  deps.log("warn", { event: "turn_unanswered", request_id: requestId, voided });
}
