-- The current state of what 000750_circuit_breaker.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.admit_to_circuit(agent_id uuid)
returns timestamp with time zone
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  health public.agent_health;
begin
  select agent_health.* into health
  from public.agent_health
  where agent_health.agent_id = admit_to_circuit.agent_id;
  if health.id is null or health.circuit_state = 'closed' then
    return null;
  end if;
  -- One call may try, chosen by the row lock: a caller that waited for it finds the time postponed.
  -- A trial that never reports gives way after a minute from the beginning of its turn, by which
  -- free_circuit() identifies it.
  update public.agent_health
  set circuit_state = 'half_open', circuit_retry_at = now() + interval '1 minute'
  where agent_health.id = health.id
    and agent_health.circuit_state <> 'closed'
    and agent_health.circuit_retry_at <= clock_timestamp();
  return case when not found then health.circuit_retry_at end;
end
$body$;
grant execute on function private.admit_to_circuit(uuid) to service_role;

create function private.fails_for_others(agent_id uuid, user_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.agent_executions executions
    join public.ai_interactions turns on turns.id = executions.interaction_id
    where executions.agent_id = fails_for_others.agent_id
      and executions.counts_against_agent
      and executions.started_at > now() - interval '10 minutes'
      and turns.user_id is distinct from fails_for_others.user_id
  );
end
$body$;
grant execute on function private.fails_for_others(uuid,uuid) to service_role;

create function private.free_circuit(agent_id uuid, admitted_at timestamp with time zone)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  update public.agent_health
  set circuit_retry_at = clock_timestamp()
  where agent_health.agent_id = free_circuit.agent_id
    and agent_health.circuit_state = 'half_open'
    and agent_health.circuit_retry_at = free_circuit.admitted_at + interval '1 minute'
$body$;
grant execute on function private.free_circuit(uuid,timestamp with time zone) to service_role;

create function private.is_failing(agent_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select count(*) >= 10
    and count(*) filter (where executions.counts_against_agent) * 2 >= count(*)
    from public.agent_executions executions
    where executions.agent_id = is_failing.agent_id
      and executions.started_at > now() - interval '60 seconds'
  );
end
$body$;
grant execute on function private.is_failing(uuid) to service_role;

create function private.report_failure(agent_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  health public.agent_health;
  opens integer;
begin
  update public.agent_health
  set
    consecutive_failures = agent_health.consecutive_failures + 1,
    status = 'degraded',
    last_check = now()
  where agent_health.agent_id = report_failure.agent_id
  returning agent_health.* into health;
  if health.circuit_state = 'open'
    or (
      health.circuit_state = 'closed'
      and health.consecutive_failures < 5
      and not private.is_failing(report_failure.agent_id)
    )
  then
    return;
  end if;

  -- 30 seconds, doubled each time it opens again without ten quiet minutes, at most five minutes,
  -- spread by a tenth either way so that callers do not return in step. A trial call keeps its
  -- minute: the failure may be of an older call, and the next trial must not begin while this one
  -- runs.
  opens := case
    when health.circuit_opened_at > now() - interval '10 minutes' then health.circuit_opens + 1
    else 1
  end;
  update public.agent_health
  set
    status = 'unhealthy', circuit_state = 'open', circuit_opened_at = now(), circuit_opens = opens,
    is_alerted = true,
      circuit_retry_at = greatest(
        now() + least(
          30 * power(2, least(opens, 10) - 1), 300
        ) * (0.9 + random() * 0.2) * interval '1 second',
        case health.circuit_state when 'half_open' then health.circuit_retry_at end
      )
  where agent_health.id = health.id;
  if not health.is_alerted then
    perform private.notify_agent_owner(
      report_failure.agent_id, 'agent_error', 'Agent does not answer',
      'Calls to agent "%s" keep failing. It is not called for a short time; then one trial '
      'call is made.'
    );
  end if;
end
$body$;
grant execute on function private.report_failure(uuid) to service_role;

create function private.report_success(agent_id uuid, latency_ms integer)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  was public.agent_health;
begin
  select agent_health.* into was
  from public.agent_health
  where agent_health.agent_id = report_success.agent_id
    and (
      agent_health.circuit_state, agent_health.status, agent_health.consecutive_failures
    ) <> ('closed', 'healthy', 0)
  for no key update;
  if was.id is null then
    return;
  end if;
  update public.agent_health
  set
    status = 'healthy', circuit_state = 'closed', circuit_retry_at = null, consecutive_failures = 0,
      is_alerted = false, latency_ms = report_success.latency_ms, last_check = now()
  where agent_health.id = was.id;
  if was.is_alerted then
    perform private.notify_agent_owner(
      report_success.agent_id, 'agent_recovered', 'Agent answers again',
      'Agent "%s" answers again.'
    );
  end if;
end
$body$;
grant execute on function private.report_success(uuid,integer) to service_role;
