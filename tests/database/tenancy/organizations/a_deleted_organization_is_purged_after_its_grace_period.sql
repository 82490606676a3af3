begin;
select plan(17);

create function pg_temp.due()
returns setof text
language sql
as $$ select organizations.name from private.organizations_to_purge() due join public.organizations on organizations.id::text = due.item $$;
-- As the job does it: again and again, until nothing is left.
create function pg_temp.purge(organization uuid, batch integer)
returns integer[]
language plpgsql
as $$
declare
  step integer;
  steps integer[] := '{}';
begin
  loop
    step := private.purge_organization(organization, batch);
    exit when step = 0 or cardinality(steps) > 1000;
    steps := steps || step;
  end loop;
  return steps;
end
$$;

-- Acme has some of everything; EveCorp uses Acme's agent, and both use the platform's.
insert into public.organizations (id, name, slug, created_by)
values ('10000000-0000-4000-8000-0000000000ee', 'EveCorp', 'evecorp', tests.id('eve'));
update public.profiles set current_organization_id = tests.id('acme') where id in (tests.id('alice'), tests.id('carol'));
insert into public.agents (id, name, organization_id, is_public)
values ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('acme'), true);
insert into public.models (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'm');
insert into public.chat_sessions (id, user_id, org_id, agent_id)
select ('30000000-0000-4000-8000-0000000000' || n)::uuid, tests.id('carol'), tests.id('acme'), '20000000-0000-4000-8000-000000000001'
from generate_series(10, 14) as n;
insert into public.chat_messages (session_id, role, content)
select sessions.id, 'user', 'x' from public.chat_sessions sessions cross join generate_series(1, 4);
insert into public.ai_interactions (user_id, organization_id, agent_id, session_id, title, total_cost)
select tests.id('carol'), tests.id('acme'), '20000000-0000-4000-8000-000000000001', sessions.id, 'x', 1
from public.chat_sessions sessions;
insert into public.ai_interactions (user_id, organization_id, agent_id, title, total_cost, source, turn_state) values
  (tests.id('eve'), '10000000-0000-4000-8000-0000000000ee', '20000000-0000-4000-8000-000000000001', 'Eve''s', 2, 'chat', 'succeeded'),
  (tests.id('carol'), tests.id('acme'), (select id from public.agents where name = 'droid'), 'x', 1, 'chat', 'succeeded');
insert into public.agent_metrics (agent_id, metric_type, value, recorded_at)
select '20000000-0000-4000-8000-000000000001', 'calls', 1, now() from generate_series(1, 3);
insert into public.agent_health_checks (agent_id, status) values ('20000000-0000-4000-8000-000000000001', 'healthy');
insert into public.agent_thoughts (agent_id, node_id, node_type, content)
values ('20000000-0000-4000-8000-000000000001', 'n', 'input', 'x');
insert into public.workflows (id, agent_id, name)
values ('50000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
insert into public.workflow_executions (workflow_id) values ('50000000-0000-4000-8000-000000000001');
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'day', 1000);
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview)
values (tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
insert into public.access_keys (organization_id, user_id, name, prefix, last_four)
values (tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111');

select is(private.purge_organization(tests.id('acme')), 0, 'one that is not deleted is never purged');
select tests.act_as('alice');
select public.delete_organization(tests.id('acme'));
select tests.reset();
update public.organizations set deleted_at = now() - interval '29 days 23 hours' where id = tests.id('acme');
select is_empty('select pg_temp.due()', 'nor one that can be restored');
select is(private.purge_organization(tests.id('acme')), 0, 'for every caller');
update public.organizations set deleted_at = now() - interval '30 days' where id = tests.id('acme');
select results_eq('select pg_temp.due()', array['Acme'], 'after thirty days it is due');
select tests.act_as('alice');
select tests.refused(
  $$ select public.restore_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'and not restored any more'
);
select tests.reset();
-- Without its owner's account, too.
delete from auth.users where id = tests.id('alice');
set constraints all immediate;
set constraints all deferred;
select results_eq('select pg_temp.due()', array['Acme'], 'also when its last owner''s account is gone');

create temporary table done as select pg_temp.purge(tests.id('acme'), 3) as steps;
select is((select max(step) from done, unnest(steps) as step), 3, 'it goes in steps of a bounded size');
select is((select count(*) from public.organizations where id = tests.id('acme')), 0::bigint, 'until it is gone');
select is(
  (select count(*) from public.chat_sessions) + (select count(*) from public.chat_messages)
    + (select count(*) from public.workflow_executions) + (select count(*) from public.agent_thoughts)
    + (select count(*) from public.agent_metrics) + (select count(*) from public.agent_health_checks)
    + (select count(*) from public.access_keys) + (select count(*) from public.budgets),
  0::bigint, 'with everything in it'
);
select is(private.purge_organization(tests.id('acme')), 0, 'once more does nothing');
select results_eq(
  'select title, agent_id, total_cost from public.ai_interactions', $$ values ('Eve''s', uuid '20000000-0000-4000-8000-000000000001', 2.0000000000) $$,
  'what others did with its agent stays in their ledger'
);
select is(
  (select usage_count from public.agents where name = 'droid'), 1::bigint, 'the platform''s agents keep their counters'
);
select is(
  (select current_organization_id from public.profiles where id = tests.id('carol')), null, 'its members work at home again'
);
select tests.act_as('eve');
select lives_ok($$ insert into public.organizations (name, slug) values ('Acme', 'acme') $$, 'and its slug is free');
select tests.reset();

-- Each in a transaction of its own, so that one that cannot go costs the others nothing.
insert into public.organizations (id, name, slug, created_by, deleted_at)
select ('10000000-0000-4000-8000-00000000000' || n)::uuid, 'Old ' || n, 'old-' || n, tests.id('eve'), now() - interval '40 days'
from generate_series(1, 2) as n;
select is(
  (select (items, command) from private.jobs where name = 'purge-organizations'),
  ('private.organizations_to_purge()'::text, 'select private.purge_organization($1::uuid)'::text),
  'the job deals with one organization at a time'
);
select is((select count(*) from pg_temp.due()), 2::bigint, 'all that are due');
select is(
  (select array_agg(steps.relation::text) from private.purge_steps() steps where not exists (
    select from pg_attribute columns where columns.attrelid = steps.relation and columns.attname = 'id'
  )),
  null, 'each step names rows by their id'
);

select * from finish();
rollback;
