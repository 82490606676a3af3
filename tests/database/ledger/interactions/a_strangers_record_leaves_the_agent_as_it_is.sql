begin;
select plan(11);

insert into public.agents (id, name, organization_id, created_by, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('acme'), tests.id('alice'), true),
  ('20000000-0000-4000-8000-000000000002', 'Alice''s', null, tests.id('alice'), true);

create function pg_temp.uses()
returns text
language sql
security definer
as $$
  select string_agg(
    concat_ws(' ', usage_count, (last_used_at is not null)::text, round(activity_score::numeric, 2)), ', '
    order by name
  )
  from public.agents where name in ('Acme''s', 'Alice''s', 'droid')
$$;

create function pg_temp.record(agent text)
returns void
language sql
as $$
  insert into public.ai_interactions (agent_id, title, satisfaction_rating)
  select agents.id, 'x', 1 from public.ai_agents agents where agents.name = agent
$$;

grant execute on function pg_temp.uses(), pg_temp.record(text) to authenticated;

select tests.act_as('eve');
select lives_ok(
  format('select pg_temp.record(%L)', agent), agent || ' may be recorded with by a stranger, for the stranger alone'
)
from unnest(array['Acme''s', 'Alice''s', 'droid']) as agent;
select lives_ok(
  $$
    insert into public.ai_agent_configs (agent_id, config_key, config_value)
    values ('20000000-0000-4000-8000-000000000001', 'k', '1')
  $$,
  'so may the stranger''s own settings'
);
select lives_ok(
  $$ insert into public.chat_sessions (agent_id) values ('20000000-0000-4000-8000-000000000001') $$,
  'and sessions'
);
select is_empty(
  format('select from public.ai_interactions where organization_id = %L', tests.id('acme')),
  'nothing of it is Acme''s'
);
select tests.reset();
select private.score_agents();
select is(pg_temp.uses(), '0 false 0.00, 0 false 0.00, 0 false 0.00', 'and the agents are as they were');

select tests.act_as('alice');
select pg_temp.record('Alice''s');
select is(pg_temp.uses(), '0 false 0.00, 1 true 0.00, 0 false 0.00', 'those whose agent it is use it');
select tests.act_as('carol');
select pg_temp.record('Acme''s');
select is(pg_temp.uses(), '1 true 0.00, 1 true 0.00, 0 false 0.00', 'so do members');

select tests.reset();
insert into public.ai_interactions (organization_id, user_id, agent_id, title, source, turn_state)
select profiles.current_organization_id, profiles.id, agents.id, 'x', 'chat', 'succeeded'
from public.profiles, public.agents
where profiles.id = tests.id('eve') and agents.name in ('Acme''s', 'Alice''s', 'droid');
select is(pg_temp.uses(), '2 true 0.00, 2 true 0.00, 1 true 0.00', 'a turn is a use, whosever it is');
delete from public.ai_interactions where user_id = tests.id('eve');
select is(pg_temp.uses(), '1 true 0.00, 1 true 0.00, 0 true 0.00', 'and what was not counted is not taken off');

select * from finish();
rollback;
