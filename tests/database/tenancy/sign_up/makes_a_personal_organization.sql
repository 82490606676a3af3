begin;
select plan(4);

insert into auth.users (id, email, raw_user_meta_data)
values ('10000000-0000-4000-8000-000000000001', 'frank@example.com', '{"full_name": "Frank Foe"}');

select results_eq(
  $$
    select name, slug, is_personal, timezone, plan, deleted_at
    from public.organizations where created_by = '10000000-0000-4000-8000-000000000001'
  $$,
  $$
    values (
      'Frank Foe''s space', 'personal-10000000-0000-4000-8000-000000000001', true, 'UTC', 'starter', null::timestamptz
    )
  $$,
  'there is one organization, personal, named for its person'
);

select results_eq(
  $$
    select members.role, members.granted_by
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where organizations.created_by = '10000000-0000-4000-8000-000000000001'
  $$,
  $$ values ('owner', '10000000-0000-4000-8000-000000000001'::uuid) $$,
  'the person owns it, and no one else is in it'
);

select results_eq(
  $$
    select organizations.slug
    from public.profiles
    join public.organizations on organizations.id = profiles.current_organization_id
    where profiles.id = '10000000-0000-4000-8000-000000000001'
  $$,
  $$ values ('personal-10000000-0000-4000-8000-000000000001') $$,
  'it is the current one'
);

-- Anybody may take any free slug.
insert into public.organizations (name, slug, created_by)
values ('Squatter', 'personal-10000000-0000-4000-8000-000000000002', tests.id('eve'));
insert into auth.users (id, email) values ('10000000-0000-4000-8000-000000000002', 'grace@example.com');
select results_eq(
  $$
    select name, slug like 'personal-%' from public.organizations
    where created_by = '10000000-0000-4000-8000-000000000002' and is_personal
  $$,
  $$ values ('grace''s space', true) $$,
  'one whose usual slug is taken has another'
);

select * from finish();
rollback;
