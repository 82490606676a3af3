begin;
select plan(3);

create temporary table asked as
select people.name as person, organizations.id as organization, roles.role
from unnest(array['alice', 'bob', 'carol', 'dave', 'eve']) people (name)
cross join public.organizations
cross join unnest(array['viewer', 'member', 'agent_manager', 'admin', 'owner']) roles (role);
create function pg_temp.answers(person text)
returns table (organization uuid, role text, one boolean, among_all boolean)
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', tests.id(person))::text, true);
  return query
  select
    asked.organization, asked.role, private.has_role(asked.organization, asked.role),
    asked.organization in (select private.my_organizations(asked.role))
  from asked where asked.person = answers.person;
end
$$;
create function pg_temp.compare(claim text)
returns text
language sql
as $$
  select extensions.is_empty(
    $q$
      select person, given.* from unnest(array['alice', 'bob', 'carol', 'dave', 'eve']) person,
        pg_temp.answers(person) given
      where given.one is distinct from given.among_all
    $q$, claim
  )
$$;
select pg_temp.compare('has_role() agrees with my_organizations() for each organization and role');

update public.organizations set deleted_at = now() where id = tests.id('acme');
update public.profiles set status = 'suspended' where id = tests.id('eve');
select pg_temp.compare('a deleted organization and a suspended account give no role');
select set_eq(
  $$ select one from pg_temp.answers('eve') $$, array[false], 'not even in the personal one'
);

select * from finish();
rollback;
