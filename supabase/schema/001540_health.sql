-- The current state of what 001540_health.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.background_report()
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'turns', (
      select jsonb_build_object(
        'running', count(*),
        -- The sweep runs every minute.
        'unsettled', count(*) filter (where turns.lease_expires_at < now() - interval '2 minutes')
      )
      from private.running_turns turns
    ),
    'partitions', private.partition_report(),
    'jobs', (
      select jsonb_build_object(
        'late',
        coalesce(jsonb_agg(status.name order by status.name) filter (where status.is_late), '[]'),
        'failing',
        coalesce(
          jsonb_agg(status.name order by status.name) filter (
            where status.consecutive_failures >= 3
          ),
          '[]'
        ),
        'behind',
        coalesce(jsonb_agg(status.name order by status.name) filter (where status.is_behind), '[]'),
        'backlogs', private.backlog_report(),
        'failing_items', coalesce(
          jsonb_agg(status.name order by status.name) filter (where exists (
            select
            from private.job_failures failures
            where failures.job_name = status.name and failures.attempts >= 3
          )), '[]'
        )
      )
      from public.job_status status
    ),
    'function_calls', (
      select jsonb_build_object(
        'failed', count(*) filter (where function_call_outbox.outcome = 'failed'),
        'last_outcome',
        (
          array_agg(
            function_call_outbox.outcome order by function_call_outbox.created_at desc
          ) filter (where function_call_outbox.finished_at is not null)
        )[1],
        'last_finished_at', max(function_call_outbox.finished_at)
      )
      from private.function_call_outbox
      where function_call_outbox.created_at > now() - interval '1 hour'
    )
  )
$body$;
grant execute on function private.background_report() to service_role;

create function private.backlog_report()
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(jsonb_agg(jsonb_build_object(
    'job', status.name, 'items_left', status.items_left, 'oldest_due_at', status.oldest_due_at,
    'oldest_item', status.oldest_item, 'organization_id', organizations.id,
    'organization', organizations.name
  ) order by status.oldest_due_at, status.name), '[]')
  from public.job_status status
  left join public.organizations
    on organizations.id = private.organization_of_item(status.oldest_item)
  where status.is_behind
$body$;
grant execute on function private.backlog_report() to service_role;

create function private.organization_of_item(item text)
returns uuid
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    organizations.id,
    private.home_organization(agents.organization_id, agents.created_by),
    private.home_organization(null, item.id)
  )
  from (
    select substring(
      organization_of_item.item from '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
    )::uuid
  ) as item (id)
  left join public.organizations on organizations.id = item.id
  left join public.workflows on workflows.id = item.id
  left join public.agents on agents.id = coalesce(workflows.agent_id, item.id)
$body$;
grant execute on function private.organization_of_item(text) to service_role;

create function private.upstream_report()
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'healthy', count(*) filter (where health.status = 'healthy' and proof.is_there),
    'unproved', count(*) filter (where health.status = 'healthy' and not proof.is_there),
    'degraded', count(*) filter (where health.status = 'degraded'),
    'unhealthy', count(*) filter (where health.status = 'unhealthy'),
    'open_circuits', count(*) filter (where health.circuit_state <> 'closed'),
    'last_check', max(health.last_check),
    -- Listed one by one: the operator has to correct these.
    'platform', coalesce(
      jsonb_agg(jsonb_build_object(
        'agent_id', agents.id, 'name', agents.name, 'status', health.status, 'circuit_state',
        health.circuit_state,
        'last_check', health.last_check, 'latency_ms', health.latency_ms,
        'credential_is_refused', proof.is_refused
      ) order by agents.name) filter (where agents.is_platform),
      '[]'
    )
  )
  from public.agents
  join public.agent_health health on health.agent_id = agents.id
  cross join lateral (
    select health.last_check > now() - interval '1 day' is true or exists (
      select from public.agent_executions executions
      where executions.agent_id = agents.id
        and executions.started_at > now() - interval '1 day'
        and executions.status = 'succeeded'
    ) as is_there, agents.is_platform and (
      select executions.error_code = 'upstream_credential_rejected'
      from public.agent_executions executions
      where executions.agent_id = agents.id
        and executions.started_at > now() - interval '1 hour'
      order by executions.started_at desc
      limit 1
    ) is true as is_refused
  ) proof
  where agents.enabled
$body$;
grant execute on function private.upstream_report() to service_role;

create function public.health_report()
returns jsonb
language plpgsql stable security definer
set search_path=""
as $body$
declare
  upstreams jsonb := private.upstream_report();
  background jsonb := private.background_report();
  hooks jsonb := private.platform_hooks_report();
  problems text[] := array_remove(array[
    case
      when upstreams @? '$.platform[*] ? (@.status == "unhealthy")' then 'upstreams_unhealthy'
    end,
    case
      when upstreams @? '$.platform[*] ? (@.credential_is_refused == true)'
        then 'credentials_refused'
    end,
    case when (background #>> '{turns,unsettled}')::bigint > 0 then 'turns_unsettled' end,
    case
      when (background #>> '{partitions,months_ahead}')::bigint < 1 then 'partitions_missing'
    end,
    case when background #> '{jobs,late}' <> '[]' then 'jobs_late' end,
    case when background #> '{jobs,failing}' <> '[]' then 'jobs_failing' end,
    case when background #> '{jobs,behind}' <> '[]' then 'jobs_behind' end,
    case when background #> '{jobs,failing_items}' <> '[]' then 'job_items_failing' end,
    case
      when background #>> '{function_calls,last_outcome}' = 'failed' then 'function_call_failed'
    end,
    case when hooks -> 'missing_triggers' <> '[]' then 'auth_triggers_missing' end,
    case when hooks -> 'unpublished_tables' <> '[]' then 'realtime_tables_missing' end,
    case
      when (hooks -> 'channel_policy_is_missing')::boolean then 'realtime_channels_closed'
    end,
    case
      when (hooks -> 'recording_bucket_is_missing')::boolean then 'recordings_closed'
    end,
    case when hooks -> 'missing_settings' <> '[]' then 'platform_settings_missing' end,
    case when (hooks -> 'updated_at_is_replaced')::boolean then 'updated_at_replaced' end,
    case when (hooks -> 'has_unopened_accounts')::boolean then 'accounts_unopened' end
  ], null);
begin
  return background || jsonb_build_object(
    'status', case when problems = '{}' then 'ok' else 'degraded' end,
    'problems', to_jsonb(problems),
    'upstreams', upstreams,
    'platform_hooks', hooks,
    'catalogue', private.catalogue_report(),
    'database', jsonb_build_object(
      'version', current_setting('server_version'),
      'connections',
      (
        select count(*)
        from pg_catalog.pg_stat_activity activity
        where activity.datname = current_database()
      ),
      'max_connections', current_setting('max_connections')::integer
    )
  );
end
$body$;
grant execute on function public.health_report() to agentbase_functions;
