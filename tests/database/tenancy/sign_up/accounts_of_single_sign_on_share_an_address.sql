begin;
select plan(6);

-- auth.users allows an address twice where one of the accounts comes from single sign-on.
insert into auth.users (id, email, is_sso_user) values
  ('10000000-0000-4000-8000-000000000001', 'alice@example.com', true),
  ('10000000-0000-4000-8000-000000000002', 'alice@example.com', true);
select results_eq(
  $$ select email, is_sso_user from public.profiles where id::text like '10000000-%' $$,
  $$ values ('alice@example.com', true), ('alice@example.com', true) $$,
  'each has a profile with the address'
);
select is(
  (select count(*) from public.organizations where created_by::text like '10000000-%' and is_personal), 2::bigint,
  'and a personal organization'
);
select results_eq(
  $$ select email, is_sso_user from public.profiles where id = tests.id('alice') $$,
  $$ values ('alice@example.com', false) $$,
  'the account with a password keeps its own'
);
select tests.breaks(
  $$ update public.profiles set email = 'alice@example.com' where id = tests.id('bob') $$, 'profiles_email_key',
  'other profiles do not share one'
);

-- A profile that fell behind while triggers were off.
update public.profiles set email = 'frank@example.com' where id = tests.id('bob');
insert into auth.users (id, email) values ('10000000-0000-4000-8000-000000000003', 'frank@example.com');
select results_eq(
  $$ select email from public.profiles where id = '10000000-0000-4000-8000-000000000003' $$, array[null::text],
  'a profile that wrongly holds the address stops no sign-up'
);
update auth.users set last_sign_in_at = now() where id = tests.id('bob');
update auth.users set last_sign_in_at = now() where id = '10000000-0000-4000-8000-000000000003';
select results_eq(
  $$
    select email from public.profiles
    where id in (tests.id('bob'), '10000000-0000-4000-8000-000000000003') order by email
  $$,
  array['bob@example.com', 'frank@example.com'],
  'and each gets its own back with the next sign-in'
);

select * from finish();
rollback;
