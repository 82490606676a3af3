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

/** About as many bytes of a source as one transaction reads. */
const bytesPerChunk = 32 * 1024 ** 2;
const mostRowsPerChunk = 10_000;

/**
 * Numbers the rows of a mapping in the order in which they are imported, and divides them into
 * chunks. What is numbered already stays so: an interrupted import goes on where it was.
 */
export async function numberRows(sql: Sql, bound: BoundTable): Promise<void> {
  const { schema } = bound.source;
  const [numbered] = await sql`
    select from agentbase_import.chunks where source = ${schema} and mapping = ${bound.name} limit 1`;
  if (numbered !== undefined) return;
  const keys = keysTable(bound);
  const columns = keyColumns(bound).map((name) => `source.${quoteName(name)}`);
  if (bound.source.key.length === 0) columns.push("source.ctid as row_id");
  await sql.begin(async (transaction) => {
    await transaction.unsafe(`drop table if exists ${keys}`);
    await transaction.unsafe(`
      create table ${keys} as
      select row_number() over (order by ${orderOf(bound)}) as n, ${columns.join(", ")}
      from ${sourceTable(bound)} source`);
    await transaction.unsafe(`alter table ${keys} add primary key (n)`);
    await transaction.unsafe(`analyze ${keys}`);
    const [{ rows } = { rows: 0 }] = await transaction.unsafe<{ rows: number }[]>(
      `select count(*)::integer as rows from ${keys}`,
    );
    const size = Math.max(
      50,
      Math.min(
        mostRowsPerChunk,
        Math.floor(bytesPerChunk / (bound.source.bytes / Math.max(1, rows))),
      ),
    );
    await transaction`
      insert into agentbase_import.chunks (source, mapping, number, first, last)
      select ${schema}, ${bound.name}, number, number * ${size}::bigint + 1,
        least((number + 1) * ${size}::bigint, ${rows})
      from generate_series(0, greatest(0, ceil(${rows}::numeric / ${size}) - 1)::integer) number`;
    await rememberPresent(transaction, bound);
    await reserveSequence(transaction, bound, rows);
  });
}

/** Remembers which rows of the target are there already, and how those are that are updated. */
async function rememberPresent(sql: TransactionSql, bound: BoundTable): Promise<void> {
  await sql.unsafe(`
    insert into agentbase_import.present (source, mapping, key, before)
    select ${quoteText(bound.source.schema)}, ${quoteText(bound.name)},
      ${keyDocument(bound, "there")}, ${
    bound.mapping.mode === "update" ? "to_jsonb(there)" : "null"
  }
    from (${targetKeys(bound, "true")}) keys
    join ${targetTable(bound)} there on ${sameKey(bound, "there", "keys")}
    on conflict do nothing`);
}

/**
 * Reserves the numbers by which messages are ordered: in a session they follow its time, whichever
 * chunk is written first.
 */
async function reserveSequence(
  sql: TransactionSql,
  bound: BoundTable,
  rows: number,
): Promise<void> {
  if (bound.mapping.into !== "chat_messages") return;
  // No message is written between the two steps.
  await sql`lock table public.chat_messages in share row exclusive mode`;
  await sql`
    update agentbase_import.runs set plan = jsonb_set(
      plan, array['sequence_' || ${bound.name}],
      (select to_jsonb(last_value) from public.chat_messages_seq_seq)
    )
    where source = ${bound.source.schema}`;
  await sql`
    select setval(
      'public.chat_messages_seq_seq',
      (select last_value from public.chat_messages_seq_seq) + ${rows} + 1
    )`;
}

/** The value of chat_messages.seq before the first row; null where the target has no such column. */
export async function sequenceBase(sql: Sql, bound: BoundTable): Promise<number | null> {
  if (bound.mapping.into !== "chat_messages") return null;
  const [row] = await sql<{ base: number }[]>`
    select (plan ->> ('sequence_' || ${bound.name}))::float as base
    from agentbase_import.runs where source = ${bound.source.schema}`;
  return row?.base ?? null;
}
