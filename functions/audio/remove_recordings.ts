import type { Recordings } from "../_shared/net/storage.ts";
import type { AudioDatabase } from "./db.ts";

/** Recordings that one call of Storage deletes. */
const BATCH = 100;

/** Milliseconds for a round, less than the minute that the scheduler waits for it. */
const ROUND = 40_000;

/** The dependencies of {@linkcode removeRecordings}. */
export interface RemovalDeps {
  audioDatabase: Pick<AudioDatabase, "claimRecordings" | "recordDeleted">;
  recordings: Pick<Recordings, "remove">;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * Deletes the recordings of deleted messages, until none is left or the time limit is reached.
 * Those that Storage fails to delete are claimed again later.
 *
 * @returns The number of deleted recordings.
 */
export async function removeRecordings(
  { audioDatabase, recordings, now }: RemovalDeps,
): Promise<number> {
  const until = now() + ROUND;
  let removed = 0;
  while (now() < until) {
    const paths = await audioDatabase.claimRecordings(BATCH);
    if (paths.length === 0) break;
    await recordings.remove(paths);
    await audioDatabase.recordDeleted(paths);
    removed += paths.length;
  }
  return removed;
}
