begin;
select plan(2);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.models (id, agent_id, name) values
  ('21000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'm');
insert into public.chat_sessions (user_id, org_id, agent_id, model_id) values (
  tests.id('alice'), tests.id('acme'), '20000000-0000-4000-8000-000000000001', '21000000-0000-4000-8000-000000000001'
);

delete from public.models where id = '21000000-0000-4000-8000-000000000001';
select results_eq(
  'select agent_id, model_id from public.chat_sessions',
  $$ values ('20000000-0000-4000-8000-000000000001'::uuid, null::uuid) $$, 'the session outlives its model'
);
delete from public.agents where id = '20000000-0000-4000-8000-000000000001';
select results_eq('select agent_id from public.chat_sessions', 'values (null::uuid)', 'and its agent');

select * from finish();
rollback;
