import postgres from "postgres";
import { CommandError } from "../../common/command-error.ts";
import type { Data } from "./data.ts";
import { type Stopwatch, stopwatchOf } from "../common/stopwatch.ts";
import { compare, type Timing } from "./timing.ts";

/** How long it takes to bring the daily figures up to date. */
export interface RefreshResult {
  /** Interactions of the day that was counted. */
  dayRows: number;
  /** A day that is counted for the first time, beside a bare GROUP BY over its rows. */
  newDay: Timing;
  /** The same GROUP BY written to the table of the counts by a plain INSERT without triggers, beside it. */
  writtenDay: Timing;
  /** A day that is counted again with all its rows, beside the bare GROUP BY. */
  sameDay: Timing;
  /** Edits of earlier interactions. */
  edits: number;
  /** Milliseconds to count these. */
  editsMs: number;
}

const edits = 100;

/**
 * Times the counting of the last day, in transactions that are rolled back, and of late edits. Finally
 * nothing may differ from the ledger.
 */
export async function measureRefresh(data: Data, rounds: number): Promise<RefreshResult> {
  const sql = postgres(data.url, { max: 1, onnotice: () => {} });
  const day = data.dataset.days.at(-1)!;
  const range = `started_at >= '${day} 00:00Z' and started_at < '${day} 24:00Z'`;
  const { bare, counts } = groupByOf(day, range);
  try {
    const watch = await stopwatchOf(sql);
    const groupBy = () => watch(() => sql.unsafe(bare));
    const [counted] = await sql.unsafe<{ rows: number }[]>(
      `select count(*)::int as rows from public.ai_interactions where ${range} and organization_id in (select id from public.organizations)`,
    );
    const newDay = await compare(rounds, () => countNewDay(sql, watch, day), groupBy);
    const writtenDay = await compare(
      rounds,
      () =>
        writeDay(
          sql,
          watch,
          day,
          counts,
        ),
      groupBy,
    );
    const sameDay = await compare(
      rounds,
      () =>
        undone(
          sql,
          (transaction) =>
            watch(() => transaction`select public.update_daily_usage_stats(${day}::date)`),
        ),
      groupBy,
    );

    const editsMs = await timeEdits(sql, watch, rounds);
    await assertSound(sql, data.dataset.days[0]!, day);
    return { dayRows: counted?.rows ?? 0, newDay, writtenDay, sameDay, edits, editsMs };
  } finally {
    await sql.end();
  }
}

/** A GROUP BY over the rows of a day, to the grain of the counts: alone, and as rows to write. */
function groupByOf(day: string, range: string): { bare: string; counts: string } {
  // Organization by organization, as the index of the ledger has it: without it, it reads the whole ledger.
  const figures = `
    count(*), count(*) filter (where i.turn_state = 'failed'), sum(i.input_tokens), sum(i.output_tokens), sum(i.total_cost),
    sum(i.duration_minutes), sum(i.satisfaction_rating), count(i.satisfaction_rating),
    sum(i.usefulness_rating), count(i.usefulness_rating)`;
  const rows = `
    cross join lateral (
      select * from public.ai_interactions i where i.organization_id = o.organization_id and ${range} and i.status <> 'deleted' offset 0
    ) i`;
  const grain = "i.organization_id, i.user_id, i.agent_id, i.vendor_id, i.model_name";
  return {
    // In a block that discards its rows: in a subquery, sums that nothing reads would be optimized
    // away.
    bare:
      `do $$ begin perform ${grain}, ${figures} from public.usage_calendars o ${rows} group by ${grain}; end $$`,
    counts: `select o.id, '${day}'::date, ${grain}, ${figures} from public.usage_calendars o ${rows}
          group by o.id, ${grain} order by i.agent_id, o.id, i.user_id`,
  };
}

/** Milliseconds to count late edits, the fastest of the rounds. */
async function timeEdits(sql: postgres.Sql, watch: Stopwatch, rounds: number): Promise<number> {
  let fastest = Infinity;
  for (let round = 0; round <= rounds; round++) {
    await editSome(sql, round);
    const ms = await watch(() => sql`select public.refresh_daily_usage()`);
    // The first one makes the plans.
    if (round > 0) fastest = Math.min(fastest, ms);
  }
  return fastest;
}

/** @throws {CommandError} where the figures of some days differ from the ledger. */
async function assertSound(sql: postgres.Sql, first: string, last: string): Promise<void> {
  const differences = await sql`select * from public.verify_daily_usage(${first}, ${last}) limit 3`;
  if (differences.length > 0) {
    throw new CommandError(
      `Cannot trust the figures: they differ from the ledger. ${JSON.stringify(differences)}`,
    );
  }
}

/** As at the end of a day of which nothing is counted yet. */
async function countNewDay(sql: postgres.Sql, watch: Stopwatch, day: string): Promise<number> {
  return await undone(sql, async (transaction) => {
    await transaction`update private.usage_watermark set rolled_up_until = ${
      day + " 00:00Z"
    }::timestamptz`;
    await transaction`delete from public.usage_daily_rollup where date >= ${day}::date`;
    let counted = 0;
    const ms = await watch(async () => {
      const [row] = await transaction<{ counted: number }[]>`
        select public.refresh_daily_usage() as counted`;
      counted = row?.counted ?? 0;
    });
    if (counted === 0) throw new CommandError("Cannot time a new day: nothing of it was counted.");
    return ms;
  });
}

/** The least that writing down what the GROUP BY finds takes, with the indexes of the table. */
async function writeDay(
  sql: postgres.Sql,
  watch: Stopwatch,
  day: string,
  counts: string,
): Promise<number> {
  return await undone(sql, async (transaction) => {
    await transaction`alter table public.usage_daily_rollup disable trigger user`;
    await transaction`delete from public.usage_daily_rollup where date >= ${day}::date`;
    return await watch(() =>
      transaction.unsafe(`
        insert into public.usage_daily_rollup (
          calendar_id, date, organization_id, user_id, agent_id, vendor_id, model_name,
          interactions, failed, input_tokens, output_tokens, total_cost,
          duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count
        )
        select
          id, date, organization_id, user_id, agent_id, vendor_id, model_name,
          interactions, failed, input_tokens, output_tokens, coalesce(total_cost, 0),
          coalesce(minutes, 0), coalesce(satisfaction, 0), satisfied, coalesce(usefulness, 0), useful
        from (${counts}) counts (
          id, date, organization_id, user_id, agent_id, vendor_id, model_name, interactions, failed,
          input_tokens, output_tokens, total_cost, minutes, satisfaction, satisfied, usefulness, useful
        )`)
    );
  });
}

/** Runs something in a transaction that is rolled back. */
async function undone(
  sql: postgres.Sql,
  work: (sql: postgres.TransactionSql) => Promise<number>,
): Promise<number> {
  let result = NaN;
  const enough = new Error("taken back");
  await sql.begin(async (transaction) => {
    result = await work(transaction);
    throw enough;
  }).catch((error) => {
    if (error !== enough) throw error;
  });
  return result;
}

/** Users rate interactions from any time in the range. */
async function editSome(sql: postgres.Sql, round: number): Promise<void> {
  await sql`
    update public.ai_interactions
    set satisfaction_rating = 1 + (coalesce(satisfaction_rating, 0) + ${round}) % 5
    where id in (
      select id from public.ai_interactions tablesample system (0.5) repeatable (${round})
      where status <> 'deleted' order by md5(id::text) limit ${edits}
    )`;
}
