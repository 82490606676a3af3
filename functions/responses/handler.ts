import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { openaiResponses } from "../_shared/gateway/formats/openai_responses/format.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the responses function. */
export interface ResponsesDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `responses`. */
export function handleResponses(request: Request, deps: ResponsesDeps): Promise<Response> {
  return respond(
    request,
    "responses",
    operations,
    {
      create: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await runTurn(request, caller, openaiResponses, context, deps);
      },
    },
    deps,
    openaiResponses.errors,
  );
}
