import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Sql, TransactionSql } from "postgres";
import { endCopy } from "../../common/end-copy.ts";
import { type ArchivedMonth, checkMonth, hashOf, readManifest, writeManifest } from "./manifest.ts";
import { readMonth } from "./read-month.ts";

export interface WriteOptions {
  /** Interactions that began before this day are written, as YYYY-MM-DD, in UTC. */
  before: string;
  folder: string;
  report: (line: string) => void;
}

/**
 * Writes the interactions of each month into a file of its own. A month in the archive is written
 * again if its rows have changed; rows that were removed from the ledger since stay in it. Only
 * files in the manifest count, so an interruption at any point leaves a complete archive.
 *
 * @throws {CommandError} if a file of the archive was changed.
 */
export async function writeMonths(sql: Sql, options: WriteOptions): Promise<void> {
  const { before, folder, report } = options;
  const manifest = await readManifest(folder);
  const months = await sql<Omit<Part, "known">[]>`
    select to_char(starts, 'YYYY-MM') as month, starts::text,
      least(starts + interval '1 month', ${before}::timestamp)::text as until
    from (
      select distinct date_trunc('month', started_at at time zone 'UTC') as starts
      from public.ai_interactions
      where started_at < ${before}::timestamp at time zone 'UTC'
    ) months
    order by starts`;
  if (months.length === 0 && manifest.months.length === 0) {
    return report(`Nothing to archive: no interaction began before ${before}.`);
  }
  await Deno.mkdir(folder, { recursive: true });
  for (const [index, { month, starts, until }] of months.entries()) {
    const place = `${String(index + 1).padStart(String(months.length).length)}/${months.length}`;
    const known = manifest.months.find((archived) => archived.month === month) ?? null;
    if (known !== null) await checkMonth(folder, known);
    const written = await sql.begin(
      "isolation level repeatable read",
      (transaction) => writeMonth(transaction, folder, { month, starts, until, known }),
    );
    if (written.sha256 === known?.sha256 && written.until === known.until) {
      report(`${place}  ${month}  there, ${known.rows} interactions`);
      continue;
    }
    manifest.months = [...manifest.months.filter((archived) => archived !== known), written]
      .sort((a, b) => a.month.localeCompare(b.month));
    await writeManifest(folder, manifest);
    if (known !== null && known.file !== written.file) await Deno.remove(join(folder, known.file));
    const megabytes = (written.bytes / 1024 ** 2).toFixed(1);
    report(
      `${place}  ${month}  ${written.rows} interactions, ${written.totalCost} US dollars, ${megabytes} MB${
        known === null ? "" : `; there were ${known.rows}`
      }`,
    );
  }
  const total = manifest.months.reduce((sum, { rows }) => sum + rows, 0);
  report(`${manifest.months.length} months with ${total} interactions are in "${folder}".`);
}

/** A month of the ledger that is to be written. */
interface Part {
  month: string;
  starts: string;
  until: string;
  /** What the archive has of it already. */
  known: ArchivedMonth | null;
}

async function writeMonth(
  sql: TransactionSql,
  folder: string,
  { month, starts, until, known }: Part,
): Promise<ArchivedMonth> {
  const columns = await columnsOfLedger(sql);
  // An archive never ends earlier than it did.
  const end = known !== null && known.until > until ? known.until : until;
  await sql`
    create temporary table kept (like public.ai_interactions including defaults) on commit drop`;
  if (known !== null) {
    await readMonth(sql, folder, known, "pg_temp.kept");
    await sql`
      delete from pg_temp.kept
      where exists (select from public.ai_interactions ledger where ledger.id = kept.id)`;
  }
  const rows = `(
    select ${columns.join(", ")} from public.ai_interactions
    where started_at >= '${starts}+00' and started_at < '${end}+00'
    union all
    select ${columns.join(", ")} from pg_temp.kept
  )`;
  const part = join(folder, `interactions-${month}.part`);
  const source = await sql.unsafe(`
    copy (select * from ${rows} rows order by started_at, id) to stdout with (format csv, header)`)
    .readable();
  await pipeline(source, createGzip(), createWriteStream(part));
  endCopy(source);
  const [sums] = await sql.unsafe<{ rows: number; cost: string }[]>(`
    select count(*)::integer as rows, trim_scale(coalesce(sum(total_cost), 0))::text as cost
    from ${rows} rows`);
  const sha256 = await hashOf(part);
  const bytes = (await Deno.stat(part)).size;
  // Named for its content: no file that the manifest names is ever written over.
  const file = `interactions-${month}-${sha256.slice(0, 8)}.csv.gz`;
  await Deno.rename(part, join(folder, file));
  return {
    month,
    until: end,
    file,
    columns,
    rows: sums?.rows ?? 0,
    totalCost: sums?.cost ?? "0",
    bytes,
    sha256,
  };
}

async function columnsOfLedger(sql: TransactionSql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select attname::text as name from pg_attribute
    where attrelid = 'public.ai_interactions'::regclass and attnum > 0 and not attisdropped
    order by attnum`;
  return rows.map(({ name }) => name);
}
