import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { images } from "../_shared/gateway/formats/images/format.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the function `images`. */
export interface ImagesDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `images`. */
export function handleImages(request: Request, deps: ImagesDeps): Promise<Response> {
  return respond(
    request,
    "images",
    operations,
    {
      generate: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await runTurn(request, caller, images, context, deps);
      },
    },
    deps,
    images.errors,
  );
}
