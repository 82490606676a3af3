import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { type Choices, choicesSchema } from "../design/schema.ts";
import { secretNameFunction } from "../secrets/secret-names.ts";

/** What the schema agentbase_import consists of; the first begins with the schema. */
const files = [
  "tables.sql",
  "values.sql",
  "lookups.sql",
  "secrets.sql",
  "write-back.sql",
  "triggers.sql",
];

/** Makes the schema agentbase_import, or completes it. Can be repeated. */
export async function prepareState(sql: Sql | TransactionSql): Promise<void> {
  const texts = await Promise.all(
    files.map((file) => Deno.readTextFile(new URL(file, import.meta.url))),
  );
  await sql.unsafe([...texts, secretNameFunction].join("\n"));
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

/** How far the import of a source has come, and what was chosen for it. */
export interface Run {
  state: "applying" | "applied" | "reverting";
  choices: Choices;
}

/** The import of a source; null where there is none. */
export async function readRun(sql: Sql, source: string): Promise<Run | null> {
  const [there] = await sql<{ found: boolean }[]>`
    select to_regclass('agentbase_import.runs') is not null as found`;
  if (there?.found !== true) return null;
  const [run] = await sql<{ state: Run["state"]; options: unknown }[]>`
    select state, options from agentbase_import.runs where source = ${source}`;
  return run === undefined ? null : { state: run.state, choices: choicesSchema.parse(run.options) };
}

/** Remembers what was chosen for an import. */
export async function rememberChoices(sql: Sql, source: string, choices: Choices): Promise<void> {
  await sql`
    update agentbase_import.runs set options = ${sql.json(choices)} where source = ${source}`;
}

/**
 * Does something that only one process at a time may do to a database.
 *
 * @throws {CommandError} when another process is importing.
 */
export async function holdImport<Result>(sql: Sql, run: () => Promise<Result>): Promise<Result> {
  // The lock belongs to a transaction, which the server ends with its connection. Idle, it has no
  // snapshot, so that it keeps nothing from being cleaned up.
  const held = await sql.begin(async (transaction) => {
    await transaction`set local idle_in_transaction_session_timeout = 0`;
    if (!await takeLock(transaction)) {
      throw new CommandError(
        "Cannot import: another import or revert is running on this database. Wait until it has ended.",
      );
    }
    return { result: await run() };
  });
  return held.result;
}

/**
 * Takes the lock, and returns whether it did. It waits some seconds: the server takes a moment to notice
 * that a process was killed.
 */
async function takeLock(transaction: TransactionSql): Promise<boolean> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const [row] = await transaction<{ locked: boolean }[]>`
      select pg_try_advisory_xact_lock(hashtext('agentbase_import'), 0) as locked`;
    if (row?.locked === true) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}
