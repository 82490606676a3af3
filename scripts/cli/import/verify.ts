import type { Sql } from "postgres";
import type { BoundTable } from "./design/bind.ts";
import { quoteName, quoteText } from "./design/expression.ts";
import { isFollowing } from "./follow/follow.ts";
import type { Recognised } from "./design/recognise.ts";
import {
  correctedRows,
  keysTable,
  mappedRows,
  rowsInRange,
  sameKey,
  type SourceRows,
  sourceTable,
  targetTable,
} from "./design/statements.ts";

/** The result of comparing the rows of a mapping. */
export interface Comparison {
  mapping: string;
  into: string;
  chunks: number;
  /** Rows of the source that should be imported, and rows of the target that were found. */
  expected: number;
  found: number;
  quarantined: number;
  /** Chunks whose counts or checksums differ. */
  different: {
    number: number;
    first: number;
    last: number;
    rows: number;
    example: string | null;
  }[];
}

/**
 * Compares counts and checksums of the imported rows with those of the source, per table and chunk:
 * the rows of the source as mapped, and the rows of the target as stored.
 */
export async function verifyImport(
  sql: Sql,
  { schema, tables }: Recognised,
  show: (done: number, total: number) => void,
): Promise<Comparison[]> {
  const chunks = await sql<{ mapping: string; number: number; first: number; last: number }[]>`
    select mapping, number, first::float, last::float from agentbase_import.chunks
    where source = ${schema} and state = 'done' order by mapping, number`;
  if (await isFollowing(sql, tables)) {
    chunks.push(...tables.map(({ name }) => ({ mapping: name, number: -1, first: 0, last: 0 })));
  }
  const comparisons: Comparison[] = [];
  let done = 0;
  for (const bound of tables) {
    const comparison: Comparison = {
      mapping: bound.name,
      into: bound.mapping.into,
      chunks: 0,
      expected: 0,
      found: 0,
      quarantined: await countQuarantined(sql, bound),
      different: [],
    };
    for (const chunk of chunks.filter(({ mapping }) => mapping === bound.name)) {
      const result = chunk.number < 0
        ? await compareRows(sql, bound, rowsSince(bound), "mapped.import_reason is null")
        : await compareRows(sql, bound, rowsOfChunk(bound, chunk), "true");
      comparison.chunks++;
      comparison.expected += result.expected;
      comparison.found += result.found;
      if (result.expected_sum !== result.found_sum || result.expected !== result.found) {
        comparison.different.push({ ...chunk, rows: result.different, example: result.example });
      }
      show(++done, chunks.length);
    }
    comparisons.push(comparison);
  }
  return comparisons;
}

async function countQuarantined(sql: Sql, bound: BoundTable): Promise<number> {
  const [row] = await sql<{ rows: number }[]>`
    select count(distinct n)::float as rows from agentbase_import.quarantine
    where source = ${bound.source.schema} and mapping = ${bound.name} and not is_imported`;
  return row?.rows ?? 0;
}

interface ChunkComparison {
  expected: number;
  found: number;
  expected_sum: string;
  found_sum: string;
  different: number;
  example: string | null;
}

/** The rows of a chunk that are imported. */
function rowsOfChunk(
  bound: BoundTable,
  { first, last }: { first: number; last: number },
): SourceRows[] {
  const held = `select held.n from agentbase_import.quarantine held
    where held.source = ${quoteText(bound.source.schema)}
      and held.mapping = ${quoteText(bound.name)} and held.n between ${first} and ${last}`;
  const range = rowsInRange(bound, first, last);
  const corrected = correctedRows(bound, first, last);
  return [
    // Rows in the quarantine were not imported, or were corrected there.
    {
      ...range,
      where:
        `${range.where} and k.n not in (${held} and (not held.is_imported or held.corrected_row is not null))`,
    },
    { ...corrected, where: `${corrected.where} and k.is_imported` },
  ];
}

/** The rows that a trigger has imported since the others were numbered. */
function rowsSince(bound: BoundTable): SourceRows[] {
  const isKnown = bound.source.key
    .map((name) => `known.${quoteName(name)} = source.${quoteName(name)}`).join(" and ");
  return [{
    from: `${sourceTable(bound)} source cross join (select 0::bigint as n) k`,
    where: `not exists (select from ${keysTable(bound)} known where ${isKnown})`,
  }];
}

/** @param isImported The SQL condition for mapped rows that were imported. */
async function compareRows(
  sql: Sql,
  bound: BoundTable,
  rows: readonly SourceRows[],
  isImported: string,
): Promise<ChunkComparison> {
  const compared = bound.columns.filter(({ name }) => !bound.mapping.derived.includes(name));
  const wanted = compared.map(({ name }) => `mapped.${quoteName(name)}`);
  // Where the source has no value, the target has its default, which is not compared.
  const stored = compared.map(({ name }) =>
    `case when mapped.${quoteName(name)} is not null then there.${quoteName(name)} end`
  );
  const keepsBefore = bound.mapping.mode === "insert";
  const [result] = await sql.unsafe<ChunkComparison[]>(`
    with mapped as (${
    rows.map((one) => mappedRows(bound, one, { planned: [], keepsNulls: true })).join(" union all ")
  }),
    sides as (
      select
        there.${quoteName(bound.mapping.key[0] ?? "")} is not null as is_found,
        row(${wanted.join(", ")})::text as wanted,
        row(${stored.join(", ")})::text as stored,
        concat_ws(', ', ${bound.mapping.key.map((name) => `mapped.${quoteName(name)}`).join(", ")})
          as key
      from mapped
      left join ${targetTable(bound)} there on ${sameKey(bound, "there", "mapped")}
      where ${isImported} ${keepsBefore ? `and not ${wasThere(bound)}` : ""}
    )
    select
      count(*)::float as expected, count(*) filter (where is_found)::float as found,
      coalesce(sum(hashtextextended(wanted, 0)), 0)::text as expected_sum,
      coalesce(sum(hashtextextended(stored, 0)) filter (where is_found), 0)::text as found_sum,
      (count(*) filter (where not is_found or wanted <> stored))::float as different,
      min(key) filter (where not is_found or wanted <> stored) as example
    from sides`);
  return result ??
    { expected: 0, found: 0, expected_sum: "", found_sum: "", different: 0, example: null };
}

/**
 * The SQL condition for rows whose key existed before the import, which the import left unchanged.
 */
function wasThere(bound: BoundTable): string {
  const fields = bound.mapping.key.map((name) => `${quoteText(name)}, mapped.${quoteName(name)}`);
  return `exists (
    select from agentbase_import.present before
    where before.source = ${quoteText(bound.source.schema)}
      and before.mapping = ${quoteText(bound.name)} and not before.is_followed
      and before.key = jsonb_build_object(${fields.join(", ")})
  )`;
}
