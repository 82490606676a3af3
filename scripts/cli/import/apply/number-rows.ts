import type { Sql, TransactionSql } from "postgres";
import { type BoundTable, orderOf } from "../design/bind.ts";
import { quoteName, quoteText } from "../design/expression.ts";
import {
  keyColumns,
  keyDocument,
  keysTable,
  sameKey,
  sourceTable,
  targetKeys,
  targetTable,
} from "../design/statements.ts";
import { brief, withRetries } from "./with-retries.ts";

/** The approximate size of a chunk in bytes of the source. */
const bytesPerChunk = 32 * 1024 ** 2;
const mostRowsPerChunk = 10_000;

/**
 * Numbers the rows of a mapping in the order in which they are imported, and divides them into
 * chunks. Numbers never change: an interrupted import continues where it stopped, and a repeated
 * one adds the rows that are new in the source.
 */
export async function numberRows(sql: Sql, bound: BoundTable): Promise<void> {
  const { schema, bytes } = bound.source;
  const [numbered] = await sql<{ last: number; chunks: number; done: number }[]>`
    select coalesce(max(last), 0)::float as last, count(*)::integer as chunks,
      (count(*) filter (where state <> 'pending'))::integer as done
    from agentbase_import.chunks
    where source = ${schema} and mapping = ${bound.name}`;
  const { last = 0, chunks = 0, done = 0 } = numbered ?? {};
  // Importing parents creates further rows, such as an owner's membership, before the first chunk.
  const known = done === 0 ? 0 : last;
  if (chunks > 0 && bound.source.key.length === 0) {
    if (done === 0) await sql.begin((one) => rememberPresent(one, bound, 0));
    return;
  }
  // The planner reads chunks by key once it knows the size of the table.
  if (chunks === 0) await sql.unsafe(`analyze ${sourceTable(bound)}`);
  await sql.begin(async (transaction) => {
    const rows = await writeKeys(transaction, bound, chunks > 0 ? last : null);
    if (rows === 0 && chunks > 0) return await rememberPresent(transaction, bound, known);
    const width = Math.max(1, bytes / Math.max(1, last + rows));
    const size = Math.max(50, Math.min(mostRowsPerChunk, Math.floor(bytesPerChunk / width)));
    const base = await reserveSequence(sql, bound, last, rows);
    await transaction`
      insert into agentbase_import.chunks (source, mapping, number, first, last, sequence_base)
      select ${schema}, ${bound.name}, ${chunks} + number, ${last} + number * ${size}::bigint + 1,
        ${last} + least((number + 1) * ${size}::bigint, ${rows}), ${base}
      from generate_series(0, greatest(0, ceil(${rows}::numeric / ${size}) - 1)::integer) number`;
    await rememberPresent(transaction, bound, known);
  });
}

/** Writes the numbers and keys of rows that have none. Returns how many. */
async function writeKeys(
  sql: TransactionSql,
  bound: BoundTable,
  last: number | null,
): Promise<number> {
  const keys = keysTable(bound);
  const columns = keyColumns(bound).map((name) => `source.${quoteName(name)}`);
  if (bound.source.key.length === 0) {
    columns.push("source.tableoid as row_table", "source.ctid as row_id");
  }
  const numbered = `
    select row_number() over (order by ${orderOf(bound)}) + ${last ?? 0} as n, ${columns.join(", ")}
    from ${sourceTable(bound)} source`;
  if (last === null) {
    await sql.unsafe(`drop table if exists ${keys}`);
    const made = await sql.unsafe(`create table ${keys} as ${numbered}`);
    await sql.unsafe(`alter table ${keys} add primary key (n)`);
    await sql.unsafe(`analyze ${keys}`);
    return made.count;
  }
  const isKnown = bound.source.key
    .map((name) => `known.${quoteName(name)} = source.${quoteName(name)}`).join(" and ");
  const added = await sql.unsafe(
    `insert into ${keys} ${numbered} where not exists (select from ${keys} known where ${isKnown})`,
  );
  return added.count;
}

/**
 * Records which rows of the target exist already, for rows with a number after the given one, and
 * the former values of those that will be updated.
 */
async function rememberPresent(
  sql: TransactionSql,
  bound: BoundTable,
  last: number,
): Promise<void> {
  await sql.unsafe(`
    insert into agentbase_import.present (source, mapping, key, before)
    select ${quoteText(bound.source.schema)}, ${quoteText(bound.name)},
      ${keyDocument(bound, "there")}, ${
    bound.mapping.mode === "update" ? "to_jsonb(there)" : "null"
  }
    from (${targetKeys(bound, `source.n > ${last}`)}) keys
    join ${targetTable(bound)} there on ${sameKey(bound, "there", "keys")}
    on conflict do nothing`);
}

/**
 * Reserves sequence numbers for messages, so that the messages of a session are in order of time,
 * whichever chunk is written first. Row n gets the returned base + n.
 */
async function reserveSequence(
  sql: Sql,
  bound: BoundTable,
  last: number,
  rows: number,
): Promise<number | null> {
  // Each element of a list is a message; these are numbered as they are written.
  if (bound.mapping.into !== "chat_messages" || bound.mapping.each !== undefined) return null;
  // In a separate transaction, which holds the lock only briefly. Without the lock, a message could
  // be written between reading and setting the sequence.
  const base = await withRetries(sql, brief, async (transaction) => {
    await transaction`lock table public.chat_messages in share row exclusive mode`;
    const [reserved] = await transaction<{ base: number }[]>`
      select (setval('public.chat_messages_seq_seq', last_value + ${rows} + 1) - ${rows} - 1)::float
        as base
      from public.chat_messages_seq_seq`;
    return reserved?.base ?? 0;
  });
  return base - last;
}
