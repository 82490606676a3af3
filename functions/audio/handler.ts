import type { SecretKeys } from "../_shared/auth/secret_key.ts";
import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { speech } from "../_shared/gateway/formats/speech/format.ts";
import { transcription } from "../_shared/gateway/formats/transcription/format.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import { readBody } from "../_shared/http/operation.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { Recordings } from "../_shared/net/storage.ts";
import { answerVoice } from "./answer_voice.ts";
import { operations } from "./operations.ts";
import { type RemovalDeps, removeRecordings } from "./remove_recordings.ts";

/** The outside of the function `audio`. */
export interface AudioDeps extends RespondDeps, TurnDeps, RemovalDeps {
  authenticate: AuthenticateCaller;
  secretKeys: SecretKeys;
  recordings: Recordings;
}

/** Whose key starts a round: the scheduler's, or the operator's own. */
const ALLOWED = ["cron", "default"];

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
      converse: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await answerVoice(request, { caller, context, deps });
      },
      removeRecordings: async (request, context) => {
        await deps.secretKeys.demand(request, ALLOWED);
        const { run_id } = await readBody(request, operations.removeRecordings.body);
        const report = { run_id: run_id ?? null, removed: await removeRecordings(deps) };
        Object.assign(context.fields, report);
        return Response.json(report);
      },
    },
    deps,
    speech.errors,
  );
}
