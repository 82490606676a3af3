begin;
select plan(3);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'eve''s', tests.id('eve'), null),
  ('20000000-0000-4000-8000-000000000002', 'acme''s', tests.id('carol'), tests.id('acme'));
delete from public.notifications;

select private.report_failure(agents.id) from public.agents, generate_series(1, 6)
where agents.id::text like '20000000-%' or agents.name = 'droid';
select results_eq(
  $$ select user_id, type, title, message, priority, data ->> 'agent_id' from public.notifications order by user_id $$,
  $$
    values
      (tests.id('alice'), 'agent_error', 'Agent does not answer',
        'Calls to agent "acme''s" keep failing. It is not called for a short time; then one trial call is made.', 'high',
        '20000000-0000-4000-8000-000000000002'),
      (tests.id('bob'), 'agent_error', 'Agent does not answer',
        'Calls to agent "acme''s" keep failing. It is not called for a short time; then one trial call is made.', 'high',
        '20000000-0000-4000-8000-000000000002'),
      (tests.id('eve'), 'agent_error', 'Agent does not answer',
        'Calls to agent "eve''s" keep failing. It is not called for a short time; then one trial call is made.', 'high',
        '20000000-0000-4000-8000-000000000001')
  $$,
  'once: the person whose agent it is, or admins and owners; no one of a platform agent'
);

delete from public.notifications;
update public.agent_health set circuit_state = 'half_open' where circuit_state = 'open';
select private.report_failure('20000000-0000-4000-8000-000000000001');
select is_empty('select id from public.notifications', 'a try that fails is no news');
update public.agent_health set circuit_state = 'half_open' where circuit_state = 'open';
select private.report_success('20000000-0000-4000-8000-000000000001', 5);
select private.report_success('20000000-0000-4000-8000-000000000001', 5);
select results_eq(
  'select user_id, type, title, message, priority from public.notifications',
  $$ values (tests.id('eve'), 'agent_recovered', 'Agent answers again', 'Agent "eve''s" answers again.', 'medium') $$,
  'that it answers again is, once'
);

select * from finish();
rollback;
