begin;
select plan(2);

insert into public.ai_interactions (id, organization_id, user_id, agent_id, title, started_at, total_cost)
select format('30000000-0000-4000-8000-00000000000%s', n)::uuid, tests.id('acme'), person, agents.id, 'x',
  '2026-05-05 10:00+00', n
from (values (1, tests.id('alice'), 'droid'), (2, tests.id('alice'), 'ccrouter'), (3, tests.id('bob'), 'ccrouter'))
  as rows (n, person, agent)
join public.agents on agents.name = rows.agent;
select public.update_daily_usage_stats('2026-05-05');
insert into public.ai_interactions (organization_id, user_id, title, started_at)
values (tests.id('acme'), tests.id('bob'), 'the day before', '2026-05-04 10:00+00');

update public.ai_interactions set status = 'deleted' where id = '30000000-0000-4000-8000-000000000001';
delete from public.ai_interactions where id = '30000000-0000-4000-8000-000000000003';
insert into public.ai_interactions (organization_id, user_id, title, started_at, total_cost)
values (tests.id('acme'), tests.id('alice'), 'late', '2026-05-05 11:00+00', 10);
select public.update_daily_usage_stats('2026-05-05');

select results_eq(
  'select user_id, date, total_interactions, recorded_cost from public.ai_usage_stats order by date desc',
  $$
    values
      (tests.id('alice'), date '2026-05-05', 2, 12::numeric), (tests.id('bob'), '2026-05-04', 1, 0)
  $$,
  'what is marked as deleted or gone counts no more, a person without any has no row, other days stay'
);
select results_eq(
  $$
    select agents.name, total_interactions, recorded_cost
    from public.agent_usage_daily join public.agents on agents.id = agent_id
  $$,
  $$ values ('ccrouter', 1, 2::numeric) $$, 'and so it is with agents'
);

select * from finish();
rollback;
