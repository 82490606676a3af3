begin;
select plan(3);

insert into public.agents (id, name, created_by) values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('alice'));
insert into public.ai_interactions (organization_id, agent_id, title, started_at)
select tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'x',
  (((now() at time zone 'UTC')::date - ago) + time '12:00') at time zone 'UTC'
from unnest(array[0, 1, 2, 3, 8]) as ago;
select public.record_agent_metrics((now() at time zone 'UTC')::date - 2);
insert into public.ai_interactions (organization_id, agent_id, title, started_at)
select tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'later',
  (((now() at time zone 'UTC')::date - 2) + time '12:00') at time zone 'UTC';

select is(public.record_missing_agent_metrics(), 4, 'messages and tokens of two days');
select results_eq(
  $$
    select (now() at time zone 'UTC')::date - (metadata ->> 'date')::date, value from public.agent_metrics
    where metric_type = 'messages' order by 1
  $$,
  $$ values (1, 1::numeric(20, 10)), (2, 1), (3, 1) $$, 'of the last week but today, and none twice'
);
select is(public.record_missing_agent_metrics(), 0, 'then nothing is missing');

select * from finish();
rollback;
