begin;
select plan(3);

select tests.refused(
  $$ delete from auth.users where id = tests.id('alice'); set constraints all immediate $$,
  409, 'last_owner',
  'the account of the only owner of an organization cannot go'
);

update public.organization_members set role = 'owner'
where user_id = tests.id('bob') and organization_id = tests.id('acme');
delete from auth.users where id = tests.id('alice');
set constraints all immediate;

select results_eq(
  $$
    select user_id from public.organization_members
    where organization_id = tests.id('acme') and role = 'owner'
  $$,
  $$ values (tests.id('bob')) $$,
  'once there is another owner, it can'
);

select results_eq(
  $$ select created_by from public.organizations where id = tests.id('acme') $$,
  $$ values (null::uuid) $$,
  'the organization forgets who made it'
);

select * from finish();
rollback;
