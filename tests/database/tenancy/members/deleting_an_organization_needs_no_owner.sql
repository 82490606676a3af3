begin;
select plan(2);

select lives_ok(
  $$ delete from public.organizations where id = tests.id('acme'); set constraints all immediate $$,
  'the rule of the last owner does not hold the backend up'
);
select is_empty(
  $$ select from public.organization_members where organization_id = tests.id('acme') $$,
  'its memberships are gone'
);

select * from finish();
rollback;
