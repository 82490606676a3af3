begin;
select plan(4);

create function pg_temp.claimed() returns setof uuid language sql as $$
  select (claim ->> 'agent_id')::uuid from jsonb_array_elements(public.claim_agent_probes()) as claim
$$;
insert into public.agents (id, name, vendor_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'two', 'openai', null);

select results_eq(
  $$ select id from pg_temp.claimed() as claims (id) where id::text like '20000000-%' order by id $$,
  $$ values ('20000000-0000-4000-8000-000000000001'::uuid), ('20000000-0000-4000-8000-000000000002'::uuid) $$,
  'agents that no one has probed are due'
);
select is_empty('select * from pg_temp.claimed()', 'and only once');

update private.agent_probes set due_at = now() where agent_id = '20000000-0000-4000-8000-000000000002';
select results_eq(
  'select * from pg_temp.claimed()', $$ values ('20000000-0000-4000-8000-000000000002'::uuid) $$,
  'until their time has come again'
);
select is(
  (select due_at from private.agent_probes where agent_id = '20000000-0000-4000-8000-000000000002'),
  now() + interval '4 minutes', 'which is before the next tick, should no one report'
);

select * from finish();
rollback;
