begin;
select plan(2);

select tests.breaks(
  $$ insert into public.agents (name, is_platform) values ('droid', true) $$,
  'platform_agent_name_is_unique', 'there is one platform agent of a name'
);

select lives_ok(
  $$
    insert into public.agents (name, created_by, organization_id) values
      ('droid', tests.id('eve'), null), ('droid', tests.id('eve'), null), ('droid', null, tests.id('acme'))
  $$,
  'people and organizations may use the name too, and repeat their own'
);

select * from finish();
rollback;
