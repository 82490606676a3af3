begin;
select plan(17);

insert into public.agents (id, name, created_by, organization_id, is_public, is_published) values
  ('00000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme'), false, false),
  ('00000000-0000-4000-8000-000000000002', 'Acme publishes', tests.id('alice'), tests.id('acme'), true, true);
insert into public.models (agent_id, name) select id, 'm' from public.agents where organization_id = tests.id('acme');
insert into public.agent_feature_mappings (agent_id, feature_id) select id, 'coding' from public.agents where organization_id = tests.id('acme');
insert into public.ai_agent_configs (agent_id, config_key, config_value, user_id)
select agents.id, 'k', '1', members.user_id
from public.agents
join public.organization_members members on members.organization_id = agents.organization_id
where agents.organization_id = tests.id('acme');
insert into public.agent_health_checks (agent_id, status) select id, 'healthy' from public.agents where organization_id = tests.id('acme');
insert into public.agent_metrics (agent_id, metric_type, value) select id, 'cost', 1 from public.agents where organization_id = tests.id('acme');
insert into public.deployments (agent_id) select id from public.agents where organization_id = tests.id('acme');
insert into public.workflows (agent_id, name) select id, 'w' from public.agents where organization_id = tests.id('acme');
insert into public.workflow_executions (workflow_id) select id from public.workflows;
insert into public.agent_thoughts (agent_id, node_id, node_type, content)
select id, 'n', 'input', 'c' from public.agents where organization_id = tests.id('acme');
insert into public.organization_invitations (organization_id, email, role, token_hash)
values (tests.id('acme'), 'new@example.com', 'viewer', repeat('0', 64));
insert into public.chat_sessions (user_id, org_id, website_domain)
select user_id, tests.id('acme'), 'example.com'
from (select user_id from public.organization_members where organization_id = tests.id('acme') union all select null) people;
insert into public.chat_messages (session_id, role, content) select id, 'user', 'c' from public.chat_sessions;
insert into public.ai_interactions (user_id, organization_id, agent_id, title)
select user_id, organization_id, '00000000-0000-4000-8000-000000000001', 't'
from public.organization_members where organization_id = tests.id('acme');
insert into public.agent_executions (interaction_id, status) select id, 'succeeded' from public.ai_interactions;
insert into public.usage_daily_rollup (calendar_id, organization_id, agent_id, date)
select id, organization_id, '00000000-0000-4000-8000-000000000001'::uuid, '2026-01-01' from public.usage_calendars where organization_id = tests.id('acme');
insert into public.usage_archive_rollup (organization_id, started_at) values (tests.id('acme'), '2026-01-01Z');
insert into public.usage_deltas (organization_id, started_at) values (tests.id('acme'), '2026-01-01');
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'day', 1);
insert into private.running_turns (user_id, organization_id, source, title, lease_expires_at)
values (tests.id('alice'), tests.id('acme'), 'chat', 'x', now());
insert into public.budget_reservations (budget_id, interaction_id, amount_usd, expires_at)
select budgets.id, turns.id, 1, now() from public.budgets, private.running_turns turns;

-- Rows that a caller sees beyond the catalogue, the platform's agents and what is the caller's alone.
create function pg_temp.seen_of_acme()
returns table (relation text, rows bigint)
language plpgsql
as $$
declare
  places constant jsonb := '{
    "organizations": "id = tests.id(''acme'')", "teams": "id = tests.id(''acme'')",
    "organization_members": "organization_id = tests.id(''acme'')", "user_roles": "team_id = tests.id(''acme'')",
    "organization_people": "organization_id = tests.id(''acme'')", "organization_invitations": "true",
    "agents": "organization_id = tests.id(''acme'')", "bots": "organization_id = tests.id(''acme'')",
    "ai_agents": "name like ''Acme%''", "agent_summary": "organization_id = tests.id(''acme'')",
    "agent_dashboard": "organization_id = tests.id(''acme'')", "public_agents": "name like ''Acme%''",
    "models": "name = ''m''", "agent_feature_mappings": "true", "ai_agent_configs": "true", "agent_health_checks": "true",
    "agent_health": "agent_id::text like ''00000000-%''", "agent_metrics": "true", "deployments": "true", "workflows": "true",
    "workflow_executions": "true", "agent_thoughts": "true", "chat_sessions": "true", "agent_sessions": "true",
    "chat_messages": "true", "agent_messages": "true", "ai_interactions": "true", "recent_interactions": "true",
    "agent_executions": "true", "agent_usage_daily": "true",
    "daily_usage": "true", "agent_usage": "true",
    "usage_daily_rollup": "true", "usage_agent_rollup": "true", "usage_deltas": "true", "usage_archive_rollup": "true",
    "usage_calendars": "organization_id = tests.id(''acme'')", "budgets": "true", "budget_reservations": "true"
  }';
  place record;
begin
  for place in select * from jsonb_each_text(places) loop
    relation := place.key;
    execute format('select count(*) from public.%I where %s', place.key, place.value) into rows;
    return next;
  end loop;
end
$$;
grant execute on function pg_temp.seen_of_acme() to authenticated, anon;

select tests.act_as('alice');
select is_empty('select relation from pg_temp.seen_of_acme() where rows = 0', 'the owner sees something in every place');
select tests.act_as('eve');
select results_eq(
  $$ select name from public_agents where name like 'Acme%' $$, array['Acme publishes'], 'a stranger sees what is published'
);

select tests.act_as('bob');
select tests.refused(
  $$ select delete_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'an admin does not delete the organization'
);
select tests.act_as('alice');
select lives_ok($$ select delete_organization(tests.id('acme')) $$, 'its owner does');

select is_empty('select relation, rows from pg_temp.seen_of_acme() where rows > 0', 'from then on the owner sees none of it');
select tests.act_as('bob');
select is_empty('select relation, rows from pg_temp.seen_of_acme() where rows > 0', 'nor does an admin');
select tests.act_as('carol');
select is_empty('select relation, rows from pg_temp.seen_of_acme() where rows > 0', 'nor an agent manager');
select tests.act_as('dave');
select is_empty('select relation, rows from pg_temp.seen_of_acme() where rows > 0', 'nor a viewer');
select tests.act_as('eve');
select is_empty($$ select from public_agents where name like 'Acme%' $$, 'nor a stranger what was published');
select is_empty($$ select from models where name = 'm' $$, 'nor its models');
select tests.act_as_anon();
select is_empty($$ select from public_agents where name like 'Acme%' $$, 'nor a visitor');

select tests.act_as('alice');
select is_empty(
  $$ update agents set notes = 'Mine' where organization_id = tests.id('acme') returning id $$, 'nothing in it is changed'
);
select tests.denied($$ insert into agents (name, organization_id) values ('x', tests.id('acme')) $$, 'nothing is added');
select tests.denied($$ insert into chat_sessions (org_id) values (tests.id('acme')) $$, 'no conversation is begun');
select tests.refused(
  $$ select invite_member(tests.id('acme'), 'more@example.com', 'viewer') $$, 404, 'organization_not_found', 'no one is invited'
);

select lives_ok($$ select restore_organization(tests.id('acme')) $$, 'its owner brings it back');
select is_empty('select relation from pg_temp.seen_of_acme() where rows = 0', 'with everything in it');

select * from finish();
rollback;
