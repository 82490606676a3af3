begin;
select plan(8);

insert into public.agents (id, name, organization_id, created_by, vendor_id, model_name)
values (md5('audited')::uuid, 'audited', tests.id('acme'), tests.id('carol'), 'openai', 'gpt-4o');
insert into public.models (agent_id, name) values (md5('audited')::uuid, 'm');
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'month', 100);
insert into public.user_api_keys (id, user_id, organization_id, vendor_id, encrypted_key, key_preview)
values (
  md5('vendor key')::uuid, tests.id('bob'), tests.id('acme'), 'openai',
  'v1:test:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'wxyz'
);
delete from public.audit_events;

update public.agents set usage_count = usage_count + 1, last_used_at = now(), activity_score = 0.5;
update public.budgets set spent_usd = 1, reserved_usd = 1, period_started_at = now() - interval '1 hour';
update public.user_api_keys set last_used_at = now();
update public.organization_members set last_active_at = now();
select is_empty('select id from public.audit_events', 'counters, spend and last use are no acts');
update public.agents set name = name, status = status, config = config;
select is_empty('select id from public.audit_events', 'nor is writing what is already there');
select set_config('agentbase.audit_event', 'rotated', true);
update public.user_api_keys set encrypted_key = 'v1:next:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA';
select set_config('agentbase.audit_event', '', true);
select is_empty('select id from public.audit_events', 'nor is encrypting with another key');
update public.user_api_keys set encrypted_key = 'v1:next:BBBBBBBBBBBBBBBB:BBBBBBBBBBBBBBBBBBBBBBBBBBBB';
select results_eq(
  'select before, after from public.audit_events',
  $$ values ('{"encrypted_key": {"bytes": 49}}'::jsonb, '{"encrypted_key": {"bytes": 53}}'::jsonb) $$,
  'another key is one, of which the size is recorded'
);

delete from public.audit_events;
delete from public.agents where id = md5('audited')::uuid;
select results_eq(
  'select table_name, action from public.audit_events', $$ values ('agents', 'deleted') $$,
  'what goes with an agent has no event of its own'
);
delete from public.audit_events;
delete from public.organizations where id = tests.id('acme');
select results_eq(
  'select table_name, action from public.audit_events where organization_id = tests.id(''acme'')',
  $$ values ('organizations', 'deleted') $$,
  'nor what goes with an organization, whose own event stays'
);

delete from public.audit_events;
select private.try_job('create-partitions');
update public.plans set name = 'Changed by the job' where id = 'pro';
select results_eq(
  'select actor_type, actor_name from public.audit_events', $$ values ('job', 'create-partitions') $$,
  'what a job changes names the job'
);
select set_config('agentbase.job', '', true);
update public.plans set name = 'Pro' where id = 'pro';
select results_eq(
  $$ select actor_type, actor_name from public.audit_events where after ->> 'name' = 'Pro' $$,
  $$ values ('operator', session_user::text collate "default") $$, 'and an operator is named by database role'
);

select * from finish();
rollback;
