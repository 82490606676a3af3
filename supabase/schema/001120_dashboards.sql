-- The current state of what 001120_dashboards.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view public.agent_summary with (security_invoker=true) as
 SELECT agents.id,
    agents.name,
    agents.description,
    agents.type,
    agents.status,
    agents.enabled AS is_active,
    agents.is_favorite,
    agents.is_public,
    agents.is_published,
    agents.tags,
    agents.capabilities,
    agents.vendor_id,
    vendors.name AS vendor_name,
    agents.service_id,
    services.display_name AS service_name,
    agents.model_name,
    agents.activity_score,
    agents.usage_count,
    agents.last_used_at,
    agents.created_by AS user_id,
    agents.organization_id,
    COALESCE(( SELECT jsonb_agg(mappings.feature_id ORDER BY mappings.is_primary DESC, mappings.feature_id) AS jsonb_agg
           FROM public.agent_feature_mappings mappings
          WHERE (mappings.agent_id = agents.id)), '[]'::jsonb) AS features,
    ( SELECT max(mappings.feature_id) AS max
           FROM public.agent_feature_mappings mappings
          WHERE ((mappings.agent_id = agents.id) AND mappings.is_primary)) AS primary_feature,
    ( SELECT (COALESCE(sum(counted.interactions), (0)::numeric))::bigint AS "coalesce"
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) AS total_interactions,
    ( SELECT COALESCE(sum(counted.total_cost), (0)::numeric) AS "coalesce"
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) AS total_cost,
    ( SELECT COALESCE(sum(counted.recorded_cost), (0)::numeric) AS "coalesce"
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) AS recorded_cost,
    ( SELECT COALESCE(sum(counted.input_tokens), (0)::numeric) AS "coalesce"
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) AS total_input_tokens,
    ( SELECT COALESCE(sum(counted.output_tokens), (0)::numeric) AS "coalesce"
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) AS total_output_tokens,
    ( SELECT round((sum(counted.satisfaction_sum) / NULLIF(sum(counted.satisfaction_count), (0)::numeric)), 2) AS round
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) AS avg_satisfaction,
    ( SELECT round((sum(counted.usefulness_sum) / NULLIF(sum(counted.usefulness_count), (0)::numeric)), 2) AS round
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) AS avg_usefulness,
    agents.created_at,
    agents.updated_at
   FROM ((public.agents
     LEFT JOIN public.vendors ON ((vendors.id = agents.vendor_id)))
     LEFT JOIN public.vendor_services services ON ((services.id = agents.service_id)));
grant select on public.agent_summary to authenticated;
grant select on public.agent_summary to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.uses_of_day(agent_id uuid, organization_id uuid, timezone text, day date)
returns TABLE(first_use timestamp with time zone, last_use timestamp with time zone)
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- An hour more at the end, and the exact test below: clocks have been set back across midnight.
  since timestamptz := private.day_start(uses_of_day.day, uses_of_day.timezone);
  until timestamptz := (
    uses_of_day.day + 1
  )::timestamp at time zone uses_of_day.timezone + interval '1 hour';
begin
  -- From each end of the index to the first match: a day may have very many.
  select i.started_at into first_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone uses_of_day.timezone)::date = uses_of_day.day
    and i.status <> 'deleted'
  order by i.started_at
  limit 1;
  select i.started_at into last_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone uses_of_day.timezone)::date = uses_of_day.day
    and i.status <> 'deleted'
  order by i.started_at desc
  limit 1;
  return next;
end
$body$;
grant execute on function private.uses_of_day(uuid,uuid,text,date) to authenticated, service_role;

create function public.agent_summaries(page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF public.agent_summary
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  perform private.refuse_page_size(page_size);
  return query
  select summary.*
  from (
    select agents.id, agents.created_at from public.agents
    where agents.created_at <= agent_summaries.before
      and (agents.created_at < agent_summaries.before or agents.id > agent_summaries.before_id)
    order by agents.created_at desc, agents.id
    limit agent_summaries.page_size
  ) page
  join public.agent_summary summary on summary.id = page.id
  order by page.created_at desc, page.id;
end
$body$;
grant execute on function public.agent_summaries(integer,timestamp with time zone,uuid) to authenticated, service_role;

create function public.get_agent_usage_summary(agent_id uuid, days integer DEFAULT 30)
returns TABLE(total_interactions bigint, total_cost numeric, recorded_cost numeric, total_input_tokens numeric, total_output_tokens numeric, total_duration_minutes bigint, avg_satisfaction numeric, avg_usefulness numeric, failed_interactions bigint, first_used_at timestamp with time zone, last_used_at timestamp with time zone)
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  if days is null or days not between 1 and 3660 then
    perform private.refuse('days_out_of_range', 'The number of days must be between 1 and 3660.');
  end if;
  if not exists (select from public.agents where agents.id = get_agent_usage_summary.agent_id) then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  return query
  with days as (
    select
      usage.organization_id, calendars.timezone, usage.date,
      sum(usage.interactions) as interactions,
      sum(usage.failed) as failed, sum(usage.total_cost) as total_cost,
      sum(usage.recorded_cost) as recorded_cost, sum(usage.input_tokens) as input_tokens,
      sum(usage.output_tokens) as output_tokens, sum(usage.duration_minutes) as duration_minutes,
      sum(usage.satisfaction_sum) as satisfaction_sum,
      sum(usage.satisfaction_count) as satisfaction_count,
      sum(usage.usefulness_sum) as usefulness_sum, sum(usage.usefulness_count) as usefulness_count
    from public.daily_usage usage
    join public.usage_calendars calendars on calendars.organization_id = usage.organization_id
    where usage.agent_id = get_agent_usage_summary.agent_id
      -- A day more, for the time zones; then each organization's own days.
      and usage.date >= (now() at time zone 'UTC')::date - get_agent_usage_summary.days
      and usage.date > (now() at time zone calendars.timezone)::date - get_agent_usage_summary.days
    group by usage.organization_id, calendars.timezone, usage.date
    having sum(usage.interactions) > 0
  )
  select
    coalesce(sum(days.interactions), 0)::bigint, coalesce(sum(days.total_cost), 0),
    coalesce(sum(days.recorded_cost), 0), coalesce(sum(days.input_tokens), 0),
    coalesce(sum(days.output_tokens), 0), coalesce(sum(days.duration_minutes), 0)::bigint,
    round(sum(days.satisfaction_sum) / nullif(sum(days.satisfaction_count), 0), 2),
    round(sum(days.usefulness_sum) / nullif(sum(days.usefulness_count), 0), 2),
    coalesce(sum(days.failed), 0)::bigint,
    -- The times of the interactions on the first and last days, since daily usage has none.
    (
      select min(uses.first_use)
      from days ends
      cross join private.uses_of_day(
        get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date
      ) uses
      where ends.date <= (select min(days.date) + 1 from days)
    ),
    (
      select max(uses.last_use)
      from days ends
      cross join private.uses_of_day(
        get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date
      ) uses
      where ends.date >= (select max(days.date) - 1 from days)
    )
  from days;
end
$body$;
grant execute on function public.get_agent_usage_summary(uuid,integer) to authenticated, service_role;
