begin;
select plan(3);

create temporary view findings as
select format(
  'default of %s in %s: %s to %s', defaults.defaclrole::regrole,
  coalesce(nullif(defaults.defaclnamespace, 0)::regnamespace::text, 'every schema'),
  lower(grants.privilege_type), coalesce(nullif(grants.grantee, 0)::regrole::text, 'everyone')
) as finding
from pg_default_acl defaults
cross join lateral aclexplode(defaults.defaclacl) as grants
where pg_get_userbyid(defaults.defaclrole) = 'postgres'
  and grants.grantee <> defaults.defaclrole;

select is_empty('select finding from findings', 'no default grants anything to the roles of the API');

create table public.planted_default (id bigint generated always as identity);
create function public.planted_default() returns integer language sql as 'select 1';
create function private.planted_default() returns integer language sql as 'select 1';
alter default privileges in schema public grant select on tables to anon;

select set_eq(
  $$ select finding from findings $$,
  $$ values
    ('default of postgres in public: select to anon') $$,
  'an open default is reported'
);

select is_empty(
  $$
    select roles.role
    from unnest(array['anon', 'authenticated', 'service_role']) as roles (role)
    where has_any_column_privilege(roles.role, 'public.planted_default', 'select, insert, update, references')
      or has_table_privilege(roles.role, 'public.planted_default', 'delete, truncate, trigger')
      or has_sequence_privilege(roles.role, 'public.planted_default_id_seq', 'usage, select, update')
      or has_function_privilege(roles.role, 'public.planted_default()', 'execute')
      or has_function_privilege(roles.role, 'private.planted_default()', 'execute')
  $$,
  'a new table, sequence or function is closed to the roles of the API'
);

select * from finish();
rollback;
