begin;
select plan(7);

update public.agents set enabled = false;
insert into public.agents (id, name, vendor_id, created_by)
values ('20000000-0000-4000-8000-000000000001', 'eve''s', 'openai', tests.id('eve'));
insert into public.ai_interactions (id, user_id, organization_id, title)
values ('30000000-0000-4000-8000-000000000001', tests.id('carol'), tests.id('acme'), 'x');

create function pg_temp.unproved() returns text language sql as $$
  select public.health_report() #>> '{upstreams,unproved}'
$$;

select is(pg_temp.unproved(), '1', 'nothing proves an agent at first');
update public.agent_health set last_check = now() - interval '23 hours 59 minutes';
select is(pg_temp.unproved(), '0', 'a probe of the last day does');
update public.agent_health set last_check = now() - interval '24 hours 1 minute';
select is(pg_temp.unproved(), '1', 'one of the day before does not');
insert into public.agent_executions (id, interaction_id, agent_id, status, started_at)
values (
  '40000000-0000-4000-8000-000000000001', '30000000-0000-4000-8000-000000000001',
  '20000000-0000-4000-8000-000000000001', 'succeeded', now() - interval '23 hours 59 minutes'
);
select is(pg_temp.unproved(), '0', 'a call of the last day does');
update public.agent_executions set started_at = now() - interval '24 hours 1 minute'
where id = '40000000-0000-4000-8000-000000000001';
select is(pg_temp.unproved(), '1', 'one of the day before does not');

insert into private.function_call_outbox (path, created_at, finished_at, outcome)
values ('/health/probe', now() - interval '59 minutes', now() - interval '59 minutes', 'failed');
select is(public.health_report() #>> '{function_calls,failed}', '1', 'calls of functions are counted for an hour');
update private.function_call_outbox set created_at = now() - interval '61 minutes';
select is(public.health_report() #>> '{function_calls,failed}', '0', 'and no longer');

select * from finish();
rollback;
