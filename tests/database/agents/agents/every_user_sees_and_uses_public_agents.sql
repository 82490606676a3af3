begin;
select plan(8);

insert into public.agents (id, name, created_by, organization_id, is_public, enabled) values
  ('20000000-0000-4000-8000-000000000001', 'eve''s', tests.id('eve'), null, false, true),
  ('20000000-0000-4000-8000-000000000002', 'acme''s', tests.id('alice'), tests.id('acme'), false, true),
  ('20000000-0000-4000-8000-000000000003', 'acme''s public', tests.id('alice'), tests.id('acme'), true, true),
  ('20000000-0000-4000-8000-000000000004', 'alice''s', tests.id('alice'), null, false, true),
  ('20000000-0000-4000-8000-000000000005', 'alice''s public, off', tests.id('alice'), null, true, false);

create function pg_temp.names(ids uuid[])
returns text
language sql
security definer
as $$
  select string_agg(name, ', ' order by id) from public.agents where id = any (ids) and id::text like '20000000-%'
$$;
grant execute on function pg_temp.names(uuid[]) to authenticated;
create table pg_temp.all_agents as select id from public.agents;
grant select on pg_temp.all_agents to authenticated;
create function pg_temp.visible(minimum_role text default 'viewer')
returns uuid[]
language sql
as $$
  select array(select id from pg_temp.all_agents where private.sees_agent(id, minimum_role))
$$;
grant execute on function pg_temp.visible(text) to authenticated;

select tests.act_as('eve');
select is(
  pg_temp.names(pg_temp.visible()), 'eve''s, acme''s public',
  'an outsider sees the own and the public ones'
);
select is(pg_temp.names(array(select id from private.editable_agents)), 'eve''s', 'and edits the own');
select is(
  cardinality(pg_temp.visible()), 4, 'and sees the platform''s two'
);

select tests.act_as('dave');
select is(
  pg_temp.names(pg_temp.visible()), 'acme''s, acme''s public', 'a viewer sees the organization''s'
);
select is(
  pg_temp.names(pg_temp.visible('member')), 'acme''s public', 'and uses the public one only'
);
select is(pg_temp.names(array(select id from private.editable_agents)), null, 'and edits none');

select tests.act_as('carol');
select is(
  pg_temp.names(array(select id from private.editable_agents)), 'acme''s, acme''s public', 'an agent manager edits them'
);
select tests.act_as('alice');
select is(
  pg_temp.names(array(select id from private.editable_agents)), 'acme''s, acme''s public, alice''s, alice''s public, off',
  'an owner edits the organization''s and the own'
);

select * from finish();
rollback;
