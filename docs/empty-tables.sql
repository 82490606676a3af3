-- Empties all tables of the project, for a load of a dump's data. See docs/backup.md.
do $$
declare
  tables text := (
    select string_agg(format('%I.%I', pg_namespace.nspname, pg_class.relname), ', ')
    from pg_catalog.pg_class
    join pg_catalog.pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname in ('public', 'private') and pg_class.relkind in ('r', 'p')
  );
begin
  execute 'truncate ' || tables;
end
$$;
