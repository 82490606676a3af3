-- How agents are doing.

create table public.agent_health (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null unique references public.agents (id) on delete cascade,
  status text not null default 'healthy',
  last_check timestamptz,
  latency_ms integer,
  consecutive_failures integer not null default 0,
  circuit_state text not null default 'closed',
  circuit_opened_at timestamptz,
  circuit_retry_at timestamptz,
  circuit_opens integer not null default 0,
  is_alerted boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint health_status_is_known check (status in ('healthy', 'degraded', 'unhealthy')),
  constraint health_latency_is_not_negative check (latency_ms >= 0),
  constraint consecutive_failures_is_not_negative check (consecutive_failures >= 0),
  constraint circuit_state_is_known check (circuit_state in ('closed', 'open', 'half_open')),
  constraint circuit_opens_is_not_negative check (circuit_opens >= 0),
  constraint open_circuit_says_since_when_and_until check (
    circuit_state = 'closed' or (circuit_opened_at is not null and circuit_retry_at is not null)
  )
);
comment on table public.agent_health is
  'How an agent is doing now: one row per agent, made with it. Seeds 000 and 001.';
comment on column public.agent_health.id is 'Surrogate key; agent_id is unique as well.';
comment on column public.agent_health.agent_id is
  'The agent that the row sums up; one row for each.';
comment on column public.agent_health.status is 'healthy, degraded or unhealthy.';
comment on column public.agent_health.last_check is
  'When a probe, or a call that failed or made good for a failure, last said how it does; null '
  'before the first time.';
comment on column public.agent_health.latency_ms is 'Milliseconds of the last proof.';
comment on column public.agent_health.consecutive_failures is 'Failures since the last success.';
comment on column public.agent_health.circuit_state is
  'closed lets calls through, open refuses them, half_open lets one try.';
comment on column public.agent_health.circuit_opened_at is 'When the circuit opened.';
comment on column public.agent_health.circuit_retry_at is
  'When an open circuit lets one call try; while that call runs, when the next may.';
comment on column public.agent_health.circuit_opens is
  'Times that it opened without a quiet ten minutes between: each doubles the wait.';
comment on column public.agent_health.is_alerted is
  'Those who can help were told that it is not well, and not yet that it is well again.';
comment on column public.agent_health.created_at is 'When the agent was made.';
comment on column public.agent_health.updated_at is 'When the agent health was last changed.';

alter table public.agent_health enable row level security;
create policy "People read the health of agents that they may use" on public.agent_health
  for select to authenticated
  using (
    exists (select from public.agents where agents.id = agent_health.agent_id)
    or exists (select from private.public_agents where public_agents.id = agent_health.agent_id)
  );
grant select on public.agent_health to authenticated;
grant select, insert, update, delete on public.agent_health to service_role;
create index agent_health_status_idx on public.agent_health (status);
create trigger update_agent_health_updated_at before update on public.agent_health
  for each row execute function public.update_updated_at_column();

create function private.add_agent_health()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.agent_health (agent_id) values (new.id);
  return new;
end
$$;
comment on function private.add_agent_health() is
  'Trigger: every agent has a health row from its first moment.';
create trigger add_agent_health after insert on public.agents
  for each row execute function private.add_agent_health();

create table public.agent_health_checks (
  id uuid not null default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  status text not null,
  latency_ms integer,
  error_code text,
  error_message text,
  total_cost numeric(20, 10),
  created_at timestamptz not null default now(),
  primary key (id, created_at),
  constraint health_check_status_is_known check (status in ('healthy', 'degraded', 'unhealthy')),
  constraint health_check_latency_is_not_negative check (latency_ms >= 0),
  constraint health_check_cost_is_not_negative check (total_cost >= 0)
) partition by range (created_at);
comment on table public.agent_health_checks is 'History of an agent''s health checks.';
comment on column public.agent_health_checks.id is
  'Primary key together with created_at, the column that the table is partitioned by.';
comment on column public.agent_health_checks.agent_id is 'The agent that was probed.';
comment on column public.agent_health_checks.status is 'What the check found.';
comment on column public.agent_health_checks.latency_ms is
  'Milliseconds from the probe to its answer; null without an answer.';
comment on column public.agent_health_checks.error_code is 'What was wrong, for programs.';
comment on column public.agent_health_checks.error_message is 'What was wrong, for people.';
comment on column public.agent_health_checks.total_cost is
  'US dollars, where the check was a call that the platform pays for and its price is known. It '
  'is in no budget and in no figure of a person.';
comment on column public.agent_health_checks.created_at is
  'When the agent health check was created.';

alter table public.agent_health_checks enable row level security;
-- Errors and costs are for those who run the agent: neither for strangers to a public
-- agent, nor, of a platform agent, for everyone.
create policy "People read the health checks of agents that they see" on public.agent_health_checks
  for select to authenticated
  using (
    exists (
      select from public.agents
      where agents.id = agent_health_checks.agent_id and not agents.is_platform
    )
  );
grant select on public.agent_health_checks to authenticated;
grant select, insert, update, delete on public.agent_health_checks to service_role;
create index agent_health_checks_agent_id_idx
  on public.agent_health_checks (agent_id, created_at desc);

create function private.notify_agent_owner(
  agent_id uuid, type text, title text, message text
)
returns void
language sql
set search_path = ''
as $$
  select private.notify(
    people.user_id,
    notify_agent_owner.type,
    notify_agent_owner.title,
    format(notify_agent_owner.message, private.name_to_quote(agents.name)),
    jsonb_build_object('agent_id', agents.id)
  )
  from public.agents,
  lateral (
    select agents.created_by as user_id
    where agents.organization_id is null and agents.created_by is not null
    union
    select members.user_id
    from public.organization_members members
    where members.organization_id = agents.organization_id
      and private.role_rank(members.role) >= private.role_rank('admin')
  ) people
  where agents.id = notify_agent_owner.agent_id
$$;
comment on function private.notify_agent_owner(uuid, text, text, text) is
  'Notifies the person who owns an agent, or the admins and owners of the organization that '
  'does. %s in the message is the agent''s name.';
grant execute on function private.notify_agent_owner(uuid, text, text, text) to service_role;
