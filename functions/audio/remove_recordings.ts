import type { Recordings } from "../_shared/net/storage.ts";
import type { AudioDatabase } from "./db.ts";

/** Recordings that one call of Storage deletes. */
const BATCH = 100;

/** Milliseconds for a round, which fits into the minute that the scheduler waits for it. */
const ROUND = 40_000;

/** What deleting recordings needs from outside. */
export interface RemovalDeps {
  audioDatabase: AudioDatabase;
  recordings: Pick<Recordings, "remove">;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * Deletes the recordings whose messages are gone, until none is left or the time is up. Those that
 * Storage does not delete are claimed again later.
 *
 * @returns how many.
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
