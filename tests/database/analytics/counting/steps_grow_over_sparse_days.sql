begin;
select plan(3);

-- A database that was never rolled up, with one interaction a day.
delete from public.ai_interactions;
insert into public.ai_interactions (organization_id, title, started_at)
select tests.id('acme'), 'x', timestamptz '2025-01-01Z' + number * interval '1 day' from generate_series(0, 199) as number;
delete from public.usage_daily_rollup;
delete from public.usage_agent_rollup;
delete from public.usage_deltas;

-- Steps of 1, 2, 4 and 8 days write 15 rows, which are more than the ten that were wanted.
select results_eq(
  $$ select reached, written from private.roll_up_all_until('-infinity', '2026-01-01Z', 10, 'infinity') $$,
  $$ values (timestamptz '2025-01-16Z', 15::bigint) $$, 'a step is twice as long as the one before'
);
-- 1, 2, 4, 8, 16, 32, 32 days.
select results_eq(
  $$ select reached, written from private.roll_up_all_until('2025-01-16Z', '2026-01-01Z', 64, 'infinity') $$,
  $$ values (timestamptz '2025-04-21Z', 95::bigint) $$, 'up to 32 days'
);
select is(
  (select count(*) from public.usage_daily_rollup), 110::bigint, 'and each day has its row'
);

select * from finish();
rollback;
