begin;
select plan(9);

update public.plans set conversation_days = 30, interaction_days = null where id = 'starter';
update public.organizations set plan = 'pro' where id <> tests.id('acme');
update public.organizations set plan = 'starter' where id = tests.id('acme');
insert into public.ai_interactions (id, organization_id, user_id, title, total_cost, started_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'kept', 3, now() - interval '9999 days');
insert into public.chat_sessions (id, user_id, org_id, title, last_activity_at)
select format('40000000-0000-4000-8000-00000000000%s', n)::uuid, tests.id(person), organization, title, now() - age
from (values
  (1, 'alice', tests.id('acme'), 'old', interval '30 days 1 microsecond'), (2, 'alice', tests.id('acme'), 'young', interval '30 days'),
  (3, 'alice', tests.id('acme'), 'runs', '100 days'),
  (4, 'eve', (select current_organization_id from public.profiles where id = tests.id('eve')), 'forever', '9999 days')
) as sessions (n, person, organization, title, age);
update public.ai_interactions set session_id = '40000000-0000-4000-8000-000000000001';
insert into private.running_turns (organization_id, user_id, title, source, session_id, lease_expires_at) values
  (tests.id('acme'), tests.id('alice'), 'runs', 'chat', '40000000-0000-4000-8000-000000000003', now());
-- A message moves last_activity_at, as it should: these were said then.
alter table public.chat_messages disable trigger count_new_messages;
insert into public.chat_messages (session_id, role, content) select id, 'user', title from public.chat_sessions;

select is(private.remove_old_sessions(tests.id('acme'), 10), 1, 'one conversation is older than its plan keeps it');
select set_eq('select content from public.chat_messages', array['young', 'runs', 'forever'], 'it goes with its messages');
select results_eq(
  $$ select title, total_cost, session_id from public.ai_interactions where title = 'kept' $$,
  $$ values ('kept', 3::numeric(20, 10), null::uuid) $$, 'the ledger keeps what it cost'
);
select is(private.remove_old_sessions(tests.id('acme'), 10), 0, 'a second run changes nothing');
select is(private.retention_cutoff(tests.id('acme')), null, 'a plan may keep interactions forever');

select private.create_partition('api_usage', month) from unnest(array['2020-01-01Z', '2020-02-01Z']::timestamptz[]) as month;
update public.plans set measurement_days = null where id = 'pro';
select is(private.drop_old_measurements(), 0, 'while one plan in use keeps measurements forever, no month goes');
update public.plans set measurement_days = 1;
select is(private.drop_old_measurements(), 2, 'else those that no plan in use keeps');

select tests.breaks($$ update public.plans set interaction_days = 61 $$, 'plan_keeps_interactions_for_two_months', 'interactions stay two months');
select tests.breaks($$ update public.plans set conversation_days = 0 $$, 'plan_keeps_the_rest_for_a_day', 'the rest stays a day');

select * from finish();
rollback;
