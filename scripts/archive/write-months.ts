import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../common/command-error.ts";
import { type ArchivedMonth, checkMonth, hashOf, readManifest, writeManifest } from "./manifest.ts";

export interface WriteOptions {
  /** Interactions that began before this day are written, as YYYY-MM-DD, in UTC. */
  before: string;
  folder: string;
  report: (line: string) => void;
}

/**
 * Writes the interactions of each month into a file of its own. A month that the archive has
 * already is left alone, so that it can be repeated after a break, and so that what was removed
 * since stays in the archive.
 *
 * @throws {CommandError} when a file of the archive is not what was written.
 */
export async function writeMonths(sql: Sql, options: WriteOptions): Promise<void> {
  const { before, folder, report } = options;
  await Deno.mkdir(folder, { recursive: true });
  const manifest = await readManifest(folder);
  const months = await sql<{ month: string; starts: string; until: string }[]>`
    select to_char(starts, 'YYYY-MM') as month, starts::text,
      least(starts + interval '1 month', ${before}::timestamp)::text as until
    from (
      select distinct date_trunc('month', started_at at time zone 'UTC') as starts
      from public.ai_interactions
      where started_at < ${before}::timestamp at time zone 'UTC' and turn_state is distinct from 'running'
    ) months
    order by starts`;
  for (const [index, { month, starts, until }] of months.entries()) {
    const place = `${String(index + 1).padStart(String(months.length).length)}/${months.length}`;
    const known = manifest.months.find((archived) => archived.month === month);
    if (known !== undefined) {
      await checkMonth(folder, known);
      if (known.until < until) {
        throw new CommandError(
          `Cannot add to "${known.file}": it ends on ${known.until}. Choose another folder, or begin with --before at the first of a month.`,
        );
      }
      report(`${place}  ${month}  there, ${known.rows} interactions`);
      continue;
    }
    const written = await sql.begin(
      "isolation level repeatable read read only",
      (transaction) => writeMonth(transaction, folder, { month, starts, until }),
    );
    manifest.months.push(written);
    manifest.months.sort((a, b) => a.month.localeCompare(b.month));
    await writeManifest(folder, manifest);
    const megabytes = (written.bytes / 1024 ** 2).toFixed(1);
    report(
      `${place}  ${month}  ${written.rows} interactions, ${written.totalCost} US dollars, ${megabytes} MB`,
    );
  }
  const total = manifest.months.reduce((sum, { rows }) => sum + rows, 0);
  report(`${manifest.months.length} months with ${total} interactions are in "${folder}".`);
}

async function writeMonth(
  sql: TransactionSql,
  folder: string,
  { month, starts, until }: { month: string; starts: string; until: string },
): Promise<ArchivedMonth> {
  const file = `interactions-${month}.csv.gz`;
  const columns = await columnsOfLedger(sql);
  const range = `started_at >= '${starts}+00' and started_at < '${until}+00'
    and turn_state is distinct from 'running'`;
  const path = join(folder, file);
  const source = await sql.unsafe(`
    copy (select ${
    columns.join(", ")
  } from public.ai_interactions where ${range} order by started_at, id)
    to stdout with (format csv, header)`).readable();
  await pipeline(source, createGzip(), createWriteStream(`${path}.part`));
  const [sums] = await sql.unsafe<{ rows: number; cost: string }[]>(`
    select count(*)::integer as rows, trim_scale(coalesce(sum(total_cost), 0))::text as cost
    from public.ai_interactions where ${range}`);
  await Deno.rename(`${path}.part`, path);
  return {
    month,
    until,
    file,
    columns,
    rows: sums?.rows ?? 0,
    totalCost: sums?.cost ?? "0",
    bytes: (await Deno.stat(path)).size,
    sha256: await hashOf(path),
  };
}

async function columnsOfLedger(sql: TransactionSql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select attname::text as name from pg_attribute
    where attrelid = 'public.ai_interactions'::regclass and attnum > 0 and not attisdropped
    order by attnum`;
  return rows.map(({ name }) => name);
}
