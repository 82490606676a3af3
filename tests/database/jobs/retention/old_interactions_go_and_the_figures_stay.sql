begin;
select plan(17);

update public.organizations set timezone = 'Asia/Kathmandu' where id = tests.id('acme');
update public.plans set interaction_days = 62 where id = (select plan from public.organizations where id = tests.id('acme'));
insert into public.agents (id, name, vendor_id, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', 'openai', tests.id('acme'));

-- Every ten minutes of two days, by two people, with every kind of figure.
insert into public.ai_interactions (
  id, organization_id, user_id, agent_id, title, source, turn_state, status, model_name, input_tokens, output_tokens,
  total_cost, satisfaction_rating, usefulness_rating, started_at, ended_at
)
select
  format('30000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, tests.id('acme'),
  tests.id(case when n % 3 = 0 then 'bob' else 'alice' end), case when n % 4 > 0 then '20000000-0000-4000-8000-000000000001'::uuid end,
  'x', case when n % 5 = 0 then 'manual' else 'chat' end, case when n % 5 > 0 then case when n % 7 = 0 then 'failed' else 'succeeded' end end,
  case when n % 55 = 0 then 'deleted' else 'completed' end, case when n % 2 = 0 then 'm' end, n, 2 * n,
  case when n % 6 > 0 then n * 0.0000000001 end, nullif(n % 6, 0), nullif(n % 6, 0), moment, moment + n * interval '1 minute'
from generate_series(1, 288) as n,
lateral (select now() - interval '62 days' - interval '2 days' + n * interval '10 minutes' as moment) times;
insert into public.ai_interactions (id, organization_id, user_id, title, started_at) values
  ('31000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('alice'), 'young', now() - interval '61 days');
insert into public.chat_sessions (id, user_id, org_id) values ('40000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, interaction_id, role, content) values
  ('40000000-0000-4000-8000-000000000001', '30000000-0000-4000-8000-000000000001', 'user', 'kept');
insert into public.agent_executions (interaction_id, status) values ('30000000-0000-4000-8000-000000000001', 'succeeded');

create function pg_temp.differences() returns bigint language sql as $$
  select count(*) from public.verify_daily_usage((now() - interval '110 days')::date, now()::date)
$$;
create temporary view figures as
select date, user_id, agent_id, vendor_id, model_name, sum(interactions) as interactions, sum(failed) as failed,
  sum(unpriced) as unpriced,
  sum(recorded) as recorded, sum(recorded_cost) as recorded_cost, sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens, sum(total_cost) as total_cost,
  sum(duration_minutes) as minutes, sum(satisfaction_sum) as satisfaction, sum(satisfaction_count) as satisfied,
  sum(usefulness_sum) as usefulness, sum(usefulness_count) as found_useful
from public.daily_usage where organization_id = tests.id('acme')
group by date, user_id, agent_id, vendor_id, model_name;
create temporary table before as select * from figures;
create temporary table uses as select usage_count from public.agents where name = 'One';

select is(private.remove_old_interactions(tests.id('acme'), 1000), 0, 'what is not counted yet is skipped');
select public.refresh_daily_usage();
select is(pg_temp.differences(), 0::bigint, 'what is read is the ledger');
select is(private.remove_old_interactions(tests.id('acme'), 7), 7, 'a batch is no larger than wanted');
select is(pg_temp.differences(), 0::bigint, 'halfway through a quarter of an hour nothing is different');
select cmp_ok(private.remove_old_interactions(tests.id('acme'), 1000), '>', 275, 'then the others go');
select is(private.remove_old_interactions(tests.id('acme'), 1000), 0, 'a second run changes nothing');
select results_eq(
  'select title from public.ai_interactions where title <> ''x'' order by 1', array['young'],
  'what is younger than the plan says stays'
);
select is_empty(
  $$ select from public.ai_interactions where started_at < now() - interval '62 days 15 minutes' $$,
  'to a quarter of an hour'
);
select is(pg_temp.differences(), 0::bigint, 'verify_daily_usage() still finds nothing');
select set_eq('select * from figures', 'select * from before', 'every figure of every day is what it was');
select is((select usage_count from public.agents where name = 'One'), (select usage_count from uses), 'agents were used as often as before');
select results_eq('select content, interaction_id from public.chat_messages', $$ values ('kept', '30000000-0000-4000-8000-000000000001'::uuid) $$, 'messages stay, and say which turn they were of');

insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'total', 100);
select is(
  (select spent_usd from public.budgets where organization_id = tests.id('acme')),
  (select sum(n * 0.0000000001) from generate_series(1, 288) as n where n % 5 > 0 and n % 6 > 0),
  'a new budget knows what they cost, to the last decimal'
);

update public.organizations set timezone = 'America/St_Johns' where id = tests.id('acme');
select public.refresh_daily_usage();
select is(pg_temp.differences(), 0::bigint, 'in another time zone the days are others, and right');
select is(
  (select row(sum(interactions), sum(total_cost), sum(input_tokens))::text from figures),
  (select row(sum(interactions), sum(total_cost), sum(input_tokens))::text from before), 'and together the same'
);
select public.update_daily_usage_stats((now() - interval '63 days')::date);
select is(pg_temp.differences(), 0::bigint, 'also when a day is counted again');

delete from public.organizations where id = tests.id('acme');
select is_empty('select from public.usage_archive_rollup', 'an organization takes its past along');

select * from finish();
rollback;
