import { join } from "node:path";
import { stopOrphan } from "../postgres/orphan.ts";
import { alreadyRunning, lockStack } from "./stack-lock.ts";

/** The files of a stack in its folder; other files there are not removed. */
const belongings = {
  "env": "addresses and keys of the last run",
  "migrations.json": "record of migrations",
  "secrets.json": "keys",
  "postgres": "database",
  "storage": "files",
  "postgres.new": "unfinished database",
};

/**
 * Removes everything that a stack keeps in a folder, and the folder when nothing else is in it.
 *
 * @returns descriptions of what was removed.
 * @throws {CommandError} when a stack is running there.
 */
export async function resetStack(folder: string, folderName: string): Promise<string[]> {
  const exists = await Deno.stat(folder).then(() => true, () => false);
  if (!exists) return [];
  const lock = await lockStack(folder);
  if (lock === null) throw await alreadyRunning("reset", folder, folderName);
  try {
    await stopOrphan(join(folder, "postgres"));
    const removed: string[] = [];
    for (const [name, words] of Object.entries(belongings)) {
      const isGone = await Deno.remove(join(folder, name), { recursive: true })
        .then(() => true, (error) => {
          if (error instanceof Deno.errors.NotFound) return false;
          throw error;
        });
      if (isGone) removed.push(words);
    }
    return removed;
  } finally {
    await lock.release();
    await Deno.remove(folder).catch(() => {});
  }
}
