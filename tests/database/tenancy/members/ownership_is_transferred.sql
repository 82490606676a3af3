begin;
select plan(2);

select tests.act_as('alice');

select lives_ok(
  $$
    update public.organization_members set role = 'owner'
    where organization_id = tests.id('acme') and user_id = tests.id('bob');
    delete from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('alice');
    set constraints all immediate
  $$,
  'an owner makes another one and leaves'
);

select tests.reset();
select results_eq(
  $$
    select user_id, role from public.organization_members
    where organization_id = tests.id('acme') order by user_id
  $$,
  $$ values (tests.id('bob'), 'owner'), (tests.id('carol'), 'agent_manager'), (tests.id('dave'), 'viewer') $$,
  'the organization is the other''s'
);

select * from finish();
rollback;
