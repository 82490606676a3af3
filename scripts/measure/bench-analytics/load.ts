import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";
import type { Cluster } from "./cluster.ts";
import { columns, interactionsOf } from "./interactions.ts";
import { populate } from "./population.ts";
import type { Dataset } from "./dataset.ts";

/** Receives the progress of loading. */
export interface LoadListener {
  /** The number of loaded interactions. */
  rows(done: number): void;
  /** A step that has begun. */
  note(line: string): void;
}

/** Records finished steps, and how to recreate the indexes that are dropped during the load. */
const bookkeeping = `
  create schema if not exists bench;
  grant usage on schema bench to postgres;
  create table if not exists bench.steps (name text primary key);
  create table if not exists bench.indexes (definition text primary key);
`;

/**
 * Fills a migrated database with a dataset, and resumes where an earlier run was interrupted. Days
 * are inserted one by one, without triggers and without indexes other than keys; what the triggers
 * maintain is computed at the end.
 */
export async function load(
  cluster: Cluster,
  dataset: Dataset,
  listener: LoadListener,
  signal: AbortSignal,
): Promise<void> {
  const sql = postgres(cluster.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(bookkeeping);
    const known = await sql<{ name: string }[]>`select name from bench.steps`;
    const done = new Set(known.map(({ name }) => name));
    const step = async (name: string, work: (sql: postgres.TransactionSql) => Promise<void>) => {
      signal.throwIfAborted();
      if (done.has(name)) return;
      await sql.begin(async (transaction) => {
        await work(transaction);
        await transaction`insert into bench.steps values (${name})`;
      });
    };
    /** Steps that cannot share one transaction; repeating them changes nothing. */
    const afterwards = async (name: string, work: () => Promise<void>) => {
      signal.throwIfAborted();
      if (done.has(name)) return;
      await work();
      await sql`insert into bench.steps values (${name})`;
    };
    await step("population", (transaction) => populate(transaction, dataset));
    await step("indexes away", dropIndexes);
    let rows = 0;
    for (const [index, day] of dataset.days.entries()) {
      await step(day, (transaction) => loadDay(transaction, dataset, index));
      rows += dataset.perDay[index]!;
      listener.rows(rows);
    }
    listener.note("indexes");
    await step("indexes back", makeIndexes);
    listener.note("counters");
    await step("counters", countUses);
    listener.note("statistics");
    await afterwards("analyzed", async () => void await sql`vacuum (analyze)`);
    listener.note("daily figures");
    await afterwards("daily figures", () => countAll(sql));
    await afterwards("analyzed again", async () => void await sql`vacuum (analyze)`);
  } finally {
    await sql.end();
  }
}

async function loadDay(
  sql: postgres.TransactionSql,
  dataset: Dataset,
  index: number,
): Promise<void> {
  await sql`set local session_replication_role = replica`;
  const table = await sql`copy public.ai_interactions (${sql(columns)}) from stdin`.writable();
  await pipeline(Readable.from(interactionsOf(dataset, index)), table);
}

/**
 * Drops the indexes of the ledger that no foreign key needs, unique ones with their constraints.
 */
async function dropIndexes(sql: postgres.TransactionSql): Promise<void> {
  const found = await sql<{ drop: string; make: string }[]>`
    select
      case when constraints.oid is null then format('drop index %s', indexes.indexrelid::regclass)
        else format('alter table public.ai_interactions drop constraint %I', constraints.conname) end as drop,
      case when constraints.oid is null then pg_get_indexdef(indexes.indexrelid)
        else format(
          'alter table public.ai_interactions add constraint %I %s', constraints.conname,
          pg_get_constraintdef(constraints.oid)
        ) end as make
    from pg_index indexes
    left join pg_constraint constraints
      on constraints.conindid = indexes.indexrelid and constraints.conrelid = indexes.indrelid
    where indexes.indrelid = 'public.ai_interactions'::regclass and not indexes.indisprimary`;
  for (const { drop, make } of found) {
    await sql`insert into bench.indexes values (${make})`;
    await sql.unsafe(drop);
  }
}

async function makeIndexes(sql: postgres.TransactionSql): Promise<void> {
  const wanted = await sql<{ definition: string }[]>`select definition from bench.indexes`;
  // They belong to the role that owns the table.
  await sql`set local role postgres`;
  for (const { definition } of wanted) await sql.unsafe(definition);
  await sql`reset role`;
}

/** Computes once what the triggers of the ledger maintain. */
async function countUses(sql: postgres.TransactionSql): Promise<void> {
  await sql`set local session_replication_role = replica`;
  await sql`
    update public.agents set usage_count = uses.count, last_used_at = uses.latest
    from (
      select agent_id, count(*), max(started_at) as latest from public.ai_interactions group by agent_id
    ) uses
    where uses.agent_id = agents.id`;
}

/** Runs the job of the daily figures until nothing is due. */
async function countAll(sql: postgres.Sql): Promise<void> {
  for (let counted = 1; counted > 0;) {
    const [row] = await sql<{ counted: number }[]>`select public.refresh_daily_usage() as counted`;
    counted = row?.counted ?? 0;
  }
}
