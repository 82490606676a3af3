import type { Env } from "../core/env.ts";
import { ApiError } from "../core/errors.ts";

/** The private bucket of recordings. */
const BUCKET = "voice";

/** Milliseconds for one call. */
const TIMEOUT = 15_000;

/** Recordings of messages in the project's Storage, with the rights of the backend. */
export interface Recordings {
  /**
   * Stores a recording.
   *
   * @param path `{organization}/{session}/{uuid}.{extension}`
   * @param type Content type, without parameters.
   * @throws {ApiError} 503 if Storage does not accept it.
   */
  store(path: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<void>;
  /**
   * Reads a recording, whole or the part that a header `range` asks for.
   *
   * @throws {ApiError} 404 `recording_not_found` if it was deleted; 416 for a range outside of it;
   * 503 if Storage does not answer.
   */
  read(path: string, range: string | null): Promise<Response>;
  /**
   * Deletes recordings; those that are absent are no error.
   *
   * @throws {ApiError} 503 if Storage does not delete them.
   */
  remove(paths: readonly string[]): Promise<void>;
}

/** Opens the recordings of a project. */
export function openRecordings(
  { supabaseUrl, secretKey, fetch }: Pick<Env, "supabaseUrl" | "secretKey"> & {
    fetch: typeof globalThis.fetch;
  },
): Recordings {
  const bucket = `${supabaseUrl}/storage/v1/object/${BUCKET}`;
  const key = { apikey: secretKey, authorization: `Bearer ${secretKey}` };

  async function call(method: string, path: string, type: string, body: BodyInit): Promise<void> {
    const response = await fetch(bucket + path, {
      method,
      headers: { ...key, "content-type": type },
      body,
      signal: AbortSignal.timeout(TIMEOUT),
    }).catch((cause) => {
      throw unavailable(cause);
    });
    const text = await response.text().catch((cause) => {
      throw unavailable(cause);
    });
    if (!response.ok) throw unavailable(new Error(`${response.status} ${text.slice(0, 200)}`));
  }
  return {
    store: (path, bytes, type) => call("POST", `/${path}`, type, bytes),
    async read(path, range) {
      // Applies only until the answer begins, as a long recording may be played slowly.
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), TIMEOUT);
      try {
        const response = await fetch(`${bucket}/${path}`, {
          headers: { ...key, ...range && { range } },
          signal: deadline.signal,
        }).catch((cause) => {
          throw unavailable(cause);
        });
        if (response.ok) return response;
        throw await unreadable(response, range);
      } finally {
        clearTimeout(timer);
      }
    },
    remove: (paths) => call("DELETE", "", "application/json", JSON.stringify({ prefixes: paths })),
  };
}

/** Why a recording cannot be read. */
async function unreadable(response: Response, range: string | null): Promise<ApiError> {
  const said = await response.text().catch(() => "");
  if (response.status >= 500 || response.status === 429) {
    return unavailable(new Error(String(response.status)));
  }
  // Storage states the real status in its answer.
  if (range && (response.status === 416 || /invalid_?range/i.test(said))) {
    return new ApiError(
      "range_not_satisfiable",
      "Cannot play this part: the requested range is outside of the recording. Request a range within it.",
    );
  }
  return new ApiError("recording_not_found", "Recording not found. It may have been deleted.");
}

function unavailable(cause: unknown): ApiError {
  return new ApiError(
    "storage_unavailable",
    "Cannot reach the project's Storage. Try again later.",
    { cause },
  );
}
