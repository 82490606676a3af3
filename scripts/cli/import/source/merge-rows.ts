import type { TransactionSql } from "postgres";
import { quoteName, type SourceColumn } from "../design/expression.ts";
import { readTables } from "./describe.ts";

/** A table that was copied before, and what its source has now. */
export interface Merge {
  into: string;
  as: string;
  /** Columns of the temporary table "copied", which has the rows of now. */
  columns: readonly SourceColumn[];
  /** Its key; none where rows are identified by what they say. */
  key: readonly string[];
  /** Whether rows stay that "copied" does not have. */
  keepsOthers?: boolean;
}

/**
 * Brings a copy up to date with the temporary table "copied": rows are added, changed and, where they
 * have a key, removed. Rows that are the same keep their place, by which they are numbered.
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
  // Columns that the source has got since do not make a row another one; the first time, all do.
  const known = columns.filter(({ name }) => there?.columns.some((one) => one.name === name));
  const row = (alias: string) => rowText(alias, known.length > 0 ? known : columns);
  // A row may be there several times: the third of three is new where two were copied.
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
