begin;
select plan(3);

update auth.users set email = 'eva@example.com' where id = tests.id('eve');

select results_eq(
  $$ select email from public.profiles where id = tests.id('eve') $$,
  $$ values ('eva@example.com') $$,
  'the profile follows the account'
);

update auth.users set email = '' where id = tests.id('eve');

select results_eq(
  $$ select email from public.profiles where id = tests.id('eve') $$,
  $$ values (null::text) $$,
  'an empty address is none'
);

select results_eq(
  $$ select email from public.profiles where id = tests.id('alice') $$,
  $$ values ('alice@example.com') $$,
  'other profiles keep theirs'
);

select * from finish();
rollback;
