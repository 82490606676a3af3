/** A rule that the ledger must satisfy after a soak, and the query for violations. */
export interface LedgerCheck {
  name: string;
  /** A query for the rows that violate it. */
  broken: string;
}

/** What must hold when all turns have ended. */
const SETTLEMENT: readonly LedgerCheck[] = [
  {
    name: "every turn is settled",
    broken: `
      select id, lease_expires_at::text from private.running_turns`,
  },
  {
    name: "no reservation is left",
    broken: `
      select * from public.budget_reservations`,
  },
  {
    name: "budgets have nothing reserved",
    broken: `
      select id, reserved_usd from public.budgets where reserved_usd <> 0`,
  },
  {
    name: "what each budget spent is the sum of its turns",
    broken: `
      select budgets.id, budgets.spent_usd, sums.cost
      from public.budgets,
      lateral (
        select coalesce(sum(turns.total_cost), 0) as cost from public.ai_interactions turns
        where turns.organization_id = budgets.organization_id
          and turns.source <> 'manual'
          and turns.started_at >= budgets.period_started_at
          and (budgets.user_id is null or turns.user_id = budgets.user_id)
          and (budgets.agent_id is null or turns.agent_id = budgets.agent_id)
      ) sums
      where budgets.spent_usd <> sums.cost`,
  },
  {
    name: "no budget is spent beyond its limit by more than the answers under way",
    broken: `
      select id, spent_usd, limit_usd from public.budgets where spent_usd > limit_usd + 1`,
  },
];

/** What turns cost, against their answers and prices. */
const COSTS: readonly LedgerCheck[] = [
  {
    name: "an attempt costs its tokens at its price",
    broken: `
      select attempts.id, attempts.total_cost, priced.cost
      from public.agent_executions attempts
      left join public.service_prices prices on prices.id = attempts.price_id,
      lateral (
        select round((
          (attempts.input_tokens - attempts.cached_input_tokens) * prices.input_rate
          + attempts.cached_input_tokens * prices.cached_input_rate
          + attempts.output_tokens * prices.output_rate
        ) * 0.000001 + prices.request_rate, 10) as cost
      ) priced
      where attempts.total_cost is distinct from coalesce(priced.cost, 0)`,
  },
  {
    name: "a turn has the tokens of its attempts and their cost",
    broken: `
      select turns.id, turns.turn_state, turns.input_tokens, turns.output_tokens, turns.total_cost,
        sums.input_tokens as attempts_in, sums.output_tokens as attempts_out, sums.cost
      from public.ai_interactions turns,
      lateral (
        select coalesce(sum(attempts.input_tokens), 0)::bigint as input_tokens,
          coalesce(sum(attempts.output_tokens), 0)::bigint as output_tokens,
          coalesce(sum(attempts.total_cost), 0) as cost, count(*) as number
        from public.agent_executions attempts where attempts.interaction_id = turns.id
      ) sums
      where turns.source <> 'manual' and turns.error_code is distinct from 'abandoned'
        and ((turns.input_tokens, turns.output_tokens)
            is distinct from (sums.input_tokens, sums.output_tokens)
          -- Each is rounded for itself, to ten digits.
          or abs(turns.total_cost - sums.cost) > sums.number * 0.00000000005)`,
  },
  {
    name: "an answer has the tokens of the attempt that gave it",
    broken: `
      select answers.interaction_id, answers.tokens_in, answers.tokens_out,
        given.input_tokens, given.output_tokens
      from public.chat_messages answers
      join public.ai_interactions turns on turns.id = answers.interaction_id,
      lateral (
        select attempts.input_tokens, attempts.output_tokens
        from public.agent_executions attempts where attempts.interaction_id = turns.id
        order by attempts.attempt desc limit 1
      ) given
      where answers.role = 'assistant'
        and (answers.tokens_in, answers.tokens_out)
          is distinct from (given.input_tokens::integer, given.output_tokens::integer)`,
  },
  {
    name: "a turn with an answer costs something",
    broken: `
      select turns.id, turns.turn_state, turns.total_cost from public.ai_interactions turns
      where turns.total_cost is not distinct from 0 and exists (
        select from public.chat_messages answers
        where answers.interaction_id = turns.id and answers.role = 'assistant'
      )`,
  },
  {
    name: "every turn has a cost; one that was not settled is charged its estimate",
    broken: `
      select turns.id, turns.turn_state, turns.error_code, turns.total_cost from public.ai_interactions turns
      where turns.source <> 'manual'
        and (turns.total_cost is null or turns.error_code = 'abandoned' and turns.total_cost <= 0)`,
  },
  {
    name: "an embedding leaves no session and no message",
    broken: `
      select turns.id from public.ai_interactions turns
      where turns.source = 'embedding'
        and (turns.session_id is not null or turns.output_tokens <> 0 or exists (
          select from public.chat_messages messages where messages.interaction_id = turns.id
        ))`,
  },
];

/** What turns leave in sessions and attempts. */
const CONVERSATIONS: readonly LedgerCheck[] = [
  {
    name: "every turn has its question, at most one answer, and they stand together",
    broken: `
      select interaction_id, count(*), array_agg(role order by seq) as roles
      from public.chat_messages where interaction_id is not null
      group by interaction_id
      having (array_agg(role order by seq))[1] <> 'user' or count(*) > 2
        or count(*) filter (where role = 'user') <> 1`,
  },
  {
    name: "no session is interleaved",
    broken: `
      select session_id, changes, turns from (
        select session_id, count(*) filter (where interaction_id is distinct from earlier) as changes,
          count(distinct interaction_id) as turns
        from (
          select session_id, interaction_id, lag(interaction_id) over (partition by session_id order by seq) as earlier
          from public.chat_messages
        ) messages
        group by session_id
      ) sessions where changes <> turns`,
  },
  {
    name: "counters of sessions are right",
    broken: `
      select sessions.id, sessions.message_count, counted.messages
      from public.chat_sessions sessions,
      lateral (
        select count(*) as messages from public.chat_messages where session_id = sessions.id
      ) counted
      where sessions.message_count <> counted.messages`,
  },
  {
    name: "a turn that ended well has an attempt that did",
    broken: `
      select turns.id, turns.turn_state, turns.error_code from public.ai_interactions turns
      where turns.source <> 'manual' and turns.turn_state = 'succeeded' and not exists (
        select from public.agent_executions executions
        where executions.interaction_id = turns.id and executions.status = 'succeeded'
      )`,
  },
  // A vendor that answered has not failed when the caller left, or when the gateway had to stop.
  {
    name: "a turn that failed upstream has no attempt that ended well",
    broken: `
      select turns.id, turns.turn_state, turns.error_code from public.ai_interactions turns
      where turns.source <> 'manual' and turns.turn_state in ('partial', 'failed')
        and (turns.error_code in ('client_disconnected', 'shutting_down')) is not true
        and exists (
          select from public.agent_executions executions
          where executions.interaction_id = turns.id and executions.status = 'succeeded'
        )`,
  },
];

/** Every promise; each comparison is exact. */
export const LEDGER_CHECKS: readonly LedgerCheck[] = [...SETTLEMENT, ...COSTS, ...CONVERSATIONS];
