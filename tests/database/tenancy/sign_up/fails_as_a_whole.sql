begin;
select plan(3);

-- Two accounts may share an address where one comes from single sign-on; two profiles may not.
select tests.breaks(
  $$
    insert into auth.users (id, email, is_sso_user)
    values ('10000000-0000-4000-8000-000000000001', 'alice@example.com', true)
  $$,
  'profiles_email_key',
  'an address that a profile has already is refused'
);

select is_empty(
  $$ select id from auth.users where id = '10000000-0000-4000-8000-000000000001' $$,
  'the account was not made either'
);

select is_empty(
  $$ select id from public.organizations where slug = 'personal-10000000-0000-4000-8000-000000000001' $$,
  'nor its organization'
);

select * from finish();
rollback;
