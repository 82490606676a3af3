begin;
select plan(7);

create temporary view reachable as
select relations.oid::regclass as relation, roles.role
from pg_class relations
cross join unnest(array['anon', 'authenticated']) as roles (role)
where relations.relnamespace = 'private'::regnamespace
  and relations.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and (
    has_table_privilege(roles.role, relations.oid, 'select, insert, update, delete, truncate, references, trigger')
    or relations.relkind <> 'S' and has_any_column_privilege(roles.role, relations.oid, 'select, insert, update, references')
  )
  -- Views of the API are made of these, and the API itself shows none of them. One that asks as its
  -- caller shows nothing that the caller does not see elsewhere.
  and not (
    relations.relkind = 'v'
    and (
      'security_invoker=true' = any (coalesce(relations.reloptions, '{}'))
      -- Public fields of what its owner shares, which views of the API of the same name show.
      or relations.relname in ('member_directory', 'public_agents', 'public_models')
        and 'security_barrier=true' = any (coalesce(relations.reloptions, '{}'))
    )
    and not has_table_privilege(roles.role, relations.oid, 'insert, update, delete, truncate, references, trigger')
  );

select is_empty('select relation, role from reachable', 'no client reaches a table in private, or a view that does not ask as its caller');

create table private.planted (id integer);
grant select (id) on private.planted to authenticated;
select set_eq(
  'select relation::text, role from reachable', $$ values ('private.planted', 'authenticated') $$,
  'one that a client reaches is reported'
);
drop table private.planted;
create view private.planted as select profiles.email from public.profiles;
grant select on private.planted to authenticated;
select set_eq(
  'select relation::text, role from reachable', $$ values ('private.planted', 'authenticated') $$,
  'a view that asks as its owner, too'
);
drop view private.planted;

select is_empty(
  $$
    select roles.role from unnest(array['anon', 'authenticated', 'service_role']) as roles (role)
    where has_schema_privilege(roles.role, 'private', 'create')
  $$,
  'no one but the migrations makes anything there'
);
select tests.act_as('alice');
select tests.denied(
  $$ create function private.my_organizations(integer) returns integer language sql as 'select 1' $$,
  'a client adds no helper of its own'
);
select tests.denied($$ select private.token_hash('inv_x') $$, 'a helper that no policy needs is denied');
select tests.denied(
  $$ select private.impersonate(jsonb_build_object('user_id', tests.id('bob'))) $$, 'no one becomes another user'
);

select * from finish();
rollback;
