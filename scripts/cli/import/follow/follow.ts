import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { brief, lockTables, withRetries } from "../apply/with-retries.ts";
import type { BoundTable } from "../design/bind.ts";
import { quoteName, quoteText } from "../design/expression.ts";
import type { Recognised } from "../design/recognise.ts";
import { ownName, sourceTable, targetTable } from "../design/statements.ts";
import { backFunction, goesBack } from "./back-function.ts";
import { drainStatement, followFunctions } from "./follow-function.ts";

/**
 * Refuses to follow tables without a key, whose changed rows could not be found.
 *
 * @throws {CommandError} with their names.
 */
export function refuseKeyless({ schema, tables }: Recognised): void {
  const names = new Set(
    tables.filter(({ source }) => source.key.length === 0).map(({ source }) => source.name),
  );
  if (names.size === 0) return;
  throw new CommandError(
    `Cannot follow "${schema}": ${
      [...names].join(", ")
    } cannot be followed without a primary key or a unique constraint on columns that are not null. Add one, or import without --follow. Nothing was changed.`,
  );
}

/**
 * Creates the triggers that keep both sides in sync: rows of the old tables are converted by the
 * mapping, rows of the new tables by its "back" columns.
 */
export async function startFollowing(sql: Sql, { tables }: Recognised): Promise<void> {
  for (const bound of tables) {
    await withRetries(sql, brief, (transaction) => followTable(transaction, bound));
    if (!goesBack(bound)) continue;
    await withRetries(sql, brief, async (transaction) => {
      await transaction.unsafe(backFunction(bound));
      await transaction.unsafe(`
        create or replace trigger ${triggerName("back", bound)}
        after insert or update on ${targetTable(bound)}
        for each row execute function agentbase_import.${quoteName(ownName("back", bound))}()`);
    });
  }
}

async function followTable(sql: TransactionSql, bound: BoundTable): Promise<void> {
  await sql.unsafe(followFunctions(bound));
  await sql.unsafe(`
    create or replace trigger ${triggerName("follow", bound)}
    after insert or update or delete on ${sourceTable(bound)}
    for each row execute function agentbase_import.${quoteName(ownName("follow", bound))}()`);
  await sql.unsafe(`
    create or replace trigger agentbase_refuse_truncate before truncate on ${sourceTable(bound)}
    for each statement execute function agentbase_import.refuse_truncate()`);
}

/**
 * Applies the changes that were recorded while chunks were imported, and lets the triggers write
 * directly from then on. Most changes are applied while the old application writes, the rest in a
 * transaction that locks its tables.
 */
export async function catchUp(sql: Sql, { schema, tables }: Recognised): Promise<void> {
  const drains = tables.map((bound) => `execute ${quoteText(drainStatement(bound))};`).join(" ");
  let milliseconds = 100;
  await withRetries(sql, brief, async (transaction) => {
    await drain(sql, schema, tables);
    // The rest is applied while writes to the old tables wait. If this takes too long, the
    // transaction is rolled back, so that they proceed, and tried again with a little more time.
    await lockTables(transaction, tables.map(sourceTable), "share row exclusive");
    await transaction`select set_config('statement_timeout', ${milliseconds}::text, true)`;
    milliseconds = Math.ceil(milliseconds * 1.2);
    await transaction.unsafe(`do ${quoteText(`begin ${drains} end`)}`);
    await transaction`
      update agentbase_import.runs
      set state = 'applied', applied_at = coalesce(applied_at, now()) where source = ${schema}`;
  });
}

/** Applies recorded changes until few are left, in a limited number of passes. */
async function drain(sql: Sql, schema: string, tables: readonly BoundTable[]): Promise<void> {
  for (let pass = 0; pass < 20; pass++) {
    for (const bound of tables) {
      await withRetries(sql, brief, (transaction) => transaction.unsafe(drainStatement(bound)));
    }
    const left = await sql`
      select from agentbase_import.changes where source = ${schema} limit ${fewChanges}`;
    if (left.length < fewChanges) return;
  }
}

/** The number of recorded changes that can be applied within milliseconds. */
const fewChanges = 50;

/** Removes the triggers of a source, but not those of other sources. */
export async function stopFollowing(sql: Sql, { tables }: Recognised): Promise<void> {
  const names = tables.flatMap((bound) =>
    (["follow", "write", "back"] as const).map((kind) => ownName(kind, bound))
  );
  const functions = await sql<{ name: string }[]>`
    select oid::regprocedure::text as name from pg_proc
    where pronamespace = to_regnamespace('agentbase_import')
      and proname = any (${names})
    order by 1`;
  for (const { name } of functions) {
    await withRetries(
      sql,
      brief,
      (transaction) => transaction.unsafe(`drop function if exists ${name} cascade`),
    );
  }
  const sources = tables.map(sourceTable);
  await withRetries(sql, brief, async (transaction) => {
    await lockTables(transaction, sources, "access exclusive");
    await dropStatementTriggers(transaction, sources);
  });
}

async function dropStatementTriggers(
  sql: TransactionSql,
  sources: readonly string[],
): Promise<void> {
  const triggers = await sql<{ name: string; table: string }[]>`
    select tgname as name, tgrelid::regclass::text as table from pg_trigger
    where tgname in ('agentbase_refuse_truncate', 'agentbase_refuse_write')
      and tgrelid = any (${[...sources]}::text[]::regclass[])`;
  for (const { name, table } of triggers) {
    await sql.unsafe(`drop trigger ${name} on ${table}`);
  }
}

/** Whether both sides are kept in sync. */
export async function isFollowing(sql: Sql, tables: readonly BoundTable[]): Promise<boolean> {
  const [bound] = tables;
  if (bound === undefined) return false;
  const rows = await sql`
    select from pg_proc
    where pronamespace = to_regnamespace('agentbase_import')
      and proname = ${ownName("follow", bound)}`;
  return rows.length > 0;
}

/**
 * Makes the new tables authoritative, in one short transaction: a row that they refuse is refused
 * by the old table as well. Both sides stay in sync.
 */
export async function cutOver(sql: Sql, { schema }: Recognised): Promise<void> {
  await sql`update agentbase_import.runs set is_cut_over = true where source = ${schema}`;
}

/**
 * Makes the old tables read-only for the application; changes of the new tables still reach them.
 */
export async function closeSource(sql: Sql, { tables }: Recognised): Promise<void> {
  await withRetries(sql, brief, async (transaction) => {
    await lockTables(transaction, tables.map(sourceTable), "share row exclusive");
    for (const bound of tables) {
      await transaction.unsafe(`
        create or replace trigger agentbase_refuse_write
        before insert or update or delete on ${sourceTable(bound)}
        for each statement execute function agentbase_import.refuse_write()`);
    }
  });
}

/** Makes the old tables writable and authoritative again. */
export async function undoCutOver(sql: Sql, { schema, tables }: Recognised): Promise<void> {
  await withRetries(sql, brief, async (transaction) => {
    await lockTables(transaction, tables.map(sourceTable), "access exclusive");
    for (const bound of tables) {
      await transaction.unsafe(
        `drop trigger if exists agentbase_refuse_write on ${sourceTable(bound)}`,
      );
    }
    await transaction`
      update agentbase_import.runs set is_cut_over = false where source = ${schema}`;
  });
}

function triggerName(kind: "follow" | "back", bound: BoundTable): string {
  return quoteName(`agentbase_${kind}_${bound.name}`.slice(0, 63));
}
