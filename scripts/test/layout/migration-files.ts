import { basename, join } from "node:path";
import { readReleasedNames } from "../../common/released-migrations.ts";

/** A file of `migrations/`. */
export interface MigrationFile {
  /** Relative to the root. */
  path: string;
  sql: string;
}

/** The migrations in the order in which they run. */
export async function migrationFiles(root: string): Promise<MigrationFile[]> {
  const names = await Array.fromAsync(Deno.readDir(join(root, "migrations")), ({ name }) => name);
  return await Promise.all(
    names.filter((name) => name.endsWith(".sql")).sort().map(async (name) => ({
      path: `migrations/${name}`,
      sql: await Deno.readTextFile(join(root, "migrations", name)),
    })),
  );
}

/** Those of these migrations that no release has: generated lists in them are kept up to date. */
export async function withoutReleased(
  root: string,
  files: readonly MigrationFile[],
): Promise<MigrationFile[]> {
  const released = await readReleasedNames(root);
  return files.filter(({ path }) => !released.has(basename(path)));
}
