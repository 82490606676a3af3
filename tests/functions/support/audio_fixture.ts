import { type AudioDeps, handleAudio } from "../../../functions/audio/handler.ts";
import type { VoiceSession } from "../../../functions/audio/voice_schema.ts";
import type { Caller } from "../../../functions/_shared/auth/caller.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { TurnHandlerDeps } from "../../../functions/_shared/gateway/turn_handler.ts";
import { createSecretKeys } from "../../../functions/_shared/auth/secret_key.ts";

/** Recordings in memory, by path, and those of deleted messages. */
export interface MemoryRecordings extends Pick<AudioDeps, "recordings" | "audioDatabase"> {
  stored: Map<string, { bytes: Uint8Array; type: string }>;
  due: string[];
  /** The callers who began voice turns. */
  began: Caller[];
}

/** Storage in memory. @param agent Settings of the agent of voice turns. */
export function memoryRecordings(agent: Partial<VoiceSession> = {}): MemoryRecordings {
  const stored: MemoryRecordings["stored"] = new Map();
  const due: string[] = [];
  const began: Caller[] = [];
  return {
    stored,
    due,
    began,
    recordings: {
      store(path, bytes, type) {
        stored.set(path, { bytes, type });
        return Promise.resolve();
      },
      read(path) {
        const found = stored.get(path);
        if (!found) throw new ApiError("recording_not_found", "No.");
        return Promise.resolve(
          new Response(new Uint8Array(found.bytes), { headers: { "content-type": found.type } }),
        );
      },
      remove(paths) {
        for (const path of paths) stored.delete(path);
        return Promise.resolve();
      },
    },
    audioDatabase: {
      claimRecordings: (batch) => Promise.resolve(due.slice(0, batch)),
      recordDeleted(paths) {
        due.splice(0, paths.length);
        return Promise.resolve();
      },
      beginVoiceTurn(caller) {
        began.push(caller);
        return Promise.resolve({
          id: "5e550000-0000-4000-8000-000000000001",
          session_id: "sess_00000000000000000000",
          organization_id: "00000000-0000-4000-8000-0000000000ac",
          is_new: true,
          transcription_model: "hearing",
          speech_model: "speaking",
          speech_api: "openai",
          voices: null,
          voice: "alloy",
          voice_settings: { fallback_voice_ids: [] },
          speech_processing: { keywords: [], redaction: [] },
          is_recorded: true,
          ...agent,
        });
      },
      endVoiceTurn: () => Promise.resolve(),
    },
  };
}

/** The function `audio` with the dependencies of a chat fixture, and Storage in memory. */
export function answerAudio(
  request: Request,
  deps: TurnHandlerDeps,
  recordings = memoryRecordings(),
): Promise<Response> {
  const secretKeys = createSecretKeys(new Map([["cron", "the key of the scheduler"]]));
  return handleAudio(request, { ...deps, ...recordings, secretKeys });
}
