begin;
select plan(21);

insert into public.organization_invitations (id, organization_id, email, role, token_hash) values
  ('50000000-0000-4000-8000-000000000001', tests.id('acme'), 'eve@example.com', 'member', repeat('0', 64)),
  ('50000000-0000-4000-8000-000000000002', tests.id('acme'), 'frank@example.com', 'member', repeat('1', 64));

select tests.breaks(
  format(
    'update public.organization_invitations set %s where id = ''50000000-0000-4000-8000-000000000001''', change
  ),
  rule, change || ' is refused'
)
from (values
  ('email = ''nobody''', 'invitation_email_has_an_at_sign'),
  ('email = ''a b@example.com''', 'invitation_email_has_an_at_sign'),
  ('email = ''a@b@example.com''', 'invitation_email_has_an_at_sign'),
  ('email = ''@example.com''', 'invitation_email_has_an_at_sign'),
  ('email = repeat(''a'', 244) || ''@example.com''', 'invitation_email_has_an_at_sign'),
  ('email = ''FRANK@example.com''', 'one_open_invitation_per_address'),
  ('role = ''owner''', 'invitation_role_is_known_and_not_owner'),
  ('token_hash = repeat(''g'', 64)', 'token_hash_is_sha256_in_hex'),
  ('token_hash = repeat(''a'', 63)', 'token_hash_is_sha256_in_hex'),
  ('token_hash = repeat(''1'', 64)', 'organization_invitations_token_hash_key'),
  ('expires_at = created_at', 'invitation_expires_after_it_is_made'),
  ('accepted_by = tests.id(''eve'')', 'accepted_by_needs_accepted_at'),
  ('accepted_by = gen_random_uuid(), accepted_at = now()', 'organization_invitations_accepted_by_fkey'),
  ('invited_by = gen_random_uuid()', 'organization_invitations_invited_by_fkey'),
  ('organization_id = gen_random_uuid()', 'organization_invitations_organization_id_fkey'),
  ('id = ''50000000-0000-4000-8000-000000000002''', 'organization_invitations_pkey')
) as broken (change, rule);

select tests.changes(
  format(
    'update public.organization_invitations set %s where id = ''50000000-0000-4000-8000-000000000001''', change
  ),
  1, change
)
from (values
  ('email = repeat(''a'', 243) || ''@example.com'''),
  ('accepted_at = now(), accepted_by = tests.id(''eve'')'),
  ('email = ''FRANK@example.com'''),
  ('accepted_by = null')
) as taken (change);

select tests.act_as('alice');
select tests.refused(
  format($$ select public.invite_member(%L, 'not an address', 'member') $$, tests.id('acme')),
  400, 'invalid_email', 'invite_member() says that the address is invalid'
);

select * from finish();
rollback;
