begin;
select plan(2);

select tests.refused(
  $$
    insert into public.organizations (name, slug, created_by) values ('Nobody''s', 'nobodys', null);
    set constraints all immediate
  $$,
  409, 'last_owner', 'an organization without an owner is refused when the transaction ends'
);

select lives_ok(
  $$
    insert into public.organizations (id, name, slug, created_by)
    values ('60000000-0000-4000-8000-000000000001', 'Eve''s', 'eves', null);
    insert into public.organization_members (organization_id, user_id, role)
    values ('60000000-0000-4000-8000-000000000001', tests.id('eve'), 'owner');
    set constraints all immediate
  $$,
  'one that gets its owner in the same transaction is not'
);

select * from finish();
rollback;
