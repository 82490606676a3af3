begin;
select plan(3);

select tests.act_as('eve');
select results_eq(
  $$ insert into public.organizations (name, slug) values ('Eve''s shop', 'eves-shop') returning name, created_by $$,
  $$ values ('Eve''s shop', tests.id('eve')) $$,
  'who makes an organization is told so by the same statement'
);

select results_eq(
  $$
    select user_id, role, granted_by, granted_at
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where organizations.slug = 'eves-shop'
  $$,
  $$ values (tests.id('eve'), 'owner', tests.id('eve'), now()) $$,
  'its maker is its owner, and alone in it'
);

select tests.denied(
  $$
    insert into public.organizations (name, slug, created_by)
    values ('Alice''s', 'alices', tests.id('alice'))
  $$,
  'no one makes one in another person''s name'
);

select * from finish();
rollback;
