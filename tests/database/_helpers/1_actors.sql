-- Who the tests act as. The five people and their organization come from supabase/seed.sql.
create schema tests;
comment on schema tests is 'Helpers of the tests; never part of a migration.';
grant usage on schema tests to anon, authenticated, service_role;

create table tests.actors (name text primary key, id uuid not null unique);
comment on table tests.actors is 'Names that tests use, and the ids that the seed gives them.';
insert into tests.actors (name, id) values
  ('alice', '00000000-0000-4000-8000-00000000000a'),
  ('bob', '00000000-0000-4000-8000-00000000000b'),
  ('carol', '00000000-0000-4000-8000-00000000000c'),
  ('dave', '00000000-0000-4000-8000-00000000000d'),
  ('eve', '00000000-0000-4000-8000-00000000000e'),
  ('acme', '00000000-0000-4000-8000-0000000000ac');
grant select on tests.actors to anon, authenticated, service_role;

create function tests.id(name text)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  found uuid := (select actors.id from tests.actors where actors.name = id.name);
begin
  if found is null then
    raise exception 'Cannot act as "%": no one is called so. See tests.actors', id.name;
  end if;
  return found;
end
$$;
comment on function tests.id(text) is 'The id of alice, bob, carol, dave, eve or acme. Raises for any other name.';

create function tests.act_as(id uuid)
returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', json_build_object(
    'sub', act_as.id, 'role', 'authenticated', 'aud', 'authenticated'
  )::text, true);
  -- begin_chat_turn() sets this one for the rest of the transaction.
  perform set_config('request.jwt.claim.sub', '', true);
  perform set_config('role', 'authenticated', true);
end
$$;
comment on function tests.act_as(uuid) is 'From here on the statements run as this signed-in person, until tests.reset() or the end of the transaction.';

create function tests.act_as(name text)
returns void
language sql
as $$
  select tests.act_as(tests.id(name))
$$;
comment on function tests.act_as(text) is 'tests.act_as(uuid) by name.';

create function tests.act_as_anon()
returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', '{"role": "anon"}', true);
  perform set_config('request.jwt.claim.sub', '', true);
  perform set_config('role', 'anon', true);
end
$$;
comment on function tests.act_as_anon() is 'From here on the statements run as a visitor who is not signed in.';

create function tests.act_as_service()
returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', '{"role": "service_role"}', true);
  perform set_config('request.jwt.claim.sub', '', true);
  perform set_config('role', 'service_role', true);
end
$$;
comment on function tests.act_as_service() is 'From here on the statements run as the edge functions do, with the secret key.';

create function tests.reset()
returns void
language plpgsql
as $$
begin
  -- A setting that was made once reads '' afterwards, not null: the policies must cope with it.
  perform set_config('request.jwt.claims', '', true);
  perform set_config('request.jwt.claim.sub', '', true);
  perform set_config('role', 'none', true);
end
$$;
comment on function tests.reset() is 'Back to postgres, who owns the tables, with no claims.';
