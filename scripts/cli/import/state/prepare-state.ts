import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { secretNameFunction } from "../secrets/secret-names.ts";

const stateFile = new URL("./state.sql", import.meta.url);

/** Makes the schema agentbase_import, or completes it. Can be repeated. */
export async function prepareState(sql: Sql | TransactionSql): Promise<void> {
  await sql.unsafe(await Deno.readTextFile(stateFile));
  await sql.unsafe(secretNameFunction);
}

/** Whether the database has the migrations of Agentbase that an import needs. */
export async function hasMigrations(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select to_regprocedure('private.count_imported_interactions(uuid[], integer)') is not null
      as found`;
  return row?.found ?? false;
}

/**
 * Refuses a database that has an older release of Agentbase: its tables stay where they are, and are
 * imported into a new database.
 *
 * @throws {CommandError} with what to do.
 */
export async function refuseOlderRelease(sql: Sql): Promise<void> {
  const [row] = await sql<{ found: boolean }[]>`
    select to_regclass('private.encrypted_columns') is not null as found`;
  if (row?.found !== true || await hasMigrations(sql)) return;
  throw new CommandError(
    'Cannot import: this database has an older release of Agentbase. Make a new project with this release, and import this one there: npm run import -- --from postgresql://… --apply (docs/import.md, "From Agentbase 0.1").',
  );
}

/** How far the import of a source has come; null where there is none. */
export async function readRun(sql: Sql, source: string): Promise<string | null> {
  const [there] = await sql<{ found: boolean }[]>`
    select to_regclass('agentbase_import.runs') is not null as found`;
  if (there?.found !== true) return null;
  const [run] = await sql<{ state: string }[]>`
    select state from agentbase_import.runs where source = ${source}`;
  return run?.state ?? null;
}

/**
 * Does something that only one process at a time may do to a database.
 *
 * @throws {CommandError} when another process is importing.
 */
export async function holdImport<Result>(sql: Sql, run: () => Promise<Result>): Promise<Result> {
  // The lock belongs to its connection: the server releases it when the process ends.
  const connection = await sql.reserve();
  try {
    if (!await takeLock(connection)) {
      throw new CommandError(
        "Cannot import: another import or revert is running on this database. Wait until it has ended.",
      );
    }
    try {
      return await run();
    } finally {
      await connection`select pg_advisory_unlock(hashtext('agentbase_import'), 0)`;
    }
  } finally {
    connection.release();
  }
}

/**
 * Takes the lock, and returns whether it did. It waits some seconds: the server takes a moment to notice
 * that a process was killed.
 */
async function takeLock(connection: Sql): Promise<boolean> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const [row] = await connection<{ locked: boolean }[]>`
      select pg_try_advisory_lock(hashtext('agentbase_import'), 0) as locked`;
    if (row?.locked === true) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}
