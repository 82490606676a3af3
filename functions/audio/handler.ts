import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { speech } from "../_shared/gateway/formats/speech/format.ts";
import { transcription } from "../_shared/gateway/formats/transcription/format.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the function `audio`. */
export interface AudioDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `audio`. */
export function handleAudio(request: Request, deps: AudioDeps): Promise<Response> {
  return respond(
    request,
    "audio",
    operations,
    {
      speak: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await runTurn(request, caller, speech, context, deps);
      },
      transcribe: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await runTurn(request, caller, transcription, context, deps);
      },
    },
    deps,
    speech.errors,
  );
}
