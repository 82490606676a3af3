import { CommandError } from "../../common/command-error.ts";
import type { Progress } from "../progress.ts";
import { applyMigrations } from "./apply-migrations.ts";
import { readMigrationState, rememberMigrations } from "./migration-state.ts";

/** What {@link migrateDatabase} is given. */
export interface MigrateOptions {
  url: string;
  migrationsFolder: string;
  /** The stack's folder, which remembers what was applied. */
  folder: string;
  /** The same as the person knows it. */
  folderName: string;
  /** Whether this start created the data: then a failure is not caused by existing data. */
  isNew: boolean;
  /** What the person is told to run when the data cannot be used. */
  resetHint: string;
  progress: Progress;
  signal: AbortSignal;
}

/**
 * Applies the migrations that the database lacks, and the seed where it has none.
 *
 * @throws {CommandError} when an applied migration no longer exists, or one of the missing ones fails.
 */
export async function migrateDatabase(options: MigrateOptions): Promise<void> {
  const { url, migrationsFolder, folder, folderName, resetHint, progress, signal } = options;
  const { missing, changed, pending, needsSeed } = await readMigrationState(
    url,
    migrationsFolder,
    folder,
  );
  if (missing.length > 0) {
    throw new CommandError(
      `Cannot use the data in "${folderName}": migration "${
        missing[0]
      }" was applied to them and no longer exists. ${resetHint}`,
    );
  }
  if (changed.length > 0) {
    progress.note(`  Attention    changed since applied here: ${changed.join(", ")}. ${resetHint}`);
  }
  if (pending.length > 0 || needsSeed) {
    await progress.step(
      "Migrations",
      () =>
        applyMigrations({ url, seed: needsSeed, signal })
          .catch((error) => suggestReset(error, options)),
      (applied) => `${applied.length} applied${needsSeed ? ", seed loaded" : ""}`,
    );
  }
  if (changed.length === 0) await rememberMigrations(migrationsFolder, folder);
}

function suggestReset(error: unknown, { isNew, resetHint }: MigrateOptions): never {
  if (!(error instanceof CommandError) || isNew) throw error;
  throw new CommandError(`${error.message}\nIf existing data are the cause: ${resetHint}`);
}
