begin;
select plan(1);

update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
insert into public.ai_interactions (organization_id, user_id, title, started_at, total_cost)
select organization, tests.id('alice'), 'x', '2026-05-04 20:00+00', cost
from (
  select tests.id('acme'), 1 union all
  select id, 2 from public.organizations where created_by = tests.id('alice') and is_personal
) as rows (organization, cost);

select public.update_daily_usage_stats('2026-05-04');
select public.update_daily_usage_stats('2026-05-05');
select results_eq(
  'select date, total_interactions, recorded_cost from public.ai_usage_stats order by date',
  $$ values (date '2026-05-04', 1, 2::numeric(20, 10)), ('2026-05-05', 1, 1) $$,
  'one moment is yesterday for one of a person''s organizations and today for the other'
);

select * from finish();
rollback;
