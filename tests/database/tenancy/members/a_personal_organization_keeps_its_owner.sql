begin;
select plan(3);

create temporary view personal as
select id from public.organizations where created_by = tests.id('eve') and is_personal;
grant select on personal to authenticated;
insert into public.organization_members (organization_id, user_id, role) select id, tests.id('carol'), 'owner' from personal;

select tests.act_as('eve');
select tests.refused(
  $$
    delete from public.organization_members where organization_id = (select id from personal) and user_id = tests.id('eve');
    set constraints all immediate
  $$,
  409, 'last_owner', 'its person does not leave it to another owner'
);
select tests.act_as('carol');
select tests.refused(
  $$
    update public.organization_members set role = 'member'
    where organization_id = (select id from personal) and user_id = tests.id('eve');
    set constraints all immediate
  $$,
  409, 'last_owner', 'who does not make a member of its person either'
);
select tests.act_as('eve');
select lives_ok(
  $$
    delete from public.organization_members where organization_id = (select id from personal) and user_id = tests.id('carol');
    set constraints all immediate
  $$,
  'its person sends the other away'
);

select * from finish();
rollback;
