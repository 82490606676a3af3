begin;
select plan(5);

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

-- A client's own row with the same stamp is no proof of a day, and one person's large figures stop no one's.
update private.measured_days set date = date - 100;
delete from public.agent_metrics;
insert into public.agent_metrics (agent_id, metric_type, value, metadata, recorded_at)
select '20000000-0000-4000-8000-000000000001', 'accuracy', 1,
  jsonb_build_object('period', 'day', 'date', (now() at time zone 'UTC')::date - 1),
  ((now() at time zone 'UTC')::date - 1)::timestamp at time zone 'UTC';
insert into public.ai_interactions (organization_id, agent_id, title, started_at, input_tokens, output_tokens, source, turn_state)
select tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'huge',
  (((now() at time zone 'UTC')::date - 1) + time '12:00') at time zone 'UTC', 1000000000000, 1000000000000,
  'chat', 'succeeded'
from generate_series(1, 20);
select lives_ok('select public.record_missing_agent_metrics()', 'the largest figures that the ledger takes are measured');
select is(
  (select value from public.agent_metrics where metric_type = 'tokens' order by recorded_at desc limit 1), 40000000000000::numeric,
  'in spite of a row of a client''s for that day'
);

select * from finish();
rollback;
