begin;
select plan(4);

-- One turn an hour, and some that retention removed.
insert into public.ai_interactions (organization_id, user_id, title, source, turn_state, total_cost, started_at)
select tests.id('acme'), tests.id('bob'), 'x', 'chat', 'succeeded', 1, now() - make_interval(hours => hours)
from generate_series(0, 40) as hours;
insert into public.usage_archive_rollup (organization_id, user_id, started_at, interactions, total_cost)
select tests.id('acme'), tests.id('bob'), date_bin('15 minutes', now() - interval '12 hours', '2000-01-01 00:00+00'), 1, 8;
insert into public.budgets (organization_id, user_id, period, limit_usd) values
  (tests.id('acme'), null, 'day', 100), (tests.id('acme'), tests.id('bob'), 'day', 100),
  (tests.id('acme'), tests.id('carol'), 'day', 100), (tests.id('acme'), null, 'total', 100);

create function pg_temp.budgets_in(zone text)
returns table (period text, person uuid, began_at timestamptz, spent numeric)
language plpgsql
as $$
begin
  update public.organizations set timezone = budgets_in.zone where id = tests.id('acme');
  perform private.lock_budgets(tests.id('acme'));
  return query
  select budgets.period, user_id, period_started_at, spent_usd
  from public.budgets where organization_id = tests.id('acme') order by budgets.period, user_id nulls first;
end
$$;
create function pg_temp.expected_in(zone text)
returns table (period text, person uuid, began_at timestamptz, spent numeric)
language sql
as $$
  with since as (
    select begins, (
      select coalesce(sum(cost), 0)::numeric(20, 10) from (
        select total_cost as cost from public.ai_interactions where source = 'chat' and started_at >= begins
        union all select total_cost from public.usage_archive_rollup where started_at >= begins
      ) costs
    ) as spent
    from date_trunc('day', now(), zone) as begins
  )
  select 'day', null::uuid, begins, spent from since
  union all select 'day', tests.id('bob'), begins, spent from since
  union all select 'day', tests.id('carol'), begins, 0::numeric from since
  union all select 'total', null, '-infinity', 49::numeric
$$;

select results_eq(
  format('select * from pg_temp.budgets_in(%L)', zone), format('select * from pg_temp.expected_in(%L)', zone),
  format('a day of %s has what was spent in it', zone)
)
-- Between them these days begin twenty-six hours apart: each change leaves turns out, or takes them in.
from unnest(array['Pacific/Kiritimati', 'Etc/GMT+12', 'Asia/Tokyo', 'America/New_York']) with ordinality as zones (zone, place)
order by place;

select * from finish();
rollback;
