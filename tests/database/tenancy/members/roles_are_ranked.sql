begin;
select plan(3);

select results_eq(
  $$
    select private.role_rank(role)
    from unnest(array['viewer', 'member', 'agent_manager', 'admin', 'owner']) with ordinality as roles (role, place)
    order by place
  $$,
  $$ values (1), (2), (3), (4), (5) $$,
  'each role is above the one before'
);
select is(private.role_rank('king'), null, 'an unknown role has no rank');

insert into public.organization_members (organization_id, user_id, role)
values (tests.id('acme'), tests.id('eve'), 'member');
create temporary table allowed (actor text, minimum text, allowed boolean);
grant all on allowed to authenticated;
do $$
declare
  actor text;
begin
  foreach actor in array array['alice', 'bob', 'carol', 'eve', 'dave'] loop
    perform tests.act_as(actor);
    insert into allowed
    select actor, minimum, tests.id('acme') in (select private.my_organizations(minimum))
    from unnest(array['viewer', 'member', 'agent_manager', 'admin', 'owner', 'king']) as minimum;
  end loop;
  perform tests.reset();
end
$$;

select results_eq(
  $$
    select actor, string_agg(minimum, ' ' order by private.role_rank(minimum)) from allowed where allowed
    group by actor order by actor
  $$,
  $$
    values
      ('alice', 'viewer member agent_manager admin owner'),
      ('bob', 'viewer member agent_manager admin'),
      ('carol', 'viewer member agent_manager'),
      ('dave', 'viewer'),
      ('eve', 'viewer member')
  $$,
  'a member passes for the own role and those below, and never for an unknown one'
);

select * from finish();
rollback;
