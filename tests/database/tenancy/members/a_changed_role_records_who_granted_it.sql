begin;
select plan(1);

update public.organization_members
set granted_at = '2026-01-01', granted_by = tests.id('alice') where organization_id = tests.id('acme');

select tests.act_as('bob');
update public.organization_members set role = 'member'
where organization_id = tests.id('acme') and user_id = tests.id('dave');
update public.organization_members set role = 'agent_manager', permissions = '{"a": true}'
where organization_id = tests.id('acme') and user_id = tests.id('carol');

select results_eq(
  $$
    select user_id, role, granted_by, granted_at from public.organization_members
    where organization_id = tests.id('acme') and user_id in (tests.id('carol'), tests.id('dave'))
    order by user_id
  $$,
  $$
    values
      (tests.id('carol'), 'agent_manager', tests.id('alice'), timestamptz '2026-01-01'),
      (tests.id('dave'), 'member', tests.id('bob'), now())
  $$,
  'the new role is the caller''s gift of now; a role that stays is who gave it''s'
);

select * from finish();
rollback;
