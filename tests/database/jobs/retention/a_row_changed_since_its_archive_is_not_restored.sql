begin;
select plan(10);

update public.plans set interaction_days = 62 where id = (select plan from public.organizations where id = tests.id('acme'));
-- All in one quarter of an hour, of one person, agent, vendor and model.
insert into public.ai_interactions (
  id, organization_id, user_id, title, source, turn_state, status, input_tokens, total_cost, satisfaction_rating, started_at
)
select
  format('30000000-0000-4000-8000-00000000000%s', n)::uuid, tests.id('acme'), tests.id('alice'), title, case when title ~ 'deleted|back' then 'manual' else 'chat' end,
  case when title !~ 'deleted|back' then 'succeeded' end,
  case when title like 'brought back%' then 'deleted' else 'completed' end, 10, case when title <> 'repriced' then n end, 3,
  date_bin('15 minutes', now() - interval '70 days', '2000-01-01 00:00:00+00') + n * interval '1 second'
from unnest(array['rated', 'repriced', 'marked deleted', 'brought back', 'moved', 'deleted', 'as it was', 'renamed']) with ordinality as rows (title, n);
update public.ai_interactions set status = 'deleted' where title = 'deleted';
create temporary table archive as select * from public.ai_interactions;
create temporary view figures as
select date, user_id, sum(interactions), sum(unpriced) as unpriced, sum(input_tokens) as tokens, sum(total_cost + recorded_cost) as cost,
  sum(satisfaction_sum) as satisfaction, sum(satisfaction_count) as ratings
from public.daily_usage where organization_id = tests.id('acme') group by 1, 2;
create function pg_temp.differences() returns bigint language sql as $$
  select count(*) from public.verify_daily_usage((now() - interval '72 days')::date, now()::date)
$$;

-- What happens between the archive and the removal.
update public.ai_interactions set satisfaction_rating = 5 where title = 'rated';
update public.ai_interactions set total_cost = 7 where title = 'repriced';
update public.ai_interactions set status = 'deleted' where title = 'marked deleted';
update public.ai_interactions set status = 'completed' where title = 'brought back';
update public.ai_interactions set started_at = started_at + interval '20 minutes' where title = 'moved';
update public.ai_interactions set title = 'another name' where title = 'renamed';
insert into public.ai_interactions (organization_id, user_id, title, source, turn_state, input_tokens, total_cost, started_at)
values (tests.id('acme'), tests.id('alice'), 'late', 'chat', 'succeeded', 10, 100, (select min(started_at) from archive));
select public.refresh_daily_usage();
create temporary table before as select * from figures;

select is(private.remove_old_interactions(tests.id('acme'), 100), 9, 'all of them go');
select set_eq('select * from figures', 'select * from before', 'and the figures stay');
insert into private.archived_interactions select * from archive;
update public.usage_calendars set rolled_up_until = (select min(started_at) + interval '3 seconds' from archive) where organization_id = tests.id('acme');
select tests.refused('select private.restore_interactions()', 409, 'usage_is_being_counted', 'nothing comes back while half of its quarter of an hour is counted');
update public.usage_calendars set rolled_up_until = 'infinity' where organization_id = tests.id('acme');
create temporary table outcome as select private.restore_interactions() as told;
select is((select told - 'unknown' from outcome), '{"restored": 3, "present": 0, "left_out": 0}', 'what adds the same to the figures comes back');
select results_eq(
  'select title from public.ai_interactions where organization_id = tests.id(''acme'') order by id', array['deleted', 'as it was', 'renamed'],
  'a deleted one too'
);
select results_eq(
  'select jsonb_array_elements_text(told -> ''unknown'')::uuid from outcome',
  $$ select id from archive where title in ('rated', 'repriced', 'marked deleted', 'brought back', 'moved') order by id $$,
  'what has changed stays out, by its id'
);
select is(pg_temp.differences(), 0::bigint, 'nothing is different');
select set_eq('select * from figures', 'select * from before', 'every figure is what it was');

select is(private.remove_old_interactions(tests.id('acme'), 100), 3, 'they go again');
select is(
  (select sum(interactions) || ' ' || sum(total_cost + recorded_cost) || ' ' || sum(satisfaction_sum) from public.usage_archive_rollup where organization_id = tests.id('acme')),
  (select sum(sum) || ' ' || sum(cost) || ' ' || sum(satisfaction) from before), 'and all is past'
);

select * from finish();
rollback;
