create table tests.security_definer_inventory (function text primary key);
comment on table tests.security_definer_inventory is 'The functions that docs/security.md lists as SECURITY DEFINER; filled by the test runner.';
grant select on tests.security_definer_inventory to anon, authenticated, service_role;

create function tests.missing_columns(drafted regclass)
returns setof text
language plpgsql
set search_path = ''
as $$
begin
  return query execute format(
    $query$
      select format('%%s.%%s %%s', drafted.relation, drafted.name, drafted.type)
      from %s drafted
      where not exists (
        select from pg_catalog.pg_attribute columns
        where columns.attrelid = to_regclass('public.' || drafted.relation)
          and columns.attname = drafted.name
          and not columns.attisdropped
          and columns.atttypid::regtype::text = any (case
            when drafted.type in ('text', 'varchar') then array['text']
            when drafted.type = 'integer' then array['integer', 'bigint']
            when drafted.type in ('decimal', 'float') then array['numeric']
            when drafted.type in ('timestamp', 'timestamptz')
              then array['timestamp with time zone']
            else array[drafted.type]
          end)
      )
    $query$, missing_columns.drafted
  );
end
$$;
comment on function tests.missing_columns(regclass) is
  'Of a table of drafted columns (relation, name, type), those that public lacks or has with a type '
  'that does not take their values: text takes varchar, numeric takes float and decimal, bigint '
  'takes integer, and times have their zone.';
