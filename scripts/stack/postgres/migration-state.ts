import { join } from "node:path";
import postgres from "postgres";
import { z } from "zod";
import { writePrivateFile } from "../folder/write-private-file.ts";

/** How the migrations of the repository relate to those that a database has. */
export interface MigrationState {
  /** Files that the database does not have yet. */
  pending: string[];
  /** Files whose text changed since they were applied. */
  changed: string[];
  /** Versions that the database has and the repository has not. */
  missing: string[];
  /** Whether the seed is still to be loaded. */
  needsSeed: boolean;
}

const hashesSchema = z.record(z.string(), z.string());

/**
 * Compares the files with the database's own history, and with what the files were when
 * {@link rememberMigrations} last saw them.
 *
 * @param folder Where the migration files are.
 * @param stackFolder Where the stack keeps what it remembers.
 */
export async function readMigrationState(
  databaseUrl: string,
  folder: string,
  stackFolder: string,
): Promise<MigrationState> {
  const applied = await readHistory(databaseUrl);
  const files = await hashFiles(folder);
  const remembered = hashesSchema.safeParse(
    JSON.parse(await Deno.readTextFile(memoryPath(stackFolder)).catch(() => "{}")),
  ).data ?? {};
  const versions = new Set([...files.keys()].map(versionOf));
  return {
    pending: [...files.keys()].filter((file) => !applied.versions.has(versionOf(file))),
    changed: [...files].filter(([file, hash]) =>
      applied.versions.has(versionOf(file)) && remembered[file] !== undefined &&
      remembered[file] !== hash
    ).map(([file]) => file),
    missing: [...applied.versions].filter((version) => !versions.has(version)),
    needsSeed: !applied.isSeeded,
  };
}

/** Keeps what the migration files are now, as the ones that the database has. */
export async function rememberMigrations(folder: string, stackFolder: string): Promise<void> {
  const hashes = Object.fromEntries(await hashFiles(folder));
  await writePrivateFile(memoryPath(stackFolder), JSON.stringify(hashes, null, 2) + "\n");
}

async function readHistory(
  databaseUrl: string,
): Promise<{ versions: Set<string>; isSeeded: boolean }> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const [tables] = await sql<{ history: boolean; seeds: boolean }[]>`
      select
        to_regclass('supabase_migrations.schema_migrations') is not null as history,
        to_regclass('supabase_migrations.seed_files') is not null as seeds`;
    const rows = tables?.history
      ? await sql<{ version: string }[]>`
        select version from supabase_migrations.schema_migrations`
      : [];
    const seeds = tables?.seeds ? await sql`select 1 from supabase_migrations.seed_files` : [];
    return { versions: new Set(rows.map((row) => row.version)), isSeeded: seeds.length > 0 };
  } finally {
    await sql.end();
  }
}

/** File names and hashes of the migrations, in order. */
async function hashFiles(folder: string): Promise<Map<string, string>> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (/^\d+_.*\.sql$/.test(entry.name)) names.push(entry.name);
  }
  const hashes = await Promise.all(
    names.sort().map(async (name) => {
      const bytes = await Deno.readFile(join(folder, name));
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      return [name, hash] as const;
    }),
  );
  return new Map(hashes);
}

function versionOf(file: string): string {
  return file.slice(0, file.indexOf("_"));
}

function memoryPath(stackFolder: string): string {
  return join(stackFolder, "migrations.json");
}
