-- Five people to try things as, password "agentbase". Loaded once into a new local database, by the
-- stack and by "supabase start"; never meant for a hosted project. Can be repeated.

insert into auth.users (
  id, instance_id, aud, role, email, encrypted_password, email_confirmed_at,
  raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
  -- The platform's Auth server reads these as text and stumbles over null.
  confirmation_token, recovery_token, email_change, email_change_token_new
)
select
  person.id::uuid,
  '00000000-0000-0000-0000-000000000000',
  'authenticated',
  'authenticated',
  person.name || '@example.com',
  extensions.crypt('agentbase', extensions.gen_salt('bf')),
  now(),
  '{"provider": "email", "providers": ["email"]}',
  jsonb_build_object(
    'sub', person.id,
    'email', person.name || '@example.com',
    'email_verified', true,
    'phone_verified', false,
    'full_name', initcap(person.name)
  ),
  now(),
  now(),
  '', '', '', ''
from (
  values
    ('00000000-0000-4000-8000-00000000000a', 'alice'),
    ('00000000-0000-4000-8000-00000000000b', 'bob'),
    ('00000000-0000-4000-8000-00000000000c', 'carol'),
    ('00000000-0000-4000-8000-00000000000d', 'dave'),
    ('00000000-0000-4000-8000-00000000000e', 'eve')
) as person (id, name)
on conflict (id) do nothing;

insert into auth.identities (
  id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at
)
select
  gen_random_uuid(), 'email', users.id::text, users.id, users.raw_user_meta_data,
  now(), now(), now()
from auth.users
where users.email in (
  'alice@example.com', 'bob@example.com', 'carol@example.com', 'dave@example.com', 'eve@example.com'
)
on conflict (provider_id, provider) do nothing;

-- Alice makes the organization, and so owns it. Eve stays outside.
insert into public.organizations (id, name, slug, created_by)
values (
  '00000000-0000-4000-8000-0000000000ac', 'Acme', 'acme', '00000000-0000-4000-8000-00000000000a'
)
on conflict (id) do nothing;

insert into public.organization_members (organization_id, user_id, role, granted_by, last_active_at)
select
  '00000000-0000-4000-8000-0000000000ac',
  member.user_id::uuid,
  member.role,
  '00000000-0000-4000-8000-00000000000a',
  now()
from (
  values
    ('00000000-0000-4000-8000-00000000000b', 'admin'),
    ('00000000-0000-4000-8000-00000000000c', 'agent_manager'),
    ('00000000-0000-4000-8000-00000000000d', 'viewer')
) as member (user_id, role)
on conflict (organization_id, user_id) do nothing;
