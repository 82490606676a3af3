begin;
select plan(1);

select lives_ok(
  $$
    update public.organization_members set role = 'member' where organization_id = tests.id('acme');
    update public.organization_members set role = 'owner'
    where organization_id = tests.id('acme') and user_id = tests.id('dave');
    set constraints all immediate
  $$,
  'within a transaction an organization may be without an owner'
);

select * from finish();
rollback;
