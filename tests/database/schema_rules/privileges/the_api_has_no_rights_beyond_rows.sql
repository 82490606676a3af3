begin;
select plan(2);

-- Policies govern rows. They do not govern TRUNCATE, and a trigger runs with the writer's rights.
create temporary view findings as
select format(
  '%s may %s %s', grants.grantee::regrole, lower(grants.privilege_type), relations.oid::regclass
) as finding
from pg_class relations
cross join lateral aclexplode(relations.relacl) as grants
where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and relations.relkind in ('r', 'p', 'v', 'm')
  and grants.grantee <> relations.relowner
  and (
    grants.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    or pg_get_userbyid(grants.grantee) not in ('anon', 'authenticated', 'service_role')
  )
union all
select format('%s may reference %s.%s', grants.grantee::regrole, columns.attrelid::regclass, columns.attname)
from pg_attribute columns
join pg_class relations on relations.oid = columns.attrelid
cross join lateral aclexplode(columns.attacl) as grants
where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and grants.privilege_type = 'REFERENCES';

select is_empty('select finding from findings', 'the roles of the API hold no truncate, references or trigger, and everyone holds nothing');

create table public.planted_rights (id integer);
grant select, truncate on public.planted_rights to authenticated;
grant trigger on public.planted_rights to service_role;
grant references (id) on public.planted_rights to anon;
create table public.planted_public (id integer);
grant select on public.planted_public to public, authenticator;
create table public.planted_good (id integer);
grant select, insert, update, delete on public.planted_good to authenticated;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('authenticated may truncate planted_rights'),
    ('service_role may trigger planted_rights'),
    ('anon may reference planted_rights.id'),
    ('- may select planted_public'),
    ('authenticator may select planted_public') $$,
  'rights that policies do not govern are reported; rights on rows are not'
);

select * from finish();
rollback;
