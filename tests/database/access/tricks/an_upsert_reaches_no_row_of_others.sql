-- An upsert names the key of a row. A stranger who knows it changes nothing, and a person does not move
-- the own row to another key.
begin;
select plan(17);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Alice''s', tests.id('alice'), null),
  ('20000000-0000-4000-8000-000000000002', 'Acme''s', tests.id('alice'), tests.id('acme'));
insert into public.budgets (id, organization_id, period, limit_usd) values
  ('80000000-0000-4000-8000-000000000001', tests.id('acme'), 'day', 5);
insert into public.chat_sessions (id, session_id, user_id, org_id, title) values
  ('90000000-0000-4000-8000-000000000001', 'sess_of_alice_0001', tests.id('alice'), tests.id('acme'), 'x');

select tests.act_as('eve');
select tests.denied(
  format(
    'insert into public.%1$s (%2$s) values (%3$s) on conflict (%4$s) do update set %4$s = excluded.%4$s, %5$s',
    relation, columns, row_values, key, change
  ),
  format('a stranger''s upsert of %s by %s is denied', relation, key)
)
from (values
  ('agents', 'id, name', $$ '20000000-0000-4000-8000-000000000001', 'Eve''s' $$, 'id', 'name = excluded.name'),
  ('agents', 'id, name', $$ '20000000-0000-4000-8000-000000000002', 'Eve''s' $$, 'id', 'name = excluded.name'),
  ('bots', 'id, name', $$ '20000000-0000-4000-8000-000000000001', 'Eve''s' $$, 'id', 'name = excluded.name'),
  ('organizations', 'id, name, slug', $$ tests.id('acme'), 'Eve''s', 'eves' $$, 'id', 'name = excluded.name'),
  ('organizations', 'name, slug', $$ 'Eve''s', 'acme' $$, 'slug', 'name = excluded.name'),
  ('teams', 'name, slug', $$ 'Eve''s', 'acme' $$, 'slug', 'name = excluded.name'),
  ('chat_sessions', 'session_id, title', $$ 'sess_of_alice_0001', 'Eve''s' $$, 'session_id', 'title = excluded.title'),
  ('budgets', 'id, organization_id, period, limit_usd', $$
    '80000000-0000-4000-8000-000000000001', private.my_organization(), 'day', 9
  $$, 'id', 'limit_usd = excluded.limit_usd'),
  ('profiles', 'id, full_name', $$ tests.id('alice'), 'Eve''s' $$, 'id', 'full_name = excluded.full_name'),
  ('users', 'id, full_name', $$ tests.id('alice'), 'Eve''s' $$, 'id', 'full_name = excluded.full_name')
) as attempts (relation, columns, row_values, key, change);
select tests.reset();
select results_eq(
  $$
    select agents.name, organizations.name, budgets.limit_usd::integer, chat_sessions.title, profiles.full_name
    from public.agents, public.organizations, public.budgets, public.chat_sessions, public.profiles
    where agents.id = '20000000-0000-4000-8000-000000000001' and organizations.id = tests.id('acme')
      and profiles.id = tests.id('alice')
  $$,
  $$ values ('Alice''s', 'Acme', 5, 'x', 'Alice') $$,
  'the rows are as they were'
);

select tests.act_as('alice');
select tests.refused(
  $$
    insert into public.budgets (id, organization_id, period, limit_usd)
    values ('80000000-0000-4000-8000-000000000001', tests.id('acme'), 'month', 9)
    on conflict (id) do update set id = excluded.id, organization_id = excluded.organization_id,
      period = excluded.period, limit_usd = excluded.limit_usd
  $$,
  403, 'column_is_fixed', 'what is fixed is refused with a sentence'
);
select tests.refused(
  $$ update public.agents set id = gen_random_uuid() where name = 'Alice''s' $$, 403, 'column_is_fixed', 'and so is another key'
);

-- Websites and access keys go on naming an agent that was deleted.
delete from public.agents where id = '20000000-0000-4000-8000-000000000001';
select tests.act_as('eve');
select tests.denied(
  $$ insert into public.agents (id, name) values ('20000000-0000-4000-8000-000000000001', 'Eve''s') $$,
  'a stranger''s agent does not take its id'
);
select tests.denied(
  $$ insert into public.bots (id, name) values ('20000000-0000-4000-8000-000000000001', 'Eve''s') $$,
  'nor does a bot'
);
select lives_ok(
  $$ insert into public.agents (id, name) values ('20000000-0000-4000-8000-000000000009', 'New') $$,
  'an id that was never used is taken as it is given'
);
select tests.reset();
delete from auth.users where id = tests.id('dave');
select tests.act_as('eve');
select tests.denied(
  $$
    insert into public.profiles (id, full_name) values (tests.id('dave'), 'Eve''s')
    on conflict (id) do update set id = excluded.id
  $$,
  'a profile is not made of the id of an account that is gone'
);

select * from finish();
rollback;
