begin;
select plan(2);

create temporary view findings as
with definers as (
  select format(
    '%s.%s(%s)', functions.pronamespace::regnamespace, functions.proname,
    oidvectortypes(functions.proargtypes)
  ) as function
  from pg_proc functions
  where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
    and functions.prosecdef
    -- What the backend calls runs as service_role, which docs/security.md says once for all of it.
    and not (
      pg_get_userbyid(functions.proowner) = 'service_role'
      and has_function_privilege('agentbase_functions', functions.oid, 'execute')
    )
)
select 'not in docs/security.md: ' || definers.function as finding
from definers
where definers.function not in (select function from tests.security_definer_inventory)
union all
select 'in docs/security.md, but no SECURITY DEFINER: ' || inventory.function
from tests.security_definer_inventory inventory
where inventory.function not in (select function from definers);

select is_empty('select finding from findings', 'docs/security.md lists the SECURITY DEFINER functions, all of them and no other');

create function private.planted_definer(id uuid, name text) returns integer language sql
  security definer as 'select 1';
create function private.planted_listed() returns integer language sql
  security definer as 'select 1';
create function private.planted_invoker() returns integer language sql as 'select 1';
insert into tests.security_definer_inventory values
  ('private.planted_listed()'), ('private.planted_gone()');

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('not in docs/security.md: private.planted_definer(uuid, text)'),
    ('in docs/security.md, but no SECURITY DEFINER: private.planted_gone()') $$,
  'an unlisted function is reported, and a row without a function; a listed one is not'
);

select * from finish();
rollback;
