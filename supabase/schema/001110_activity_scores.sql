-- The current state of what 001110_activity_scores.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.activity_score(days_since_use double precision, recent_uses bigint, average_rating numeric)
returns real
language sql immutable security invoker
set search_path=""
as $body$
  select case
    when activity_score.days_since_use is null then 0
    else (
      0.5 * power(0.5, least(greatest(activity_score.days_since_use, 0), 365) / 7)
      + 0.3 * activity_score.recent_uses / (activity_score.recent_uses + 20.0)
      + 0.2 * coalesce((activity_score.average_rating - 1) / 4, 0.5)
    )
  end::real
$body$;
grant execute on function private.activity_score(double precision,bigint,numeric) to service_role;

create function private.agents_to_score()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    coalesce(
      agents.organization_id, agents.created_by, '00000000-0000-0000-0000-000000000000'
    )::text,
    1::bigint,
    null::timestamptz
  from public.agents
  where agents.last_used_at is not null or agents.activity_score > 0
  group by 1
$body$;

create function private.score_agents(agent_id uuid DEFAULT NULL::uuid)
returns integer
language sql volatile security definer
set search_path=""
as $body$
  select private.score_each(array(
    select agents.id from public.agents
    where agents.id = coalesce(score_agents.agent_id, agents.id)
      and (agents.last_used_at is not null or agents.activity_score > 0)
  ))
$body$;
grant execute on function private.score_agents(uuid) to authenticated, service_role;

create function private.score_agents_of(owner uuid)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.score_each(array(
    select agents.id from public.agents
    where coalesce(
      agents.organization_id, agents.created_by, '00000000-0000-0000-0000-000000000000'
    ) = score_agents_of.owner
      and (agents.last_used_at is not null or agents.activity_score > 0)
  ))
$body$;

create function private.score_each(agents uuid[])
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  with uses as (
    select
      agents.id,
      agents.last_used_at,
      count(i.id) as recent,
      avg(
        (
          coalesce(i.satisfaction_rating, i.usefulness_rating) + coalesce(
            i.usefulness_rating, i.satisfaction_rating
          )
        ) / 2.0
      ) as rating
    from public.agents
    left join public.ai_interactions i
      on i.agent_id = agents.id
        and i.started_at > now() - interval '30 days'
        and i.status <> 'deleted'
      and private.is_use_of(agents, i.source, i.organization_id, i.user_id)
    where agents.id = any (score_each.agents)
    group by agents.id
  ),
  scores as (
    select
      uses.id,
      private.activity_score(
        extract(epoch from now() - uses.last_used_at)::double precision / 86400,
        uses.recent,
        uses.rating
      ) as score
    from uses
  ),
  changed as (
    update public.agents
    set activity_score = scores.score
    from scores
    where agents.id = scores.id and agents.activity_score <> scores.score
    returning agents.id
  )
  select count(*)::integer from changed
$body$;

create function public.refresh_agent_activity_scores()
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.score_agents()
$body$;
grant execute on function public.refresh_agent_activity_scores() to service_role;

create function public.update_agent_activity_score(agent_id uuid)
returns real
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  score real;
begin
  -- The answer is the same for an agent that the caller may not see.
  if not exists (select from public.agents where agents.id = update_agent_activity_score.agent_id)
  then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  perform private.score_agents(update_agent_activity_score.agent_id);
  select agents.activity_score into score
  from public.agents
  where agents.id = update_agent_activity_score.agent_id;
  return score;
end
$body$;
grant execute on function public.update_agent_activity_score(uuid) to authenticated, service_role;
