begin;
select plan(14);

select tests.act_as('alice');
select public.delete_organization(tests.id('acme'));
select results_eq(
  'select id, name, role, deleted_at, purged_after from public.deleted_organizations',
  $$ values (tests.id('acme'), 'Acme', 'owner', now(), now() + interval '30 days') $$, 'its owner sees until when it can be restored'
);
select tests.act_as('dave');
select results_eq('select name, role from public.deleted_organizations', $$ values ('Acme', 'viewer') $$, 'a member that it is deleted');
select lives_ok($$ select public.leave_organization(tests.id('acme')) $$, 'and can leave it');
select is_empty('select from public.deleted_organizations', 'permanently');
select tests.refused($$ select public.leave_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'once');
select tests.act_as('eve');
select is_empty('select from public.deleted_organizations', 'an outsider sees nothing of it');
select tests.refused($$ select public.leave_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'and leaves nothing');

select tests.act_as('alice');
select public.restore_organization(tests.id('acme'));
select is_empty('select from public.deleted_organizations', 'restored, it is not deleted');
select is_empty($$ select from public.organization_people where user_id = tests.id('dave') $$, 'and does not take back who left');

-- One that is there is left in the same way.
select tests.refused($$ select public.leave_organization(tests.id('acme')) $$, 409, 'last_owner', 'its last owner stays');
select tests.refused(
  $$ select public.leave_organization((select id from public.organizations where is_personal)) $$, 409, 'last_owner',
  'and a person in the own one'
);
select tests.act_as('carol');
select lives_ok($$ select public.leave_organization(tests.id('acme')) $$, 'a member goes');
select is_empty($$ select from public.organizations where slug = 'acme' $$, 'and sees it no more');
select tests.act_as_anon();
select tests.denied($$ select public.leave_organization(tests.id('acme')) $$, 'a visitor may not ask');

select * from finish();
rollback;
