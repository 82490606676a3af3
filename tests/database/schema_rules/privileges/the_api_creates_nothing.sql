begin;
select plan(2);

create temporary view findings as
select format('%s may create in %s', roles.rolname, schemas.nspname) as finding
from pg_roles roles
cross join pg_namespace schemas
where roles.rolname in ('anon', 'authenticated', 'service_role', 'authenticator')
  and schemas.nspname in ('public', 'private', 'extensions', 'auth')
  and has_schema_privilege(roles.oid, schemas.oid, 'create');

select is_empty('select finding from findings', 'the roles of the API create nothing');

grant create on schema private to authenticated;
grant usage on schema private to anon;

select set_eq(
  $$ select finding from findings $$,
  $$ values
    ('authenticated may create in private') $$,
  'a right to create is reported, a right to look inside is not'
);

select * from finish();
rollback;
