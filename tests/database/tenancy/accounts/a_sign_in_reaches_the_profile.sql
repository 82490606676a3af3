begin;
select plan(2);

update auth.users set last_sign_in_at = '2026-03-04 05:06:07+00' where id = tests.id('eve');

select results_eq(
  $$ select last_login_at, email from public.profiles where id = tests.id('eve') $$,
  $$ values (timestamptz '2026-03-04 05:06:07+00', 'eve@example.com') $$,
  'the profile knows the last sign-in'
);

update public.profiles set email = 'kept@example.com' where id = tests.id('eve');
update auth.users set last_sign_in_at = last_sign_in_at, email = email where id = tests.id('eve');

select results_eq(
  $$ select email from public.profiles where id = tests.id('eve') $$,
  $$ values ('kept@example.com') $$,
  'an update that changes neither address nor sign-in touches no profile'
);

select * from finish();
rollback;
