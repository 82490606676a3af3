import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { moderations } from "../_shared/gateway/formats/moderations/format.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the function `moderations`. */
export interface ModerationsDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `moderations`. */
export function handleModerations(request: Request, deps: ModerationsDeps): Promise<Response> {
  return respond(
    request,
    "moderations",
    operations,
    {
      judge: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await runTurn(request, caller, moderations, context, deps);
      },
    },
    deps,
    moderations.errors,
  );
}
