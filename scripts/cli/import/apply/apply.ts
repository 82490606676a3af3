import type { Sql } from "postgres";
import { createProgressBar } from "../../../common/progress-bar.ts";
import type { BoundTable } from "../design/bind.ts";
import { quoteName } from "../design/expression.ts";
import type { Recognised } from "../design/recognise.ts";
import { targetTable } from "../design/statements.ts";
import { catchUp, isFollowing, startFollowing } from "../follow/follow.ts";
import { countMessages } from "./count-messages.ts";
import { numberRows } from "./number-rows.ts";
import { runChunks } from "./run-chunks.ts";
import { removeReplacedRows } from "./replaced-rows.ts";
import { withRetries } from "./with-retries.ts";

/** The outcome of the rows of a mapping. */
export interface Outcome {
  mapping: string;
  into: string;
  rows: number;
  written: number;
  bad: number;
}

/** The options of {@link applyImport}. */
export interface ApplyOptions {
  /** The number of connections that import at the same time. */
  workers: number;
  /** Whether both sides are kept in sync from now on. */
  follow: boolean;
}

/**
 * Imports all rows of a source that are not imported yet. It can be interrupted at any point and
 * run again.
 */
export async function applyImport(
  sql: Sql,
  recognised: Recognised,
  { workers, follow }: ApplyOptions,
): Promise<Outcome[]> {
  const { schema, tables, choices } = recognised;
  await sql`
    insert into agentbase_import.runs (source, options)
    values (${schema}, ${sql.json(choices)})
    on conflict (source) do update set state = 'applying', options = excluded.options`;
  await removeReplacedRows(sql, recognised);
  const bar = createProgressBar("rows");
  const progress = { bar, done: 0, total: await estimateRows(sql, tables) };
  // First, because a trigger of the project may write these columns at each sign-up.
  for (const bound of tables) await keepColumns(sql, bound);
  if (follow) {
    // Numbers rows that were written before the triggers existed; the next pass numbers those
    // written in the meantime.
    for (const bound of tables) await numberRows(sql, bound);
    await startFollowing(sql, recognised);
  }
  for (const bound of tables) {
    await numberRows(sql, bound);
    await runChunks(sql, bound, workers, progress);
    if (bound.mapping.into === "chat_messages") await countMessages(sql, schema);
  }
  bar.show(progress.total, progress.total);
  bar.end();
  if (await isFollowing(sql, tables)) await catchUp(sql, recognised);
  await sql`
    update agentbase_import.runs
    set state = 'applied', applied_at = coalesce(applied_at, now()) where source = ${schema}`;
  return await readOutcomes(sql, recognised);
}

/** Adds the columns of the source that a table lacks. */
async function keepColumns(sql: Sql, bound: BoundTable): Promise<void> {
  for (const { name, type } of bound.kept) {
    await withRetries(sql, { lockTimeout: "100ms", attempts: 200 }, async (transaction) => {
      await transaction.unsafe(
        `alter table ${targetTable(bound)} add column if not exists ${quoteName(name)} ${type}`,
      );
      await transaction.unsafe(
        `comment on column ${targetTable(bound)}.${quoteName(name)} is 'Kept from ${
          bound.source.schema.replaceAll("'", "''")
        }.${bound.source.name.replaceAll("'", "''")} (npm run import).'`,
      );
    });
  }
}

async function estimateRows(sql: Sql, tables: readonly BoundTable[]): Promise<number> {
  let total = 0;
  for (const { source } of tables) {
    const [row] = await sql.unsafe<{ rows: number }[]>(
      `select count(*)::float as rows from ${quoteName(source.schema)}.${quoteName(source.name)}`,
    );
    total += row?.rows ?? 0;
  }
  return total;
}

/** The outcome of the rows of each mapping so far. */
async function readOutcomes(
  sql: Sql,
  { schema, tables }: Recognised,
): Promise<Outcome[]> {
  const rows = await sql<{ mapping: string; rows: number; written: number; bad: number }[]>`
    select chunks.mapping,
      coalesce(sum(greatest(0, last - first + 1)), 0)::float as rows,
      coalesce(sum(rows_out), 0)::float as written,
      (
        select count(*)::float from agentbase_import.quarantine held
        where held.source = ${schema} and held.mapping = chunks.mapping and not held.is_imported
      ) as bad
    from agentbase_import.chunks where source = ${schema} group by chunks.mapping`;
  return tables.map(({ name, mapping }) => {
    const found = rows.find((row) => row.mapping === name);
    return {
      mapping: name,
      into: mapping.into,
      rows: found?.rows ?? 0,
      written: found?.written ?? 0,
      bad: found?.bad ?? 0,
    };
  });
}
