import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { embeddings } from "../_shared/gateway/formats/embeddings/format.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the embeddings function. */
export interface EmbeddingsDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `embeddings`. */
export function handleEmbeddings(request: Request, deps: EmbeddingsDeps): Promise<Response> {
  return respond(
    request,
    "embeddings",
    operations,
    {
      embed: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await runTurn(request, caller, embeddings, context, deps);
      },
    },
    deps,
    embeddings.errors,
  );
}
