import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { createProgressBar } from "../../common/progress-bar.ts";
import { countArchive } from "./apply/count-archive.ts";
import { countMessages } from "./apply/count-messages.ts";
import { restoreReplacedRows } from "./apply/replaced-rows.ts";
import { patient, withRetries } from "./apply/with-retries.ts";
import type { BoundTable } from "./design/bind.ts";
import { quoteName, quoteText } from "./design/expression.ts";
import type { Recognised } from "./design/recognise.ts";
import { keyDocument, keysTable, sameKey, targetKeys, targetTable } from "./design/statements.ts";

/**
 * Removes the rows that an import has written, children before parents, and restores the former
 * values of rows that it changed. It can be interrupted at any point and run again.
 */
export async function revertImport(sql: Sql, { schema, tables }: Recognised): Promise<void> {
  await sql`update agentbase_import.runs set state = 'reverting' where source = ${schema}`;
  await countMessages(sql, schema);
  const chunks = await sql<{ mapping: string; number: number; first: number; last: number }[]>`
    select mapping, number, first::float, last::float from agentbase_import.chunks
    where source = ${schema} and state = 'done' order by number`;
  const bar = createProgressBar("rows");
  const total = chunks.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  let done = 0;
  await sql`
    delete from public.user_api_keys
    where id in (select key_id from agentbase_import.sealed_keys where source = ${schema})`;
  for (const bound of tables.toReversed()) {
    for (const chunk of chunks.filter(({ mapping }) => mapping === bound.name)) {
      await withRetries(sql, patient, (transaction) => revertChunk(transaction, bound, chunk));
      bar.show(done += Math.max(0, chunk.last - chunk.first + 1), total);
    }
    if (bound.mapping.into === "chat_messages") await countMessages(sql, schema);
  }
  bar.show(total, total);
  bar.end();
  for (const bound of tables.toReversed()) await deleteFollowed(sql, bound);
  for (const bound of tables) await dropKept(sql, bound);
  await restoreReplacedRows(sql, schema);
  await sql.begin(async (transaction) => {
    for (const bound of tables) {
      await transaction.unsafe(`drop table if exists ${keysTable(bound)}`);
    }
    await transaction`delete from agentbase_import.message_counts where source = ${schema}`;
    await transaction`delete from agentbase_import.runs where source = ${schema}`;
  });
}

async function revertChunk(
  sql: TransactionSql,
  bound: BoundTable,
  { number, first, last }: { number: number; first: number; last: number },
): Promise<void> {
  const target = targetTable(bound);
  const place = `before.source = ${quoteText(bound.source.schema)}
    and before.mapping = ${quoteText(bound.name)}`;
  const keys = targetKeys(bound, `source.n between ${first} and ${last}`);
  const condition = `${sameKey(bound, "there", "keys")} and not exists (
    select from agentbase_import.present before
    where ${place} and not before.is_followed and before.key = ${keyDocument(bound, "there")}
  )`;
  const { into } = bound.mapping;
  if (into === "ai_interactions" || into === "chat_messages") {
    await sql`select set_config('agentbase.is_retention', 'on', true)`;
  }
  if (into === "ai_interactions") {
    await sql.unsafe(`
      select private.count_imported_interactions(array(
        select there.id from (${keys}) keys join ${target} there on ${condition}
      ), -1)`);
  }
  if (into === "usage_archive_rollup") {
    await countArchive(
      sql,
      `archived.id in (select there.id from (${keys}) keys join ${target} there on ${condition})`,
      -1,
    );
  }
  const removal = `delete from ${target} there using (${keys}) keys where ${condition}`;
  await sql.unsafe(
    into !== "chat_messages" ? removal : `
      with removed as (${removal} returning there.session_id)
      insert into agentbase_import.message_counts (source, session_id, messages)
      select ${quoteText(bound.source.schema)}, session_id, -count(*) from removed group by 1, 2`,
  );
  if (bound.mapping.mode === "update") await restoreRows(sql, bound, keys, place);
  await sql`
    update agentbase_import.chunks set state = 'reverted'
    where source = ${bound.source.schema} and mapping = ${bound.name} and number = ${number}`;
}

/** Restores the former values of rows that existed before the import. */
async function restoreRows(
  sql: TransactionSql,
  bound: BoundTable,
  keys: string,
  place: string,
): Promise<void> {
  const names = bound.columns.map(({ name }) => name)
    .filter((name) => !bound.mapping.key.includes(name));
  if (names.length === 0) return;
  await sql.unsafe(`
    update ${targetTable(bound)} there
    set ${names.map((name) => `${quoteName(name)} = was.${quoteName(name)}`).join(", ")}
    from (${keys}) keys
    join agentbase_import.present before on ${place} and before.key = ${keyDocument(bound, "keys")}
    cross join lateral jsonb_populate_record(null::${targetTable(bound)}, before.before) was
    where ${sameKey(bound, "there", "keys")} and not before.is_followed`);
}

/** Deletes rows that triggers wrote: these have no number. */
async function deleteFollowed(sql: Sql, bound: BoundTable): Promise<void> {
  const target = targetTable(bound);
  await withRetries(sql, patient, (transaction) =>
    transaction.unsafe(`
      delete from ${target} there using agentbase_import.present before
      cross join lateral jsonb_populate_record(null::${target}, before.key) keys
      where before.source = ${quoteText(bound.source.schema)}
        and before.mapping = ${quoteText(bound.name)} and before.is_followed
        and ${sameKey(bound, "there", "keys")}`));
}

async function dropKept(sql: Sql, bound: BoundTable): Promise<void> {
  for (const { name } of bound.kept) {
    await withRetries(
      sql,
      { lockTimeout: "100ms", attempts: 200 },
      (transaction) =>
        transaction.unsafe(
          `alter table ${targetTable(bound)} drop column if exists ${quoteName(name)}`,
        ),
    );
  }
}

/**
 * Tables with rows that users write after an import and that a revert would delete by cascade, by
 * the imported table that they reference.
 */
const dependents: Record<string, [table: string, column: string][]> = {
  chat_sessions: [["chat_messages", "session_id"]],
  agents: [
    ["models", "agent_id"],
    ["widgets", "agent_id"],
    ["workflows", "agent_id"],
    ["deployments", "agent_id"],
  ],
  organizations: [
    ["agents", "organization_id"],
    ["chat_sessions", "org_id"],
    ["ai_interactions", "organization_id"],
    ["access_keys", "organization_id"],
    ["organization_invitations", "organization_id"],
    ["budgets", "organization_id"],
    ["webhook_endpoints", "organization_id"],
  ],
};

/**
 * Refuses a revert that would delete what was written since the import.
 *
 * @throws {CommandError} when imported sessions, agents or organizations have rows that are newer than
 * the import.
 */
export async function refuseNewRows(sql: Sql, { schema, tables }: Recognised): Promise<void> {
  const keysOf = (name: string) => {
    const bound = tables.find(({ mapping }) => mapping.into === name);
    return bound === undefined ? null : targetKeys(bound, "true");
  };
  const found: string[] = [];
  for (const [parent, children] of Object.entries(dependents)) {
    const keys = keysOf(parent);
    if (keys === null) continue;
    for (const [table, column] of children) {
      const known = keysOf(table) ?? "select null::uuid as id";
      const rows = await countNew(
        sql,
        schema,
        `public.${table} rows join (${keys}) keys on keys.id = rows.${column}
        where not exists (select from (${known}) known where known.id = rows.id)`,
      );
      if (rows > 0) found.push(`${rows} rows of ${table} in imported ${parent}`);
    }
  }
  if (found.length === 0) return;
  throw new CommandError(
    `Cannot revert: ${
      found.join(", ")
    } were written since the import and would be deleted with it. Add --discard to delete them.`,
  );
}

/** Counts rows that were written after the import was applied. */
async function countNew(sql: Sql, schema: string, rows: string): Promise<number> {
  const [row] = await sql.unsafe<{ rows: number }[]>(`
    select count(*)::float as rows from ${rows}
      and rows.created_at > coalesce(
        (select applied_at from agentbase_import.runs where source = ${
    quoteText(schema)
  }), 'infinity'
      )`);
  return row?.rows ?? 0;
}
