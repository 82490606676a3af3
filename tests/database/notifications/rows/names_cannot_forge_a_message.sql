begin;
select plan(9);

-- The functions report as the service role.
select tests.act_as_service();
select is(private.name_to_quote(name), quoted, 'as a name in a sentence: ' || quoted)
from (values
  ('Market watch', 'Market watch'), ('Bob''s', 'Bob''s'),
  ('x" was deleted. Sign in at "evil', 'x'' was deleted. Sign in at ''evil'),
  (U&'a\202Eb\000Ac\001B[2J', 'a b c [2J'),
  (repeat('n', 80), repeat('n', 80)), (repeat('n', 81), repeat('n', 79) || '…')
) as names (name, quoted);

select tests.reset();

-- Wherever a sentence to someone holds a name that someone else chose.
insert into public.agents (id, name, organization_id, created_by, status) values
  ('20000000-0000-4000-8000-000000000001', 'x" ' || repeat('y', 200), tests.id('acme'), tests.id('alice'), 'active');
update public.organizations set name = 'x" ' || repeat('y', 200) where id = tests.id('acme');
update public.agents set status = 'error' where id = '20000000-0000-4000-8000-000000000001';
select tests.act_as_service();
select private.report_failure('20000000-0000-4000-8000-000000000001') from generate_series(1, 5);
select public.warn_of_rate_limit(10, null, tests.id('acme'));
select tests.reset();
select set_eq(
  $$ select distinct type from public.notifications where user_id = tests.id('alice') $$,
  array['agent_status_change', 'agent_error', 'rate_limit_warning'], 'alice hears of her agent and her organization'
);
select is_empty(
  $$
    select message from public.notifications
    where message like '%yyy%' and (message !~ '"x'' y{1,80}…"' or message ~ 'y{81}')
  $$,
  'by names that stay between their quotes, and short'
);
select is(
  (select count(distinct user_id) from public.notifications), 2::bigint, 'no one but her and the admin hears anything'
);

select * from finish();
rollback;
