begin;
select plan(5);

-- At one o'clock of 2 November 2025 clocks in Havana went back to midnight: 04:30 and 05:30 UTC were both half past twelve.
update public.organizations set timezone = 'America/Havana' where id = tests.id('acme');
insert into public.agents (id, name, organization_id) values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme'));
insert into public.ai_interactions (organization_id, user_id, agent_id, title, source, turn_state, total_cost, started_at)
select tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000001', 'x', 'chat', 'succeeded', cost, moment
from (values
  (1, timestamptz '2025-11-02 03:59:59.999999Z'), (2, '2025-11-02 04:00Z'), (4, '2025-11-02 04:30Z'), (8, '2025-11-02 05:30Z'),
  (16, '2025-11-03 04:59:59.999999Z'), (32, '2025-11-03 05:00Z')
) as turns (cost, moment);

create function pg_temp.days() returns setof text language sql as $$
  select key || ' ' || trim_scale(total_cost)
  from public.get_usage('day', '2025-11-01', '2025-11-03', tests.id('acme')) order by key
$$;
select results_eq('select * from pg_temp.days()', array['2025-11-01 1', '2025-11-02 30', '2025-11-03 32'], 'both hours are in the day');
select public.update_daily_usage_stats(day::date) from generate_series(timestamp '2025-11-01', '2025-11-03', '1 day') as day;
select results_eq('select * from pg_temp.days()', array['2025-11-01 1', '2025-11-02 30', '2025-11-03 32'], 'counted again they are, too');
select is_empty($$ select * from public.verify_daily_usage('2025-11-01', '2025-11-03') $$, 'and nothing is missing');
select results_eq(
  $$
    select uses.* from private.uses_of_day(
      '20000000-0000-4000-8000-000000000001', tests.id('acme'), 'America/Havana', '2025-11-02'
    ) uses
  $$,
  $$ values (timestamptz '2025-11-02 04:00Z', timestamptz '2025-11-03 04:59:59.999999Z') $$, 'the first use is the first hour''s'
);
select is(
  (select value from private.performance_of_day('2025-11-02') where metric_type = 'messages'), 4::numeric, 'a day''s measures count both'
);

select * from finish();
rollback;
