import type { Sql } from "postgres";
import { median } from "../common/statistics.ts";

/** A table that grows with time, and how its rows are made for the measurement. */
export interface Subject {
  /** A table of the schema public. */
  table: string;
  /** The column that says when. */
  time: string;
  /** How many rows its 90 days have. */
  rows: number;
  /** The columns that are filled, and their values from `n`, the number of a row, and `at`, its time. */
  columns: string;
  values: string;
  /** What a dashboard asks about a day: the filter on time is added. */
  dayQuery: string;
  /** The latest rows of one person or agent, as a page of them is read. */
  pageQuery: string;
}

/** What was measured of one way to keep a table. Times in milliseconds. */
export interface Measurement {
  /** Rows that single inserts write in a second. */
  insertsPerSecond: number;
  day: number;
  page: number;
  byId: number;
  /** Until 30 of the 90 days are removed and their disk space is free. */
  removal: number;
  /** How many megabytes the removal wrote into the log. */
  removalLog: number;
  /** Megabytes before and after. */
  sizeBefore: number;
  sizeAfter: number;
}

/** Rows that one statement deletes, as the job does. */
const batch = 5000;

/** Makes one table as it is and one cut into months, fills both alike and measures them. */
export async function measure(
  sql: Sql,
  subject: Subject,
): Promise<{ plain: Measurement; parted: Measurement }> {
  await prepare(sql, subject);
  const plain = await measureQueries(sql, subject, "plain");
  const parted = await measureQueries(sql, subject, "parted");
  const removalOf = {
    plain: await removed(sql, "plain", () => deleteInBatches(sql, subject)),
    parted: await removed(sql, "parted", async () => {
      await sql`alter table bench.parted detach partition bench.parted_1`;
      await sql`drop table bench.parted_1`;
    }),
  };
  await sql`drop schema bench cascade`;
  return {
    plain: { ...plain, ...removalOf.plain },
    parted: { ...parted, ...removalOf.parted },
  };
}

async function prepare(sql: Sql, { table, time, rows, columns, values }: Subject): Promise<void> {
  const statements = [
    "create schema bench",
    `create table bench.plain (like public.${table} including defaults including constraints including generated)`,
    `create table bench.parted (like bench.plain including all) partition by range (${time})`,
    `alter table bench.plain add primary key (id)`,
    `alter table bench.parted add primary key (id, ${time})`,
    // 30 days each, so that one of them is what the removal removes; the last one takes what comes.
    ...[1, 2, 3, 4].map((number) => `
      create table bench.parted_${number} partition of bench.parted
      for values from (date '2026-01-01' + ${(number - 1) * 30}) to (date '2026-01-01' + ${
      number * 30
    })`),
  ];
  for (const statement of statements) await sql.unsafe(statement);
  const indexes = await sql<{ definition: string }[]>`
    select regexp_replace(pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON (ONLY )?\\S+', '') as definition
    from pg_index where indrelid = ${`public.${table}`}::regclass and not indisprimary`;
  for (const name of ["plain", "parted"]) {
    for (const { definition } of indexes) {
      await sql.unsafe(`create index on bench.${name} ${definition}`);
    }
    await sql.unsafe(`
      insert into bench.${name} (${time}, ${columns})
      select at, ${values}
      from generate_series(1, ${rows}) as n,
      lateral (select timestamptz '2026-01-01' + n * interval '90 days' / ${
      rows + 1
    } as at) as times`);
    await sql.unsafe(`vacuum analyze bench.${name}`);
  }
}

async function measureQueries(
  sql: Sql,
  { time, rows, columns, values, dayQuery, pageQuery }: Subject,
  name: string,
): Promise<Pick<Measurement, "insertsPerSecond" | "day" | "page" | "byId">> {
  const count = 10_000;
  const insertion = await timed(() =>
    sql.unsafe(`
      do $$
      begin
        for n in ${rows + 1}..${rows + count} loop
          insert into bench.${name} (${time}, ${columns})
          select at, ${values} from (values (timestamptz '2026-04-01')) as times (at);
        end loop;
      end
      $$`)
  );
  const [row] = await sql.unsafe(
    `select id from bench.${name} where ${time} > '2026-02-15' limit 1`,
  );
  const ask = (query: string) =>
    repeated(() => sql.unsafe(query.replace("subject", `bench.${name}`)));
  return {
    insertsPerSecond: count / insertion * 1000,
    day: await ask(`${dayQuery} where ${time} >= '2026-03-10' and ${time} < '2026-03-11'`),
    page: await ask(pageQuery),
    byId: await ask(`select * from subject where id = '${row?.id}'`),
  };
}

async function deleteInBatches(sql: Sql, { time }: Subject): Promise<void> {
  for (;;) {
    const { count } = await sql.unsafe(`
      delete from bench.plain where id in (
        select id from bench.plain where ${time} < date '2026-01-01' + 30 order by ${time} limit ${batch}
      )`);
    if (count < batch) break;
  }
  await sql`vacuum bench.plain`;
}

async function removed(
  sql: Sql,
  name: string,
  remove: () => Promise<void>,
): Promise<Pick<Measurement, "removal" | "removalLog" | "sizeBefore" | "sizeAfter">> {
  const size = async () => {
    const [row] = await sql`
      select sum(pg_total_relation_size(oid))::float / 1024 ^ 2 as size
      from pg_class
      where relnamespace = 'bench'::regnamespace and relkind = 'r' and relname like ${`${name}%`}`;
    return Number(row?.size);
  };
  const position = async () => {
    const [row] =
      await sql`select (pg_current_wal_lsn() - '0/0'::pg_lsn)::float / 1024 ^ 2 as megabytes`;
    return Number(row?.megabytes);
  };
  const [sizeBefore, logBefore] = [await size(), await position()];
  const removal = await timed(remove);
  return { removal, removalLog: await position() - logBefore, sizeBefore, sizeAfter: await size() };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** The median of several times, the first of which warms up. */
async function repeated(work: () => Promise<unknown>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let round = 0; round < 7; round++) times.push(await timed(work));
  return median(times);
}
