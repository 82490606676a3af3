import type { TransactionSql } from "postgres";
import { quoteName, type SourceColumn } from "../design/expression.ts";
import { readTables } from "./describe.ts";

/** A copied table, and the current rows of its source. */
export interface Merge {
  into: string;
  as: string;
  /** Columns of the temporary table "copied", which has the current rows. */
  columns: readonly SourceColumn[];
  /** Its key; empty if rows are identified by all their values. */
  key: readonly string[];
  /** Whether rows that are not in "copied" are kept. */
  keepsOthers?: boolean;
}

/**
 * Updates a copy from the temporary table "copied": inserts new rows and, in tables with a key,
 * updates changed rows and deletes removed ones. Unchanged rows keep their physical position, by
 * which they are numbered.
 */
export async function mergeRows(sql: TransactionSql, merge: Merge): Promise<void> {
  const { columns, key } = merge;
  const target = `${quoteName(merge.into)}.${quoteName(merge.as)}`;
  const there = (await readTables(sql, merge.into)).find(({ name }) => name === merge.as);
  for (const { name, type } of columns) {
    await sql.unsafe(`alter table ${target} add column if not exists ${quoteName(name)} ${type}`);
  }
  if (key.length > 0) return await mergeByKey(sql, merge, target);
  const names = columns.map(({ name }) => quoteName(name));
  // A column that was added since the first copy does not make a row a different one.
  const known = columns.filter(({ name }) => there?.columns.some((one) => one.name === name));
  const row = (alias: string) => rowText(alias, known.length > 0 ? known : columns);
  // Identical rows are counted: if two were copied, the third of three is new.
  await sql.unsafe(`
    with fresh as (
      select copied.*, copied.ctid as import_place, row_number() over (
        partition by ${row("copied")}
      ) as import_time
      from copied
    ),
    kept as (
      select ${row("there")} as text, count(*) as times from ${target} there group by 1
    )
    insert into ${target} (${names.join(", ")})
    select ${names.map((name) => `fresh.${name}`).join(", ")} from fresh
    left join kept on kept.text = ${row("fresh")}
    where fresh.import_time > coalesce(kept.times, 0)
    order by fresh.import_place`);
}

async function mergeByKey(sql: TransactionSql, merge: Merge, target: string): Promise<void> {
  const { columns, key } = merge;
  const names = columns.map(({ name }) => quoteName(name));
  const isSame = key.map((name) => `there.${quoteName(name)} = copied.${quoteName(name)}`)
    .join(" and ");
  await sql.unsafe("analyze copied");
  if (merge.keepsOthers !== true) {
    await sql.unsafe(
      `delete from ${target} there where not exists (select from copied where ${isSame})`,
    );
  }
  await sql.unsafe(`
    update ${target} there set ${names.map((name) => `${name} = copied.${name}`).join(", ")}
    from copied
    where ${isSame} and ${rowText("there", columns)} is distinct from ${
    rowText("copied", columns)
  }`);
  await sql.unsafe(`
    insert into ${target} (${names.join(", ")})
    select ${names.join(", ")} from copied
    where not exists (select from ${target} there where ${isSame}) and not (
      num_nulls(${key.map((name) => `copied.${quoteName(name)}`).join(", ")}) > 0 and exists (
        select from ${target} there
        where ${rowText("there", columns)} = ${rowText("copied", columns)}
      )
    )`);
}

function rowText(alias: string, columns: readonly SourceColumn[]): string {
  return `row(${columns.map(({ name }) => `${alias}.${quoteName(name)}`).join(", ")})::text`;
}
