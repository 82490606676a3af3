import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { type Choices, choicesSchema } from "../design/schema.ts";
import { secretNameFunction } from "../secrets/secret-names.ts";

/** The files that create the schema agentbase_import, in this order. */
const files = [
  "tables.sql",
  "values.sql",
  "lookups.sql",
  "secrets.sql",
  "write-back.sql",
  "triggers.sql",
];

/** Creates the schema agentbase_import, or completes it. Idempotent. */
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
 * Refuses a database with an older release of Agentbase, which has to be imported into a new
 * database.
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

/** The progress of the import of a source, and the choices made for it. */
export interface Run {
  state: "applying" | "applied" | "reverting";
  choices: Choices;
}

/** The import of a source; null if there is none. */
export async function readRun(sql: Sql, source: string): Promise<Run | null> {
  const [there] = await sql<{ found: boolean }[]>`
    select to_regclass('agentbase_import.runs') is not null as found`;
  if (there?.found !== true) return null;
  const [run] = await sql<{ state: Run["state"]; options: unknown }[]>`
    select state, options from agentbase_import.runs where source = ${source}`;
  return run === undefined ? null : { state: run.state, choices: choicesSchema.parse(run.options) };
}

/** Stores the choices made for an import. */
export async function rememberChoices(sql: Sql, source: string, choices: Choices): Promise<void> {
  await sql`
    update agentbase_import.runs set options = ${sql.json(choices)} where source = ${source}`;
}

/**
 * Runs an action that only one process at a time may run on a database.
 *
 * @throws {CommandError} if another process is importing.
 */
export async function holdImport<Result>(sql: Sql, run: () => Promise<Result>): Promise<Result> {
  // The lock belongs to a transaction, which ends with its connection. While idle, the transaction
  // has no snapshot and so does not hold back vacuum.
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
 * Takes the lock, and returns whether it succeeded. It waits for some seconds, since the server
 * takes a moment to notice that a process was killed.
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
