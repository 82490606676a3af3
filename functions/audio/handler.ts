import type { SecretKeys } from "../_shared/auth/secret_key.ts";
import type { AuthenticateCaller } from "../_shared/auth/caller.ts";
import { identifyCaller } from "../_shared/auth/identify_caller.ts";
import { speech } from "../_shared/gateway/formats/speech/format.ts";
import { transcription } from "../_shared/gateway/formats/transcription/format.ts";
import { turnHandler } from "../_shared/gateway/turn_handler.ts";
import { readBody } from "../_shared/http/operation.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { Recordings } from "../_shared/net/storage.ts";
import { answerVoice } from "./answer_voice.ts";
import type { AudioDatabase } from "./db.ts";
import { operations } from "./operations.ts";
import { type RemovalDeps, removeRecordings } from "./remove_recordings.ts";
import type { VoiceDeps } from "./voice_context.ts";

/** The dependencies of the function `audio`. */
export interface AudioDeps extends RespondDeps, VoiceDeps, RemovalDeps {
  authenticate: AuthenticateCaller;
  secretKeys: SecretKeys;
  audioDatabase: AudioDatabase;
  recordings: Recordings;
}

/** The secret keys that may start a round: the scheduler's and the operator's. */
const ALLOWED = ["cron", "default"];

/** Answers the {@linkcode operations} of the function `audio`. */
export function handleAudio(request: Request, deps: AudioDeps): Promise<Response> {
  return respond(
    request,
    "audio",
    operations,
    {
      speak: turnHandler(speech, deps),
      transcribe: turnHandler(transcription, deps),
      converse: async (request, context) => {
        const caller = await identifyCaller(request, context, deps);
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
