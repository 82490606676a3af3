import { type AudioDeps, handleAudio } from "../../../functions/audio/handler.ts";
import type { ChatDeps } from "../../../functions/chat/handler.ts";
import { createSecretKeys } from "../../../functions/_shared/auth/secret_key.ts";

/** Recordings that are kept in memory, by their paths; and those of messages that are gone. */
export interface MemoryRecordings extends Pick<AudioDeps, "recordings" | "audioDatabase"> {
  stored: Map<string, { bytes: Uint8Array; type: string }>;
  due: string[];
}

/** Storage in memory. */
export function memoryRecordings(): MemoryRecordings {
  const stored: MemoryRecordings["stored"] = new Map();
  const due: string[] = [];
  return {
    stored,
    due,
    recordings: {
      store(path, bytes, type) {
        stored.set(path, { bytes, type });
        return Promise.resolve();
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
    },
  };
}

/** The function `audio` with what a fixture of chat has, and Storage in memory. */
export function answerAudio(
  request: Request,
  deps: ChatDeps,
  recordings = memoryRecordings(),
): Promise<Response> {
  const secretKeys = createSecretKeys(new Map([["cron", "the key of the scheduler"]]));
  return handleAudio(request, { ...deps, ...recordings, secretKeys });
}
