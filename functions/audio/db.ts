import { z } from "zod";
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
export type VoiceRequest = Pick<
  VoiceTurnBody,
  "model" | "session_id" | "transcription_model" | "speech_model"
>;

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

/** The calls. */
export function audioDatabase(call: SqlCaller): AudioDatabase {
  return {
    claimRecordings: (batch) => call("claim_recordings_to_delete", { batch }, z.array(z.string())),
    recordDeleted: async (paths) => {
      await call("record_deleted_recordings", { paths: asJson(paths) }, z.int());
    },
    beginVoiceTurn: (caller, { model, session_id, transcription_model, speech_model }) =>
      call("begin_voice_turn", {
        caller: callerArgument(caller),
        request: asJson({ model, session_id, transcription_model, speech_model }),
      }, voiceSessionSchema),
    endVoiceTurn: (caller, outcome) =>
      call(
        "end_voice_turn",
        { caller: callerArgument(caller), outcome: asJson(outcome) },
        NOTHING,
      ),
  };
}
