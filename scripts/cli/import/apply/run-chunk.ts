import type { TransactionSql } from "postgres";
import postgres from "postgres";
import type { BoundTable } from "../design/bind.ts";
import { countArchive } from "./count-archive.ts";
import { quoteName, quoteText } from "../design/expression.ts";
import {
  correctedRows,
  judgedRows,
  rowsInRange,
  type SourceRows,
  targetTable,
} from "../design/statements.ts";

/** A range of numbered rows of a mapping. */
export interface Chunk {
  number: number;
  first: number;
  last: number;
  /** chat_messages.seq of row n is sequenceBase + n; null if the target has no such column. */
  sequenceBase: number | null;
}

/** The outcome of the rows of a chunk. */
export interface ChunkResult {
  rowsIn: number;
  rowsOut: number;
  rowsBad: number;
}

/**
 * Imports the rows of a chunk in the given transaction. A row that the database refuses goes to the
 * quarantine with the reason; the other rows of the chunk are imported.
 */
export async function importChunk(
  sql: TransactionSql,
  bound: BoundTable,
  chunk: Chunk,
): Promise<ChunkResult> {
  const rows = rowsInRange(bound, chunk.first, chunk.last);
  return await importRange(sql, bound, chunk, rows);
}

/** Imports the rows of a chunk that an operator has corrected. */
export async function importCorrected(
  sql: TransactionSql,
  bound: BoundTable,
  chunk: Chunk,
): Promise<ChunkResult> {
  return await importRange(sql, bound, chunk, correctedRows(bound, chunk.first, chunk.last));
}

async function importRange(
  sql: TransactionSql,
  bound: BoundTable,
  range: Chunk,
  rows: SourceRows,
): Promise<ChunkResult> {
  try {
    return await sql.savepoint((inner) => writeRows(inner, bound, rows, range.sequenceBase));
  } catch (error) {
    if (!isBadRow(error)) throw error;
    const { first, last } = range;
    if (first === last) return await quarantineRow(sql, bound, range, rows, error);
    const middle = Math.floor((first + last) / 2);
    const where = (from: number, to: number) => `${rows.where} and k.n between ${from} and ${to}`;
    const halves = [[first, middle], [middle + 1, last]] as const;
    const sum = { rowsIn: 0, rowsOut: 0, rowsBad: 0 };
    for (const [from, to] of halves) {
      const half = { ...rows, where: where(from, to) };
      const part = await importRange(sql, bound, { ...range, first: from, last: to }, half);
      sum.rowsIn += part.rowsIn;
      sum.rowsOut += part.rowsOut;
      sum.rowsBad += part.rowsBad;
    }
    return sum;
  }
}

/**
 * Whether an error is caused by the values of a row: those of classes 21 to 23, exceeded limits,
 * our own refusals, and numbers that a type cannot represent, such as NaN, which Postgres reports
 * as not supported.
 */
function isBadRow(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError &&
    (/^(2[123]|54|PT4)/.test(error.code) ||
      error.code === "0A000" && error.message.startsWith("cannot convert "));
}

async function writeRows(
  sql: TransactionSql,
  bound: BoundTable,
  rows: SourceRows,
  base: number | null,
): Promise<ChunkResult> {
  const { into } = bound.mapping;
  // Rows from the old tables must not be written back to them.
  await sql`select set_config('agentbase_import.echo', 'on', true)`;
  // The triggers would count row by row, or with every chunk; here all rows are counted at once.
  if (into === "ai_interactions" || into === "chat_messages") {
    await sql`
      select set_config('agentbase.is_retention', 'on', true),
        set_config('agentbase.is_import', 'on', true)`;
  }
  const [counts] = await sql.unsafe<
    { rows_in: number; rows_out: number; rows_bad: number; ids: string[] | null }[]
  >(
    writeStatement(bound, rows, base),
  );
  if (into === "ai_interactions" && counts !== undefined && counts.ids !== null) {
    await sql`select private.check_imported_names(${counts.ids}::uuid[])`;
    await sql`select private.count_imported_interactions(${counts.ids}::uuid[], 1)`;
  }
  if (into === "usage_archive_rollup" && counts !== undefined && counts.ids !== null) {
    await countArchive(sql, `archived.id in (${counts.ids.map(Number).join(", ")})`, 1);
  }
  // Deferred checks should fail here, where the row can be identified.
  await sql`set constraints all immediate`;
  return {
    rowsIn: counts?.rows_in ?? 0,
    rowsOut: counts?.rows_out ?? 0,
    rowsBad: counts?.rows_bad ?? 0,
  };
}

/**
 * A single statement that checks the rows, writes the valid ones, and records what a revert needs.
 */
function writeStatement(bound: BoundTable, rows: SourceRows, base: number | null): string {
  const { mapping } = bound;
  const target = targetTable(bound);
  const place = `${quoteText(bound.source.schema)}, ${quoteText(bound.name)}`;
  const names = bound.columns.map(({ name }) => quoteName(name));
  const hasSequence = base !== null;
  const columns = hasSequence ? [...names, "seq"] : names;
  const values = hasSequence ? [...names, `${base} + n`] : names;
  const isOverriding = hasSequence || bound.columns.some(({ isIdentity }) => isIdentity);
  const changed = bound.columns.filter(({ name }) => !mapping.key.includes(name))
    .map(({ name }) => `${quoteName(name)} = excluded.${quoteName(name)}`);
  const conflict = mapping.mode === "update" && changed.length > 0
    ? `do update set ${changed.join(", ")}`
    : "do nothing";
  const isUpdate = mapping.mode === "update";
  return `
    with judged as materialized (${judgedRows(bound, rows)}),
    written as (
      insert into ${target} (${columns.join(", ")}) ${isOverriding ? "overriding system value" : ""}
      select ${values.join(", ")} from judged
      where refusal is null${isUpdate ? "" : " and not was_there"} order by n, import_place
      on conflict (${mapping.key.map(quoteName).join(", ")}) ${conflict}
      returning ${returned(mapping.into)}
    ),${mapping.into === "chat_messages" ? countedClause(bound) : ""}
    bad as (
      insert into agentbase_import.quarantine (source, mapping, n, key, row, reason)
      select ${place}, refused.n, ${
    sourceKey(bound)
  }, agentbase_import.redacted(to_jsonb(source)), refused.refusal
      from ${rows.from}
      join (
        select distinct n, refusal from judged where refusal is not null
      ) refused on refused.n = k.n
      where ${rows.where}
    )${warningsClause(bound, rows, place)}
    select
      (select count(*) from judged)::integer as rows_in,
      (select count(*) from written)::integer as rows_out,
      (select count(*) from judged where refusal is not null)::integer as rows_bad,
      ${givesIds(mapping.into) ? "(select array_agg(id::text) from written)" : "null"} as ids`;
}

function returned(table: string): string {
  if (table === "chat_messages") return "session_id, created_at";
  return givesIds(table) ? "id" : "1";
}

/** Whether the rows that a chunk has written are counted by their ids. */
function givesIds(table: string): boolean {
  return table === "ai_interactions" || table === "usage_archive_rollup";
}

/** Records the number of messages per session, which countMessages() adds to the sessions later. */
function countedClause(bound: BoundTable): string {
  return `
    counted as (
      insert into agentbase_import.message_counts (source, session_id, messages, latest)
      select ${quoteText(bound.source.schema)}, session_id, count(*), max(created_at)
      from written group by session_id
    ),`;
}

/** Records what was left out of imported rows in the quarantine. */
function warningsClause(bound: BoundTable, rows: SourceRows, place: string): string {
  return bound.warnings.map(({ when, reason, value }, index) => {
    const text = value === undefined
      ? quoteText(reason)
      : `${quoteText(`${reason}: `)} || coalesce(${value}, '')`;
    return `,
    noted_${index} as (
      insert into agentbase_import.quarantine (source, mapping, n, key, row, reason, is_imported)
      select ${place}, k.n, ${
      sourceKey(bound)
    }, agentbase_import.redacted(to_jsonb(source)), ${text}, true
      from ${rows.from}
      where ${rows.where} and (${when})
        and exists (select from judged where judged.n = k.n and judged.refusal is null)
    )`;
  }).join("");
}

/** The key of a row of the source as a document, redacted for the quarantine. */
function sourceKey({ source }: BoundTable): string {
  if (source.key.length === 0) return "'{}'::jsonb";
  const fields = source.key.map((name) => `${quoteText(name)}, source.${quoteName(name)}`);
  return `agentbase_import.redacted(jsonb_build_object(${fields.join(", ")}))`;
}

async function quarantineRow(
  sql: TransactionSql,
  bound: BoundTable,
  { first }: Chunk,
  rows: SourceRows,
  error: postgres.PostgresError,
): Promise<ChunkResult> {
  const found = await sql.unsafe(
    `insert into agentbase_import.quarantine (source, mapping, n, key, row, reason, sqlstate)
    select ${quoteText(bound.source.schema)}, ${quoteText(bound.name)}, ${first},
      ${sourceKey(bound)}, agentbase_import.redacted(to_jsonb(source)), ${
      quoteText(reasonOf(error))
    }, ${quoteText(error.code)}
    from ${rows.from} where ${rows.where}`,
  );
  return { rowsIn: found.count, rowsOut: 0, rowsBad: found.count };
}

function reasonOf(error: postgres.PostgresError): string {
  return error.detail === undefined || error.detail.startsWith("Failing row")
    ? error.message
    : `${error.message}: ${error.detail}`;
}
