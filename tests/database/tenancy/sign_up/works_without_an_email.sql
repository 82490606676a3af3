begin;
select plan(2);

insert into auth.users (id, email, phone) values
  ('10000000-0000-4000-8000-000000000001', null, '4915100000001'),
  ('10000000-0000-4000-8000-000000000002', '', '4915100000002');

select results_eq(
  $$ select email from public.profiles where id::text like '10000000-%' order by id $$,
  $$ values (null::text), (null) $$,
  'an account without e-mail, whether null or empty, has a profile without one'
);

select is(
  (select count(*) from public.organization_members where user_id::text like '10000000-%' and role = 'owner'),
  2::bigint,
  'and a personal organization'
);

select * from finish();
rollback;
