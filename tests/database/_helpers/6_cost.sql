-- What a statement costs, counted in buffers: the same on every machine.

create function tests.buffers(statement text, call integer default 1)
returns bigint
language plpgsql
as $$
declare
  plan jsonb;
begin
  for n in 1..call loop
    execute 'explain (analyze, buffers, timing off, format json) ' || buffers.statement into plan;
  end loop;
  plan := plan -> 0 -> 'Plan';
  return (plan ->> 'Shared Hit Blocks')::bigint + (plan ->> 'Shared Read Blocks')::bigint
    + (plan ->> 'Temp Read Blocks')::bigint + (plan ->> 'Temp Written Blocks')::bigint;
end
$$;
comment on function tests.buffers(text, integer) is 'Runs the statement so many times as the test''s actor and returns how many buffers the last run read, hit or not, temporary ones included.';

create function tests.costs_no_more(have bigint, before bigint, description text, allowance bigint default 24)
returns text
language plpgsql
as $$
begin
  return extensions.ok(have <= before + allowance, costs_no_more.description) || case
    when have <= before + allowance then ''
    else E'\n' || extensions.diag(format('before: %s buffers, now: %s', before, have))
  end;
end
$$;
comment on function tests.costs_no_more(bigint, bigint, text, bigint) is 'Passes when a statement read no more buffers than it did on less data, but for an allowance: by default what indexes take that are a level deeper.';

create function tests.plain_sessions(owner text, wanted integer)
returns void
language plpgsql
as $$
begin
  alter table public.chat_sessions disable trigger user;
  insert into public.chat_sessions (user_id, org_id, title, started_at, last_activity_at)
  select
    tests.id(owner), profiles.current_organization_id, 'generated', now() - n * interval '1 minute',
    now() - n * interval '1 minute'
  from generate_series(1, wanted) n cross join public.profiles
  where profiles.id = tests.id(owner);
  alter table public.chat_sessions enable trigger user;
  analyze public.chat_sessions;
end
$$;
comment on function tests.plain_sessions(text, integer) is 'Adds so many sessions of a person, without messages.';

create function tests.plain_agents(owner text, wanted integer, is_public boolean default false)
returns void
language plpgsql
as $$
begin
  alter table public.agents disable trigger user;
  insert into public.agents (name, created_by, is_public, is_platform, is_active, config_json, created_at)
  select
    'generated ' || n, tests.id(owner), plain_agents.is_public, false, true, '{}', now() - n * interval '1 minute'
  from generate_series(1, wanted) n;
  alter table public.agents enable trigger user;
  insert into public.agent_health (agent_id)
  select agents.id from public.agents where agents.name like 'generated %' on conflict do nothing;
  insert into public.models (agent_id, name)
  select agents.id, 'generated' from public.agents where agents.name like 'generated %' on conflict do nothing;
  analyze public.agents;
  analyze public.agent_health;
  analyze public.models;
end
$$;
comment on function tests.plain_agents(text, integer, boolean) is 'Adds so many agents of a person''s own, each with its row of health and a model.';

create function tests.plain_interactions(organization uuid, wanted integer, step interval)
returns void
language plpgsql
as $$
begin
  alter table public.ai_interactions disable trigger user;
  insert into public.ai_interactions (organization_id, title, vendor_id, interaction_type_id, started_at)
  select organization, 'generated', 'openai', (select min(types.id) from public.interaction_types types), now() - n * step
  from generate_series(1, wanted) n;
  alter table public.ai_interactions enable trigger user;
  analyze public.ai_interactions;
end
$$;
comment on function tests.plain_interactions(uuid, integer, interval) is 'Adds so many interactions of an organization, one in each step of time before now, that nothing has counted.';
