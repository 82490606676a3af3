import postgres from "postgres";
import type { Workspace } from "../../../common/workspace.ts";
import { applyMigrations } from "../../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../../stack/postgres/temporary-database.ts";
import { median } from "../../common/statistics.ts";
import { type Stopwatch, stopwatchOf } from "../../common/stopwatch.ts";
import type { BenchOptions } from "../options.ts";
import { echoVendor, idOf, modelName, populate, population, sqlIdOf } from "./populate.ts";

/** Milliseconds of the server's processor time that a turn takes; elsewhere than on Linux, by the clock. */
export interface TurnCost {
  /** What is large in this turn, such as "200 messages before it". */
  what: string;
  begin: number;
  settle: number;
}

/** How often each turn is measured. */
const ROUNDS = 7;

const historyLengths = [1, 10, 50, 200];
const promptSizes = [1_000, 10_000, 100_000, 1_000_000, 5_000_000];

/**
 * Measures begin and settle as history, prompt and ledger grow, and the first turn of a connection.
 *
 * @returns One entry for each size, in the order of the table.
 */
export async function benchTurnGrowth(
  { ledgers }: Pick<BenchOptions, "ledgers">,
  { workspace, note }: { workspace: Workspace; note: (line: string) => void },
): Promise<TurnCost[]> {
  note("  a Postgres of its own, migrations, 16,000 sessions");
  const database = await startTemporaryDatabase();
  workspace.defer(database.stop);
  await applyMigrations({ url: database.url, signal: workspace.signal });
  await populate(database.url, "http://127.0.0.1:9/v1");
  const costs = [await firstTurn(database.url)];
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    const watch = await stopwatchOf(sql);
    const measure = async (what: string, turn: Turn) => {
      costs.push({ what, ...await costOf(sql, watch, turn) });
      note(`  ${what}`);
    };
    for (const [index, length] of historyLengths.entries()) {
      await addMessages(sql, idOf("session", index), length);
      await measure(`${length} messages before it`, { session: index, prompt: question });
    }
    for (const [index, size] of promptSizes.entries()) {
      const prompt = "word ".repeat(size / 5);
      await measure(`a prompt of ${size / 1000} KB`, { session: 10 + index, prompt });
    }
    for (const size of ledgers) {
      await fillLedger(sql, size);
      await measure(`${size.toLocaleString("en")} rows in the ledger`, {
        session: 20,
        prompt: question,
      });
    }
  } finally {
    await sql.end();
  }
  await database.stop();
  return costs;
}

const question = "Say in one sentence what a database is for.";

interface Turn {
  /** Number of the session that it continues. */
  session: number;
  prompt: string;
}

/** The median of several new connections. */
async function firstTurn(url: string): Promise<TurnCost> {
  const turns: Omit<TurnCost, "what">[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    try {
      turns.push(await run(sql, await stopwatchOf(sql), { session: 30 + round, prompt: question }));
    } finally {
      await sql.end();
    }
  }
  return { what: "the first of a connection", ...medianOf(turns) };
}

/** Runs the turn again and again on a connection that has run some; the median. */
async function costOf(
  sql: postgres.Sql,
  watch: Stopwatch,
  turn: Turn,
): Promise<Omit<TurnCost, "what">> {
  // The first five calls of a statement are planned each time.
  for (let round = 0; round < 6; round += 1) {
    await run(sql, watch, { session: 40 + round, prompt: question });
  }
  const turns: Omit<TurnCost, "what">[] = [];
  for (let round = 0; round < ROUNDS; round += 1) turns.push(await run(sql, watch, turn));
  return medianOf(turns);
}

function medianOf(turns: readonly Omit<TurnCost, "what">[]): Omit<TurnCost, "what"> {
  return {
    begin: median(turns.map(({ begin }) => begin)),
    settle: median(turns.map(({ settle }) => settle)),
  };
}

/** One turn; its session is as long afterwards as it was before. */
async function run(
  sql: postgres.Sql,
  watch: Stopwatch,
  { session, prompt }: Turn,
): Promise<Omit<TurnCost, "what">> {
  const caller = { user_id: idOf("person", session % population.people) };
  const request = {
    request_id: crypto.randomUUID(),
    model: modelName(session % population.agents),
    session_id: `sess_bench_${String(session).padStart(12, "0")}`,
    messages: [{ role: "user", content: prompt }],
  };
  let turn = "";
  const begin = await watch(async () => {
    const [row] = await sql<{ turn: string }[]>`
      select public.begin_chat_turn(${sql.json(caller)}, ${
      sql.json(request)
    }) ->> 'turn_id' as turn`;
    turn = row?.turn ?? "";
  });
  const settle = await watch(() =>
    sql`select public.settle_chat_turn(${turn}, ${sql.json(outcome)})`
  );
  await sql`
    delete from public.chat_messages
    where session_id = ${idOf("session", session)}
      and seq > (
        select max(seq) from public.chat_messages
        where session_id = ${idOf("session", session)}
          and (interaction_id is distinct from ${turn}) and role = 'assistant'
      )`;
  return { begin, settle };
}

const outcome = {
  state: "succeeded",
  content: "A database keeps data so that many can read and change them at once.",
  finish_reason: "stop",
  vendor_id: echoVendor,
  service_id: `${echoVendor}_model`,
  model_used: "echo-1-2026",
  usage: { input_tokens: 25, output_tokens: 18 },
  latency_ms: 812,
  first_token_ms: 240,
  attempts: [{
    attempt: 1,
    vendor_id: echoVendor,
    service_id: `${echoVendor}_model`,
    status: "succeeded",
    upstream_status: 200,
    first_byte_ms: 240,
    latency_ms: 810,
    started_at: "2026-01-01T00:00:00Z",
  }],
};

/** Adds messages to a session, as many turns would have; the last is the assistant's. */
async function addMessages(sql: postgres.Sql, session: string, length: number): Promise<void> {
  await sql`
    insert into public.chat_messages (session_id, role, content)
    select ${session}, case when (${length}::integer - n) % 2 = 0 then 'assistant' else 'user' end,
      repeat('word ', 40)
    from generate_series(1, ${length}::integer) n`;
}

/** Brings the ledger to a size, without the triggers of its rows. */
async function fillLedger(sql: postgres.Sql, size: number): Promise<void> {
  await sql.unsafe("alter table public.ai_interactions disable trigger user");
  await sql`
    insert into public.ai_interactions (
      organization_id, user_id, agent_id, title, vendor_id, service_id, interaction_type_id,
      started_at
    )
    select
      ${sql.unsafe(sqlIdOf("organization", `n % ${population.people}`))},
      ${sql.unsafe(sqlIdOf("person", `n % ${population.people}`))},
      ${sql.unsafe(sqlIdOf("agent", `n % ${population.agents}`))},
      'generated', ${echoVendor}, ${`${echoVendor}_model`}, 'conversation',
      now() - n * interval '1 second'
    from generate_series((select count(*) + 1 from public.ai_interactions), ${size}::integer) n`;
  await sql.unsafe("alter table public.ai_interactions enable trigger user");
  await sql.unsafe("vacuum analyze public.ai_interactions");
}
