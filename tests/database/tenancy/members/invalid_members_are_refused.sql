begin;
select plan(11);

select tests.breaks(
  format(
    'update public.organization_members set %s where (organization_id, user_id) = (%L, %L)',
    change, tests.id('acme'), tests.id('dave')
  ),
  rule, change || ' is refused'
)
from (values
  ('role = ''king''', 'role_is_known'),
  ('permissions = ''[]''', 'permissions_are_an_object'),
  ('granted_by = gen_random_uuid()', 'organization_members_granted_by_fkey'),
  ('organization_id = gen_random_uuid()', 'organization_members_organization_id_fkey'),
  ('user_id = gen_random_uuid()', 'organization_members_user_id_fkey'),
  ('user_id = tests.id(''carol'')', 'organization_members_pkey')
) as broken (change, rule);

select tests.changes(
  format(
    'update public.organization_members set role = %L where (organization_id, user_id) = (%L, %L)',
    role, tests.id('acme'), tests.id('dave')
  ),
  1, role || ' is a role'
)
from unnest(array['owner', 'admin', 'agent_manager', 'member', 'viewer']) as role;

select * from finish();
rollback;
