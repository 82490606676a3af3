begin;
select plan(2);

insert into public.organization_invitations (organization_id, email, role, token_hash, invited_by) values
  (tests.id('acme'), 'frank@example.com', 'member', repeat('0', 64), tests.id('bob'));
insert into public.organization_invitations
  (organization_id, email, role, token_hash, accepted_at, accepted_by) values
  (tests.id('acme'), 'eve@example.com', 'member', repeat('1', 64), now(), tests.id('eve'));

delete from auth.users where id in (tests.id('bob'), tests.id('eve'));
select results_eq(
  'select email, invited_by, accepted_by from public.organization_invitations order by email',
  $$ values ('eve@example.com', null::uuid, null::uuid) $$,
  'one that was accepted outlives who accepted, an open one not who invited'
);

delete from public.organizations where id = tests.id('acme');
select is_empty('select id from public.organization_invitations', 'but not its organization');

select * from finish();
rollback;
