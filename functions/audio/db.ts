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

/** The arguments with which a voice turn begins. */
export interface VoiceRequest extends
  Pick<
    VoiceTurnBody,
    "model" | "session_id" | "transcription_model" | "speech_model"
  > {
  /** The key of the chat turn; null for none. */
  idempotency_key: string | null;
}

/** The database calls of the function. */
export interface AudioDatabase {
  /** Claims recordings that are due for deletion, as paths in the bucket. */
  claimRecordings(batch: number): Promise<string[]>;
  /** Records that they are deleted. */
  recordDeleted(paths: readonly string[]): Promise<void>;
  /** Finds or creates the session of a voice turn, and returns the voice of its agent. */
  beginVoiceTurn(caller: Caller, request: VoiceRequest): Promise<VoiceSession>;
  /** Attaches recordings to the messages of a voice turn. */
  endVoiceTurn(caller: Caller, outcome: VoiceOutcome): Promise<void>;
}

/**
 * The calls.
 *
 * @param guard Calls the database for callers whom it may refuse.
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
