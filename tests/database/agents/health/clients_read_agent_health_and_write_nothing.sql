begin;
select plan(6);

insert into public.agents (id, name, created_by, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'), false),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve'), true);
insert into public.agent_health_checks (agent_id, status) values
  ('20000000-0000-4000-8000-000000000001', 'healthy'), ('20000000-0000-4000-8000-000000000002', 'degraded');

select tests.act_as('eve');
select is(
  (select count(*) from public.agent_health where agent_id::text like '20000000-%'), 2::bigint, 'the owner reads both'
);
select tests.denied('update public.agent_health set status = ''healthy''', 'and writes none');
select tests.denied(
  $$
    insert into public.agent_health_checks (agent_id, status)
    values ('20000000-0000-4000-8000-000000000001', 'healthy')
  $$,
  'nor a check'
);

select is((select count(*) from public.agent_health_checks), 2::bigint, 'the owner reads the history of both');

select tests.act_as('bob');
select results_eq(
  $$ select agent_id from public.agent_health where agent_id::text like '20000000-%' $$,
  $$ values ('20000000-0000-4000-8000-000000000002'::uuid) $$,
  'others read that of public agents'
);
select is_empty('select id from public.agent_health_checks', 'and no history, which has errors and costs');

select * from finish();
rollback;
