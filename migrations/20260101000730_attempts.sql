-- Attempts: the calls to vendors within a turn. As in the ledger, agents, vendors, services,
-- prices and keys are referenced without foreign keys.

create table public.agent_executions (
  id uuid primary key default gen_random_uuid(),
  interaction_id uuid not null references public.ai_interactions (id) on delete cascade,
  agent_id uuid,
  vendor_id text,
  service_id text,
  price_id uuid,
  api_key_id uuid,
  attempt integer not null default 1,
  status text not null,
  upstream_status integer,
  counts_against_agent boolean not null default false,
  error_code text,
  error_message text,
  first_byte_ms integer,
  latency_ms integer,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  usage_details jsonb,
  usage_is_estimated boolean not null default false,
  cost_breakdown jsonb,
  total_cost numeric(20, 10),
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  unique (interaction_id, attempt),
  constraint attempt_counts_from_1 check (attempt >= 1),
  constraint execution_status_is_known check (status in ('succeeded', 'failed')),
  constraint only_a_failure_counts_against_the_agent
    check (not counts_against_agent or status = 'failed'),
  constraint upstream_status_is_an_http_status check (upstream_status between 100 and 599),
  constraint execution_latency_is_not_negative check (latency_ms >= 0 and first_byte_ms >= 0),
  constraint execution_tokens_are_not_negative check (
    least(
      input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens
    ) >= 0
  ),
  constraint execution_cost_is_not_negative check (total_cost >= 0 and total_cost <> 'NaN'),
  constraint execution_completes_after_it_starts check (completed_at >= started_at)
);
comment on table public.agent_executions is
  'One attempt at an upstream call. A turn that was retried has several.';
comment on column public.agent_executions.id is 'Identifies the agent execution.';
comment on column public.agent_executions.interaction_id is 'The turn that the attempt is part of.';
comment on column public.agent_executions.agent_id is
  'The agent that was called. No foreign key: the row outlives the agent.';
comment on column public.agent_executions.vendor_id is 'The vendor that the attempt called.';
comment on column public.agent_executions.service_id is 'Which service was called.';
comment on column public.agent_executions.api_key_id is
  'The user''s key of the call, which may have been deleted; null for the platform''s credential.';
comment on column public.agent_executions.attempt is 'First, second, … attempt of the turn.';
comment on column public.agent_executions.status is 'succeeded or failed.';
comment on column public.agent_executions.upstream_status is
  'HTTP status of the vendor''s answer; null when there was none.';
comment on column public.agent_executions.counts_against_agent is
  'The failure counts against the agent: an error, timeout or overload of its upstream; not an '
  'invalid request or a refused key.';
comment on column public.agent_executions.error_code is 'What went wrong, for programs.';
comment on column public.agent_executions.error_message is 'What went wrong, for people.';
comment on column public.agent_executions.first_byte_ms is
  'Milliseconds to the first byte of the answer.';
comment on column public.agent_executions.latency_ms is 'Milliseconds to its end.';
comment on column public.agent_executions.input_tokens is
  'Prompt tokens that the vendor billed, including cached and cache-write ones.';
comment on column public.agent_executions.output_tokens is
  'Tokens of its answer, reasoning included.';
comment on column public.agent_executions.cached_input_tokens is
  'Of this attempt''s prompt tokens, those that the vendor read from its cache.';
comment on column public.agent_executions.cache_write_tokens is
  'Of this attempt''s prompt tokens, those that the vendor wrote to its cache.';
comment on column public.agent_executions.reasoning_tokens is
  'Tokens of its answer spent on reasoning.';
comment on column public.agent_executions.usage_details is
  'Usage with prices of its own that few calls have: {"service_tier", "cache_write_1h_tokens", '
  '"units"}; null for none of it.';
comment on column public.agent_executions.usage_is_estimated is
  'The tokens are an estimate: the call was sent, and the vendor reported no usage.';
comment on column public.agent_executions.price_id is 'The price that made total_cost.';
comment on column public.agent_executions.cost_breakdown is
  'Dollars of the attempt per class of tokens, unrounded.';
comment on column public.agent_executions.total_cost is
  'US dollars, rounded to ten decimals; 0 if nothing was billed, null while no price is known.';
comment on column public.agent_executions.started_at is 'When the vendor was called.';
comment on column public.agent_executions.completed_at is
  'When the answer had been received, or the attempt had failed.';
comment on column public.agent_executions.created_at is 'When the agent execution was recorded.';

alter table public.agent_executions enable row level security;
create policy "People read the attempts of interactions that they see" on public.agent_executions
  for select to authenticated
  using (
    exists (
      select from public.ai_interactions
      where ai_interactions.id = agent_executions.interaction_id
    )
  );
grant select on public.agent_executions to authenticated;
grant select, insert, update, delete on public.agent_executions to service_role;
create index agent_executions_agent_id_idx on public.agent_executions (agent_id, started_at desc);
create index agent_executions_failures_idx
  on public.agent_executions (agent_id, started_at desc)
  where counts_against_agent;
