import type { AuthenticateCaller } from "../auth/caller.ts";
import { identifyCaller } from "../auth/identify_caller.ts";
import type { Handler } from "../http/operation.ts";
import type { RespondDeps } from "../http/respond.ts";
import type { WireFormat } from "./formats/format.ts";
import { runTurn, type TurnDeps } from "./run_turn.ts";

/** The dependencies of a function that runs turns. */
export interface TurnHandlerDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/**
 * The handler of an operation that is one turn: identifies the caller and runs the turn.
 *
 * @example
 * ```ts
 * respond(request, "chat", operations, { complete: turnHandler(openaiChat, deps) }, deps);
 * ```
 */
export function turnHandler<Body extends object>(
  format: WireFormat<Body>,
  deps: TurnDeps & { authenticate: AuthenticateCaller },
): Handler {
  return async (request, context) => {
    const caller = await identifyCaller(request, context, deps);
    return await runTurn(request, caller, format, context, deps);
  };
}
