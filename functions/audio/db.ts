import { z } from "zod";
import type { AccessKeyGuard } from "../_shared/auth/access_key_guard.ts";
import { type Caller, callerArgument } from "../_shared/auth/caller.ts";
import { asJson } from "../_shared/database/client.ts";
import { NOTHING, type SqlCaller } from "../_shared/database/sql_caller.ts";
import {
  type VoiceOutcome,
  type VoiceSession,
  voiceSessionSchema,
  type VoiceTurnBody,
} from "./voice_schema.ts";

/** What a voice turn asks of the database. */
export interface VoiceRequest extends
  Pick<
    VoiceTurnBody,
    "model" | "session_id" | "transcription_model" | "speech_model"
  > {
  /** That of the turn of the chat; null for none. */
  idempotency_key: string | null;
}

/** The database calls of the function. */
export interface AudioDatabase {
  /** Takes recordings that are to be deleted: paths in the bucket. */
  claimRecordings(batch: number): Promise<string[]>;
  /** Records that they are deleted. */
  recordDeleted(paths: readonly string[]): Promise<void>;
  /** Finds the session of a voice turn, or begins one, and the voice of its agent. */
  beginVoiceTurn(caller: Caller, request: VoiceRequest): Promise<VoiceSession>;
  /** Makes recordings part of the messages of a voice turn. */
  endVoiceTurn(caller: Caller, outcome: VoiceOutcome): Promise<void>;
}

/**
 * The calls.
 *
 * @param guard Asks for callers whom the database may refuse.
 */
export function audioDatabase(call: SqlCaller, guard: Pick<AccessKeyGuard, "ask">): AudioDatabase {
  return {
    claimRecordings: (batch) => call("claim_recordings_to_delete", { batch }, z.array(z.string())),
    recordDeleted: async (paths) => {
      await call("record_deleted_recordings", { paths: asJson(paths) }, z.int());
    },
    beginVoiceTurn: (
      caller,
      { model, session_id, transcription_model, speech_model, idempotency_key },
    ) =>
      guard.ask(caller, () =>
        call("begin_voice_turn", {
          caller: callerArgument(caller),
          request: asJson({
            model,
            session_id,
            transcription_model,
            speech_model,
            idempotency_key,
          }),
        }, voiceSessionSchema)),
    endVoiceTurn: (caller, outcome) =>
      call(
        "end_voice_turn",
        { caller: callerArgument(caller), outcome: asJson(outcome) },
        NOTHING,
      ),
  };
}
