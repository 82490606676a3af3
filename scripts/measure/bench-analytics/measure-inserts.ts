import postgres from "postgres";
import type { Data } from "./data.ts";
import { clock, type Stopwatch, stopwatchOf } from "../common/stopwatch.ts";
import { compare, type Timing } from "./timing.ts";

/** Times of writing the ledger with its triggers and without. */
export interface InsertResult {
  /** Interactions of one round, each a transaction of its own. */
  rows: number;
  /** One INSERT, commits that wait for the disk included, by the clock. */
  insert: Timing;
  /** An INSERT as a turn begins, an UPDATE as it is settled, by the clock as well. */
  turn: Timing;
  /** The same two, but only what they cost the processor. */
  insertWork: Timing;
  turnWork: Timing;
}

const rows = 400;

/** Picks users and agents with the skew of the data, not in sequence. */
const picks = `
  create temporary table picks as
  select user_id, organization_id, agent_id, vendor_id, service_id, model_name
  from public.ai_interactions tablesample system (1) repeatable (1)
  where user_id is not null and agent_id is not null
  order by md5(id::text) limit ${rows};
  create temporary table counters as select id, usage_count, last_used_at from public.agents;`;

/** Removes what was written, without triggers, which have counted half of it. */
const takingBack = `
  set session_replication_role = replica;
  delete from public.ai_interactions
  where title = 'Written by the benchmark' and started_at > now() - interval '3 hours';
  update public.agents set usage_count = counters.usage_count, last_used_at = counters.last_used_at
  from pg_temp.counters
  where agents.id = counters.id and agents.usage_count <> counters.usage_count;`;

/** Commits after every row, as the API does. */
const inserting = `
do $$
declare
  pick pg_temp.picks;
begin
  for pick in select * from pg_temp.picks loop
    insert into public.ai_interactions (
      user_id, organization_id, agent_id, vendor_id, service_id, model_name, source, title, turn_state, status,
      input_tokens, output_tokens, total_cost, request_id, ended_at, latency_ms
    ) values (
      pick.user_id, pick.organization_id, pick.agent_id, pick.vendor_id, pick.service_id, pick.model_name, 'chat',
      'Written by the benchmark', 'succeeded', 'completed', 1000, 200, 0.0045, gen_random_uuid()::text,
      clock_timestamp() + interval '2 seconds', 2000
    );
    commit;
  end loop;
end
$$`;

const turning = `
do $$
declare
  pick pg_temp.picks;
  turn uuid;
begin
  for pick in select * from pg_temp.picks loop
    insert into private.running_turns (
      user_id, organization_id, agent_id, source, title, lease_expires_at, request_id
    ) values (
      pick.user_id, pick.organization_id, pick.agent_id, 'chat', 'Written by the benchmark',
      now() + interval '10 minutes', gen_random_uuid()::text
    ) returning id into turn;
    commit;
    delete from private.running_turns where id = turn;
    insert into public.ai_interactions (
      id, user_id, organization_id, agent_id, vendor_id, service_id, model_name, source, title, turn_state, status,
      input_tokens, output_tokens, total_cost, request_id, ended_at, latency_ms
    ) values (
      turn, pick.user_id, pick.organization_id, pick.agent_id, pick.vendor_id, pick.service_id, pick.model_name, 'chat',
      'Written by the benchmark', 'succeeded', 'completed', 1000, 200, 0.0045, gen_random_uuid()::text,
      clock_timestamp() + interval '2 seconds', 2000
    );
    commit;
  end loop;
end
$$`;

/** Times inserts into the ledger, its triggers on and off in turn; foreign keys stay on in both. */
export async function measureInserts(data: Data, rounds: number): Promise<InsertResult> {
  const sql = postgres(data.adminUrl, { max: 1, onnotice: () => {} });
  const processor = await stopwatchOf(sql);
  const write = (text: string, watch: Stopwatch, triggers: "enable" | "disable") => async () => {
    await sql.unsafe(`alter table public.ai_interactions ${triggers} trigger user`);
    return await watch(() => sql.unsafe(text));
  };
  const both = (text: string, watch: Stopwatch) =>
    compare(rounds, write(text, watch, "enable"), write(text, watch, "disable"));
  try {
    await sql.unsafe(picks);
    return {
      rows,
      insert: await both(inserting, clock),
      turn: await both(turning, clock),
      insertWork: await both(inserting, processor),
      turnWork: await both(turning, processor),
    };
  } finally {
    await sql`alter table public.ai_interactions enable trigger user`;
    await sql.unsafe(takingBack);
    await sql.end();
  }
}
