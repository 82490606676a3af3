begin;
select plan(19);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('alice'), tests.id('acme'));
insert into public.ai_interactions (
  organization_id, user_id, agent_id, title, started_at, total_cost, input_tokens, source, turn_state
)
select tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000001', 'x', started, 0.5, 10,
  'chat', 'succeeded'
from unnest(array[
  timestamptz '2026-05-04 10:00+00', '2026-05-05 23:30+00', now() - interval '1 hour', now() - interval '25 minutes', now(),
  now() + interval '1 hour'
]) as started;

create function pg_temp.read()
returns text
language sql
as $$
  select format('%s in %s days, %s by agent', sum(days.interactions), count(*), (
    select total_interactions from public.agent_summary where id = '20000000-0000-4000-8000-000000000001'
  ))
  from (
    select date, sum(interactions) as interactions from public.daily_usage
    where organization_id = tests.id('acme') group by date having sum(interactions) > 0
  ) days
$$;
create function pg_temp.differences()
returns bigint
language sql
as $$
  select count(*) from private.usage_differences('2026-01-01', (now() + interval '2 days')::date)
$$;
create temporary table days as
select count(distinct (started_at at time zone 'UTC')::date) as utc, count(distinct (started_at at time zone 'Asia/Tokyo')::date) as tokyo
from public.ai_interactions where organization_id = tests.id('acme');

select is(pg_temp.read(), format('6 in %s days, 6 by agent', utc), 'exact before anything is counted') from days;
select is(pg_temp.differences(), 0::bigint, 'without a difference');
select cmp_ok(public.refresh_daily_usage(), '>=', 0, 'what is old enough is counted');
select is(pg_temp.read(), format('6 in %s days, 6 by agent', utc), 'which changes nothing that is read') from days;
select is(pg_temp.differences(), 0::bigint, 'without a difference');

update public.ai_interactions set satisfaction_rating = 4, total_cost = 0.75 where started_at = '2026-05-04 10:00+00';
select is(
  (select sum(total_cost) from public.daily_usage where date = '2026-05-04' and organization_id = tests.id('acme')), 0.75,
  'a late change is read at once'
);
select is(pg_temp.differences(), 0::bigint, 'without a difference');
select cmp_ok(public.refresh_daily_usage(), '>', 0, 'and counted');
select is_empty('select from public.usage_deltas where started_at < private.current_watermark()', 'once');
select is(pg_temp.differences(), 0::bigint, 'without a difference');

update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
select is(pg_temp.read(), format('6 in %s days, 6 by agent', tokyo), 'another time zone is read at once') from days;
select is(pg_temp.differences(), 0::bigint, 'without a difference');
select lives_ok('select public.refresh_daily_usage()', 'counted again');
select is(pg_temp.read(), format('6 in %s days, 6 by agent', tokyo), 'and the same') from days;
select is(pg_temp.differences(), 0::bigint, 'without a difference');
select is_empty('select from private.orphaned_calendars', 'nothing is left of the former counts');

-- As after a mistake in the counting: this is what shows it, and what repairs it.
insert into public.usage_daily_rollup (calendar_id, organization_id, date, total_cost)
select id, organization_id, '2026-05-04', 99.25 from public.usage_calendars where organization_id = tests.id('acme');
select results_eq(
  $$ select date, total_cost from public.verify_daily_usage('2026-05-01', '2026-05-31') $$,
  $$ values (date '2026-05-04', 99.25) $$, 'a planted difference is found'
);
select public.update_daily_usage_stats('2026-05-04');
select is_empty($$ select public.verify_daily_usage('2026-05-01', '2026-05-31') $$, 'and gone when the day is counted again');
select tests.refused('select public.refresh_daily_usage(0)', 400, 'batch_out_of_range', 'nothing to count is refused');

select * from finish();
rollback;
