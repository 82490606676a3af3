import type postgres from "postgres";

/** One thing that must hold once all is settled, and the rows that break it. */
export interface Finding {
  name: string;
  broken: number;
  example: string;
}

/** What the ledger holds, for the report. */
export interface LedgerFigures {
  turns: number;
  succeeded: number;
  partial: number;
  failed: number;
  abandoned: number;
  executions: number;
  messages: number;
  embeddings: number;
  cost: string;
}

/** Waits until no turn runs any more, but no longer than given; returns how many still do. */
export async function waitUntilSettled(sql: postgres.Sql, milliseconds: number): Promise<number> {
  const deadline = Date.now() + milliseconds;
  while (true) {
    const [row] = await sql<{ running: number }[]>`
      select count(*)::int as running from public.ai_interactions where turn_state = 'running'`;
    const running = row?.running ?? 0;
    if (running === 0 || Date.now() > deadline) return running;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Sweeps every turn that is still running, whatever its lease says; returns how many that were. */
export async function sweepAll(sql: postgres.Sql): Promise<number> {
  let swept = 0;
  while (true) {
    const [row] = await sql<{ swept: number }[]>`
      select public.sweep_chat_turns('infinity') as swept`;
    if (!row || row.swept === 0) return swept;
    swept += row.swept;
  }
}

/** Counts what there is. */
export async function countLedger(sql: postgres.Sql): Promise<LedgerFigures> {
  const [row] = await sql<LedgerFigures[]>`
    select count(*)::int as turns,
      count(*) filter (where turn_state = 'succeeded')::int as succeeded,
      count(*) filter (where turn_state = 'partial')::int as partial,
      count(*) filter (where turn_state = 'failed')::int as failed,
      count(*) filter (where error_code = 'abandoned')::int as abandoned,
      (select count(*)::int from public.agent_executions) as executions,
      (select count(*)::int from public.chat_messages) as messages,
      count(*) filter (where source = 'embedding')::int as embeddings,
      coalesce(sum(total_cost), 0)::text as cost
    from public.ai_interactions where source <> 'manual'`;
  if (!row) throw new Error("Cannot count the ledger: no row came back");
  return row;
}

/** Checks the whole ledger; every comparison is exact. */
export async function judge(sql: postgres.Sql): Promise<Finding[]> {
  const findings: Finding[] = [];
  const none = async (name: string, rows: Promise<readonly object[]>) => {
    const broken = await rows;
    findings.push({ name, broken: broken.length, example: JSON.stringify(broken[0] ?? null) });
  };
  const turns = sql`public.ai_interactions turns`;

  await none(
    "every turn is settled",
    sql<object[]>`select id, turn_state from ${turns}
      where source <> 'manual' and (turn_state = 'running' or ended_at is null)`,
  );
  await none("no reservation is left", sql<object[]>`select * from public.budget_reservations`);
  await none(
    "budgets have nothing set aside",
    sql<object[]>`select id, reserved_usd from public.budgets where reserved_usd <> 0`,
  );
  await none(
    "what each budget spent is the sum of its turns",
    sql<object[]>`
      select budgets.id, budgets.spent_usd, sums.cost
      from public.budgets,
      lateral (
        select coalesce(sum(turns.total_cost), 0) as cost from ${turns}
        where turns.organization_id = budgets.organization_id
          and turns.source <> 'manual'
          and turns.started_at >= budgets.period_started_at
          and (budgets.user_id is null or turns.user_id = budgets.user_id)
          and (budgets.agent_id is null or turns.agent_id = budgets.agent_id)
      ) sums
      where budgets.spent_usd <> sums.cost`,
  );
  await none(
    "no budget is spent beyond its limit by more than the answers under way",
    sql<object[]>`
      select id, spent_usd, limit_usd from public.budgets where spent_usd > limit_usd + 1`,
  );
  await none(
    "a turn's tokens are those of its answer",
    sql<object[]>`
      select turns.id, turns.turn_state, turns.input_tokens, turns.output_tokens, answers.tokens_in, answers.tokens_out
      from ${turns}
      left join public.chat_messages answers on answers.interaction_id = turns.id and answers.role = 'assistant'
      where turns.source = 'chat'
        and (turns.input_tokens, turns.output_tokens)
          is distinct from (coalesce(answers.tokens_in, 0)::bigint, coalesce(answers.tokens_out, 0)::bigint)`,
  );
  await none(
    "what the answers cost, priced one by one, is what the turns cost",
    sql<object[]>`
      select turns.id, turns.total_cost, priced.cost
      from ${turns}
      join public.chat_messages answers on answers.interaction_id = turns.id and answers.role = 'assistant'
      join public.service_prices prices on prices.service_id = turns.service_id,
      lateral (
        select round((
          (answers.tokens_in - turns.cached_input_tokens) * prices.input_rate
          + turns.cached_input_tokens * prices.cached_input_rate
          + answers.tokens_out * prices.output_rate
        ) * 0.000001 + prices.request_rate, 10) as cost
      ) priced
      where turns.total_cost is distinct from priced.cost`,
  );
  await none(
    "a turn without an answer costs nothing, a turn with one costs something",
    sql<object[]>`
      select turns.id, turns.turn_state, turns.total_cost from ${turns}
      where turns.source = 'chat' and coalesce(turns.total_cost > 0, false) <> exists (
        select from public.chat_messages answers
        where answers.interaction_id = turns.id and answers.role = 'assistant'
      )`,
  );
  await none(
    "an embedding costs its tokens at their price, and one that failed nothing",
    sql<object[]>`
      select turns.id, turns.turn_state, turns.input_tokens, turns.total_cost from ${turns}
      left join public.service_prices prices on prices.service_id = turns.service_id
      where turns.source = 'embedding' and turns.total_cost is distinct from
        case when turns.turn_state = 'succeeded'
          then round(turns.input_tokens * prices.input_rate * 0.000001 + prices.request_rate, 10)
          when turns.error_code is distinct from 'abandoned' then 0 end`,
  );
  await none(
    "what a turn cost is unknown where nobody settled it, and nowhere else",
    sql<object[]>`
      select turns.id, turns.turn_state, turns.error_code, turns.total_cost from ${turns}
      where turns.source <> 'manual'
        and (turns.total_cost is null) <> (turns.error_code is not distinct from 'abandoned')`,
  );
  await none(
    "an embedding leaves no session and no message",
    sql<object[]>`
      select turns.id from ${turns}
      where turns.source = 'embedding'
        and (turns.session_id is not null or turns.output_tokens <> 0 or exists (
          select from public.chat_messages messages where messages.interaction_id = turns.id
        ))`,
  );
  await none(
    "every turn has its question, at most one answer, and they stand together",
    sql<object[]>`
      select interaction_id, count(*), array_agg(role order by seq) as roles
      from public.chat_messages where interaction_id is not null
      group by interaction_id
      having (array_agg(role order by seq))[1] <> 'user' or count(*) > 2
        or count(*) filter (where role = 'user') <> 1`,
  );
  await none(
    "no session is interleaved",
    sql<object[]>`
      select session_id, changes, turns from (
        select session_id, count(*) filter (where interaction_id is distinct from earlier) as changes,
          count(distinct interaction_id) as turns
        from (
          select session_id, interaction_id, lag(interaction_id) over (partition by session_id order by seq) as earlier
          from public.chat_messages
        ) messages
        group by session_id
      ) sessions where changes <> turns`,
  );
  await none(
    "counters of sessions are right",
    sql<object[]>`
      select sessions.id, sessions.message_count, counted.messages
      from public.chat_sessions sessions,
      lateral (
        select count(*) as messages from public.chat_messages where session_id = sessions.id
      ) counted
      where sessions.message_count <> counted.messages`,
  );
  await none(
    "a turn that ended well has an attempt that did",
    sql<object[]>`
      select turns.id, turns.turn_state, turns.error_code from ${turns}
      where turns.source <> 'manual' and turns.turn_state = 'succeeded' and not exists (
        select from public.agent_executions executions
        where executions.interaction_id = turns.id and executions.status = 'succeeded'
      )`,
  );
  // Whoever answered has not failed when the caller left, or when the gateway had to stop.
  await none(
    "a turn that failed upstream has no attempt that ended well",
    sql<object[]>`
      select turns.id, turns.turn_state, turns.error_code from ${turns}
      where turns.source <> 'manual' and turns.turn_state in ('partial', 'failed')
        and (turns.error_code in ('client_disconnected', 'shutting_down')) is not true
        and exists (
          select from public.agent_executions executions
          where executions.interaction_id = turns.id and executions.status = 'succeeded'
        )`,
  );
  return findings;
}
