import { join } from "node:path";
import type { Sql, TransactionSql } from "postgres";
import { z } from "zod";
import { CommandError } from "../../../common/command-error.ts";
import { quoteName } from "../design/expression.ts";
import { copyRows } from "./copy-rows.ts";

const manifestSchema = z.object({
  format: z.literal("agentbase-export-1"),
  tables: z.array(z.object({
    table: z.string().regex(/^[a-z_]+$/),
    file: z.string().regex(/^[a-z_]+\.jsonl$/),
    rows: z.int(),
  })),
});

const exportSchema = z.object({ format: z.string().startsWith("agentbase-export-") });

/**
 * Whether a folder was written by `npm run export`. A manifest.json alone does not prove it:
 * websites have one, too.
 */
export function isExportFolder(path: string): boolean {
  try {
    const manifest: unknown = JSON.parse(Deno.readTextFileSync(join(path, "manifest.json")));
    return exportSchema.safeParse(manifest).success;
  } catch {
    return false;
  }
}

/**
 * Loads the files of `npm run export` into tables with the columns of Agentbase's own.
 *
 * @throws {CommandError} if the manifest has another format, or the number of rows in a file
 * differs from the manifest.
 */
export async function stageExport(sql: Sql, folder: string, into: string): Promise<void> {
  const path = join(folder, "manifest.json");
  const manifest = manifestSchema.safeParse(JSON.parse(await Deno.readTextFile(path)));
  if (!manifest.success) {
    throw new CommandError(
      `Cannot read "${path}": it is not a manifest of this release's "npm run export". Nothing was changed.`,
    );
  }
  await sql.begin(async (transaction) => {
    await transaction`
      create temporary table raw_texts (text text) on commit drop`;
    for (const one of manifest.data.tables) await stageTable(transaction, { ...one, folder, into });
  });
}

interface TableFile {
  table: string;
  file: string;
  rows: number;
  folder: string;
  into: string;
}

async function stageTable(sql: TransactionSql, one: TableFile): Promise<void> {
  const [known] = await sql`select to_regclass(${`public.${one.table}`}) as found`;
  // A later release may have further columns.
  if (known?.found === null) return;
  const path = join(one.folder, one.file);
  await sql`truncate raw_texts`;
  await copyRows(sql, path);
  const ours = `public.${quoteName(one.table)}`;
  const copied = `${quoteName(one.into)}.${quoteName(one.table)}`;
  await sql.unsafe(`drop table if exists ${copied}`);
  const { count } = await sql.unsafe(`
    create table ${copied} as
    select fields.* from raw_texts
    cross join lateral jsonb_populate_record(null::${ours}, raw_texts.text::jsonb) fields`);
  if (count !== one.rows) {
    throw new CommandError(
      `Cannot read "${path}": it has ${count} rows, and its manifest says ${one.rows}. Export again. Nothing was imported.`,
    );
  }
  await sql.unsafe(`alter table ${copied} add primary key (${await keyOf(sql, ours)})`);
}

/** The primary key columns of one of Agentbase's tables. */
async function keyOf(sql: TransactionSql, table: string): Promise<string> {
  const rows = await sql<{ name: string }[]>`
    select quote_ident(attname) as name from pg_index
    join pg_attribute on attrelid = indrelid and attnum = any (indkey)
    where indrelid = ${table}::regclass and indisprimary order by attnum`;
  return rows.map(({ name }) => name).join(", ");
}
