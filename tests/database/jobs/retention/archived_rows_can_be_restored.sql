begin;
select plan(12);

update public.plans set interaction_days = 62 where id = (select plan from public.organizations where id = tests.id('acme'));
insert into public.agents (id, name, organization_id) values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme'));
insert into public.ai_interactions (
  id, organization_id, user_id, agent_id, title, source, turn_state, status, model_name, input_tokens, total_cost,
  satisfaction_rating, started_at, ended_at, tags, cost_breakdown
)
select
  format('30000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, tests.id('acme'), tests.id(case when n % 3 = 0 then 'bob' else 'alice' end),
  '20000000-0000-4000-8000-000000000001', 'é"' || n, case when n % 5 = 0 then 'manual' else 'chat' end,
  case when n % 5 > 0 then 'succeeded' end, case when n % 5 = 0 then 'deleted' else 'completed' end, 'm', n,
  n * 0.0000000001, nullif(n % 6, 0), moment, moment + interval '1 minute', array['a,b', '{}'], '{"input": 0.1}'
from generate_series(1, 60) as n,
lateral (select now() - interval '70 days' + n * interval '7 minutes' as moment) times;
-- An agent that now has a vendor had none then.
update public.agents set vendor_id = 'openai' where id = '20000000-0000-4000-8000-000000000001';
create temporary table ledger as select * from public.ai_interactions;
create temporary view figures as
select date, user_id, agent_id, vendor_id, model_name, sum(interactions), sum(input_tokens) as tokens, sum(total_cost) as cost, sum(satisfaction_sum) as satisfaction
from public.daily_usage where organization_id = tests.id('acme') group by 1, 2, 3, 4, 5;
create temporary table before as select * from figures;
create function pg_temp.archive(numbers int4range) returns void language sql as $$
  insert into private.archived_interactions
  select ledger.* from ledger where right(ledger.id::text, 12)::integer <@ numbers
$$;
create function pg_temp.differences() returns bigint language sql as $$
  select count(*) from public.verify_daily_usage((now() - interval '72 days')::date, now()::date)
$$;

select public.refresh_daily_usage();
select is(private.remove_old_interactions(tests.id('acme'), 50), 50, 'they go');
select pg_temp.archive('[1,30]');
select is(private.restore_interactions(), '{"restored": 30, "present": 0, "left_out": 0, "unknown": []}', 'and come back');
select is(pg_temp.differences(), 0::bigint, 'halfway the figures are right');
select pg_temp.archive('[1,60]');
select is(private.restore_interactions(), '{"restored": 20, "present": 40, "left_out": 0, "unknown": []}', 'existing rows are skipped');
select set_eq('select * from public.ai_interactions', 'select * from ledger', 'every row is what it was, to the last decimal');
select is_empty('select from public.usage_archive_rollup', 'nothing is past any more');
select is(pg_temp.differences(), 0::bigint, 'the figures are right');
select set_eq('select * from figures', 'select * from before', 'and what they were');
select is((select usage_count from public.agents where name = 'One'), 60::bigint, 'nothing was used twice');

-- From here on someone is gone.
select private.remove_old_interactions(tests.id('acme'), 60);
delete from auth.users where id = tests.id('bob');
select pg_temp.archive('[1,60]');
select is(private.restore_interactions() ->> 'left_out', '20', 'rows of a deleted user are not restored, and stay in the figures');
select is(pg_temp.differences(), 0::bigint, 'which are right');

select pg_temp.archive('[1,1]');
update private.archived_interactions set id = '32000000-0000-4000-8000-000000000001';
select is(
  private.restore_interactions() -> 'unknown', '["32000000-0000-4000-8000-000000000001"]', 'a row that was never removed from here stays out'
);

select * from finish();
rollback;
