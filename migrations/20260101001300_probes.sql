-- Probes: every five minutes the health function probes the agents without a recent call. The
-- result is the agent's health; whether calls are admitted remains the decision of the circuit
-- breaker, which knows the results of calls.

create table private.agent_probes (
  agent_id uuid primary key references public.agents (id) on delete cascade,
  due_at timestamptz not null,
  finding text,
  found_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint finding_is_known check (finding in ('healthy', 'degraded', 'unhealthy')),
  constraint finding_says_when check ((finding is null) = (found_at is null))
);
comment on table private.agent_probes is
  'When agents are probed, and the result of the last probe; separate from agent_health, which '
  'clients follow by Realtime.';
comment on column private.agent_probes.agent_id is 'The agent that is probed; one row for each.';
comment on column private.agent_probes.due_at is
  'Not before this time: a probe of it is running, or its vendor asked for a pause.';
comment on column private.agent_probes.finding is
  'The result of the last probe. The health of the agent changes when the next one agrees.';
comment on column private.agent_probes.found_at is 'When it did.';
comment on column private.agent_probes.created_at is 'When it was first probed.';
comment on column private.agent_probes.updated_at is 'When the agent probe was last changed.';

grant select, insert, update, delete on private.agent_probes to service_role;
create trigger update_agent_probes_updated_at before update on private.agent_probes
  for each row execute function public.update_updated_at_column();

create function private.probe_targets()
returns table (
  agent_id uuid, is_platform boolean, vendor public.vendors, service_id text, model text
)
language sql
stable
set search_path = ''
as $$
  select
    agents.id, agents.is_platform, vendors, services.id,
    coalesce(models.model_id, services.service_name, agents.model_name)
  from public.agents
  left join public.organizations on organizations.id = agents.organization_id
  left join public.models on models.agent_id = agents.id and models.is_default and models.enabled
  left join public.vendor_services services on services.id = coalesce(
    models.service_id, agents.service_id
  )
  join public.vendors on vendors.id = coalesce(services.vendor_id, agents.vendor_id)
  where agents.enabled and agents.status <> 'paused'
    and organizations.deleted_at is null
    and vendors.is_active and vendors.base_url is not null
    -- The platform pays for a call of its own agents, not of other users' agents.
    and (
      vendors.probe_path is not null
      or (vendors.probe_by_call and agents.is_platform)
    )
$$;
comment on function private.probe_targets() is
  'The agents that can be probed, and the endpoints to call.';
grant execute on function private.probe_targets() to service_role;

create function public.claim_agent_probes(batch integer default 2000)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  claims jsonb;
begin
  with due as (
    select targets.agent_id
    from private.probe_targets() targets
    left join private.agent_probes probes on probes.agent_id = targets.agent_id
    where coalesce(probes.due_at, '-infinity') <= now()
      and not exists (
        select from public.agent_executions executions
        where executions.agent_id = targets.agent_id
          and executions.started_at > now() - interval '5 minutes'
          and executions.status = 'succeeded'
      )
    order by probes.due_at nulls first, targets.agent_id
    limit claim_agent_probes.batch
  ),
  claimed as (
    insert into private.agent_probes as probes (agent_id, due_at)
    select due.agent_id, now() + interval '4 minutes' from due order by due.agent_id
    -- A concurrent caller finds the time updated.
    on conflict (agent_id) do update set due_at = excluded.due_at where probes.due_at <= now()
    returning probes.agent_id
  )
  select jsonb_agg(jsonb_build_object(
    'agent_id', targets.agent_id,
    'is_platform', targets.is_platform,
    'vendor_id', (targets.vendor).id,
    'base_url', (targets.vendor).base_url,
    'api_format', (targets.vendor).api_format,
    'auth_type', (targets.vendor).auth_type,
    'auth_header', (targets.vendor).auth_header,
    'auth_scheme', (targets.vendor).auth_scheme,
    'max_tokens_field', (targets.vendor).max_tokens_field,
    'probe_path', (targets.vendor).probe_path,
    'service_id', targets.service_id,
    'model', targets.model
  ))
  into claims
  from claimed
  join private.probe_targets() targets on targets.agent_id = claimed.agent_id;
  return coalesce(claims, '[]');
end
$$;
comment on function public.claim_agent_probes(integer) is
  'Claims the agents that are due for a probe, longest waiting first, for four minutes, and '
  'returns what to call: agents without a successful call for five minutes. A list of {"agent_id", '
  '"is_platform", "vendor_id", "base_url", "api_format", "auth_type", "auth_header", '
  '"auth_scheme", "max_tokens_field", "probe_path" (null: by a call), "service_id", "model"}. '
  'Backend only.';
grant execute on function public.claim_agent_probes(integer) to service_role;

create function private.is_repeat_finding(before private.agent_probes)
returns boolean
language sql
stable
set search_path = ''
as $$
  -- Regardless of how long a round takes: only a call, or a day, makes a result obsolete.
  select is_repeat_finding.before.found_at > now() - interval '1 day' and not exists (
    select from public.agent_executions executions
    where executions.agent_id = is_repeat_finding.before.agent_id
      and executions.status = 'succeeded'
      and executions.started_at > is_repeat_finding.before.found_at
  )
$$;
comment on function private.is_repeat_finding(private.agent_probes) is
  'Whether there was no other result about an agent since its last probe, so that the next one can '
  'confirm it.';
grant execute on function private.is_repeat_finding(private.agent_probes) to service_role;

create function private.health_after(
  health public.agent_health, before private.agent_probes, finding text
)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    -- Calls show more than probes: an open circuit decides until it closes.
    when health_after.health.circuit_state <> 'closed' then health_after.health.status
    when health_after.finding = health_after.health.status then health_after.finding
    when private.is_repeat_finding(health_after.before) is not true then health_after.health.status
    when health_after.finding = health_after.before.finding then health_after.finding
    when health_after.health.status = 'healthy'
      and health_after.finding <> 'healthy'
      and health_after.before.finding <> 'healthy'
      then 'degraded'
    else health_after.health.status
  end
$$;
comment on function private.health_after(public.agent_health, private.agent_probes, text) is
  'The status of an agent after a probe: what two probes in a row agree on, of degraded and '
  'unhealthy the milder. An agent whose circuit is not closed keeps the status that calls gave '
  'it.';
grant execute
  on function private.health_after(public.agent_health, private.agent_probes, text)
  to service_role;

create function private.notify_health_change(was public.agent_health, status text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if notify_health_change.status = 'unhealthy' then
    perform private.notify_agent_owner(
      notify_health_change.was.agent_id, 'agent_error', 'Agent does not answer',
      'Agent "%s" does not answer: its health check failed.'
    );
  elsif notify_health_change.status = 'degraded' then
    perform private.notify_agent_owner(
      notify_health_change.was.agent_id, 'agent_degraded', 'Agent is degraded',
      'Agent "%s" answers slowly or with errors.'
    );
  elsif notify_health_change.was.is_alerted then
    perform private.notify_agent_owner(
      notify_health_change.was.agent_id, 'agent_recovered', 'Agent answers again',
      'Agent "%s" answers again.'
    );
  end if;
end
$$;
comment on function private.notify_health_change(public.agent_health, text) is
  'Notifies the responsible users that the status of an agent has changed; of a recovery only if '
  'they were notified of the failure.';
grant execute on function private.notify_health_change(public.agent_health, text) to service_role;

create function private.record_probe(
  agent_id uuid, finding text, latency_ms integer, is_call boolean
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  was public.agent_health;
  before private.agent_probes;
  now_is text;
  is_news boolean;
begin
  -- The circuit before the probe: all transactions lock them in this order.
  select agent_health.* into was
  from public.agent_health where agent_health.agent_id = record_probe.agent_id for no key update;
  select probes.* into before
  from private.agent_probes probes where probes.agent_id = record_probe.agent_id for no key update;
  update private.agent_probes
  set finding = record_probe.finding, found_at = now()
  where agent_probes.agent_id = record_probe.agent_id;

  -- A probe that calls the model shows as much as any call; a list of models shows less.
  if record_probe.is_call and record_probe.finding = 'healthy' and was.circuit_state <> 'closed'
  then
    perform private.report_success(record_probe.agent_id, record_probe.latency_ms);
    return;
  end if;
  now_is := private.health_after(was, before, record_probe.finding);
  -- A failed call may have set it to degraded without a notification; two probes that agree are a
  -- reason for one.
  is_news := now_is <> was.status
    or now_is <> 'healthy' and not was.is_alerted and was.circuit_state = 'closed'
      and 'healthy' not in (before.finding, record_probe.finding)
      and private.is_repeat_finding(before);
  update public.agent_health
  set status = now_is, last_check = now(), latency_ms = record_probe.latency_ms,
      is_alerted = case when is_news then now_is <> 'healthy' else is_alerted end
  where agent_health.id = was.id;
  if is_news then
    perform private.notify_health_change(was, now_is);
  end if;
end
$$;
comment on function private.record_probe(uuid, text, integer, boolean) is
  'Applies the result of a probe to the health of its agent. No probe opens a circuit; a '
  'successful call of the model closes it.';
grant execute on function private.record_probe(uuid, text, integer, boolean) to service_role;

create function public.record_agent_probes(results jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  result record;
begin
  for result in
    select found.*
    from jsonb_to_recordset(record_agent_probes.results) as found (
      agent_id uuid, status text, latency_ms integer, error_code text, error_message text,
      retry_after_ms integer,
      is_call boolean, service_id text, usage jsonb
    )
    join public.agents on agents.id = found.agent_id
    order by found.agent_id
  loop
    perform private.record_probe(
      result.agent_id, result.status, result.latency_ms, coalesce(result.is_call, false)
    );
    insert into public.agent_health_checks (
      agent_id, status, latency_ms, error_code, error_message, total_cost
    )
    values (
      result.agent_id, result.status, result.latency_ms, result.error_code,
      left(result.error_message, 2000),
      private.total_cost(private.cost_of(
        private.price_at(result.service_id, now(), (result.usage ->> 'input_tokens')::bigint),
        result.usage
      ))
    );
    update private.agent_probes
    set due_at = greatest(
      due_at, now() + least(result.retry_after_ms, 3600000) * interval '1 millisecond'
    )
    where agent_probes.agent_id = result.agent_id and result.retry_after_ms is not null;
  end loop;
  return (
    select coalesce(
      jsonb_agg(jsonb_build_object(
        'agent_id', health.agent_id, 'status', health.status, 'last_check', health.last_check,
        'latency_ms', health.latency_ms, 'consecutive_failures', health.consecutive_failures,
        'circuit_state', health.circuit_state, 'circuit_retry_at', health.circuit_retry_at
      )),
      '[]'
    )
    from public.agent_health health
    where health.agent_id in (
      select found.agent_id
      from jsonb_to_recordset(record_agent_probes.results) as found (agent_id uuid)
    )
  );
end
$$;
comment on function public.record_agent_probes(jsonb) is
  'Records the results of probes, a list of {"agent_id", "status", "latency_ms", "error_code", '
  '"error_message", "retry_after_ms", "is_call", "service_id", "usage"}, in one transaction: the '
  'history with its cost, the health of the agents, and notifications where it changed. Returns '
  'the health of these agents, for a cache. Backend only.';
grant execute on function public.record_agent_probes(jsonb) to service_role;
