begin;
select plan(2);

create temporary view findings as
with secrets as (
  select columns.attrelid, columns.attnum, columns.attname
  from pg_attribute columns
  join pg_class relations on relations.oid = columns.attrelid
  where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and relations.relkind in ('r', 'p', 'v', 'm')
    and columns.attnum > 0
    and not columns.attisdropped
    and (
      columns.attname ~ '^(encrypted_key|ciphertext|oauth_data|secret|password)|_(hash|secret|ciphertext)$'
      or exists (
        select from pg_constraint checks
        where checks.conrelid = columns.attrelid
          -- A rule about this column alone: it holds a ciphertext in every row.
          and checks.conkey = array[columns.attnum]
          and pg_get_constraintdef(checks.oid) like '%private.is_ciphertext(%'
      )
    )
)
select format('%s may read %s.%s', roles.role, secrets.attrelid::regclass, secrets.attname) as finding
from secrets
cross join unnest(array['anon', 'authenticated']) as roles (role)
where has_column_privilege(roles.role, secrets.attrelid, secrets.attnum, 'select')
union all
select format('%s publishes %s.%s', published.pubname, secrets.attrelid::regclass, secrets.attname)
from secrets
join pg_class relations on relations.oid = secrets.attrelid
join pg_publication_tables published
  on published.schemaname = relations.relnamespace::regnamespace::text
  and published.tablename = relations.relname
  and secrets.attname = any (published.attnames);

select is_empty('select finding from findings', 'no client reads a ciphertext or a hash, and none is published');

create table public.planted_key (
  id integer,
  encrypted_key text,
  blob text constraint blob_is_ciphertext check (private.is_ciphertext(blob)),
  token_hash text
);
grant select (id, blob) on public.planted_key to authenticated;
create table public.planted_all (id integer, encrypted_key text);
grant select on public.planted_all to anon;
create table public.planted_sent (id integer, token_hash text);
alter publication supabase_realtime add table public.planted_sent;
create table public.planted_part (id integer primary key, token_hash text);
alter publication supabase_realtime add table public.planted_part (id);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('authenticated may read planted_key.blob'),
    ('anon may read planted_all.encrypted_key'),
    ('supabase_realtime publishes planted_sent.token_hash') $$,
  'a secret that can be read or is published is reported; one that stays inside is not'
);

select * from finish();
rollback;
