-- Estimates: the planner's statistics cover all rows, including those that row level security hides
-- from a caller, so an estimate reveals their contents. Therefore no statistics are kept on
-- content, and clients receive no estimates. docs/decisions/planner-statistics.md says what is kept
-- and why.

create view private.statistics_columns with (security_invoker = true) as
select
  relations.oid as table_id,
  columns.attnum as number,
  columns.attname::text collate "default" as name,
  -- Where plans need them, and where a value reveals no more than the schema or an id does.
  types.typcategory in ('B', 'D')
  -- Anyone can compute the fingerprint of a guessed text.
  or (types.typname = 'uuid' and columns.attname <> 'content_fingerprint')
  or exists (
    select from pg_catalog.pg_constraint rules
    join pg_catalog.pg_attribute ruled on ruled.attrelid = rules.conrelid
    and ruled.attname = columns.attname
    where rules.conrelid in (relations.oid, parents.oid)
      and ruled.attnum = any (rules.conkey)
      and types.typcategory = 'S'
      and (
        rules.contype = 'f'
        or pg_catalog.pg_get_constraintdef(rules.oid) ~ format(
          '^CHECK \(\(%s = ANY \(ARRAY\[[^\]]*\]\)\)\)$', columns.attname
        )
      )
  ) as is_kept,
  coalesce(columns.attstattarget, -1) <> 0 as is_collected
from pg_catalog.pg_class relations
join pg_catalog.pg_namespace schemas on schemas.oid = relations.relnamespace
left join pg_catalog.pg_inherits on pg_inherits.inhrelid = relations.oid
left join pg_catalog.pg_class parents on parents.oid = pg_inherits.inhparent
join pg_catalog.pg_attribute columns
  on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
join pg_catalog.pg_type types on types.oid = columns.atttypid
where schemas.nspname in ('public', 'partitions')
  and relations.relkind in ('r', 'p')
  -- A table that all users can read has nothing to hide.
  and not exists (
    select from pg_catalog.pg_policy policies
    where policies.polrelid in (relations.oid, parents.oid)
      and policies.polcmd in ('r', '*') and policies.polpermissive
      and pg_catalog.pg_get_expr(policies.polqual, policies.polrelid) = 'true'
  );
comment on view private.statistics_columns is
  'Columns of the tables in which row level security hides rows, and of their partitions.';
comment on column private.statistics_columns.table_id is 'The table, by its oid.';
comment on column private.statistics_columns.number is 'The column''s number.';
comment on column private.statistics_columns.name is 'The column''s name.';
comment on column private.statistics_columns.is_kept is
  'Statistics are kept: of ids and references, times, flags, and words of a closed list. False '
  'for texts, documents, lists and numbers.';
comment on column private.statistics_columns.is_collected is
  'ANALYZE collects statistics of it at present.';

create function private.clear_statistics(table_id regclass, name text, number smallint)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = current_user and rolsuper) then
    delete from pg_catalog.pg_statistic
    where starelid = clear_statistics.table_id and staattnum = clear_statistics.number;
    return true;
  end if;
  -- The same type again: the rows stay as they are, and Postgres drops the statistics.
  execute format(
    'alter table %s alter column %I type %s', table_id, clear_statistics.name,
    (
      select pg_catalog.format_type(columns.atttypid, columns.atttypmod)
      from pg_catalog.pg_attribute columns
      where columns.attrelid = clear_statistics.table_id
        and columns.attnum = clear_statistics.number
    )
  );
  return true;
exception when feature_not_supported then
  -- A view, a policy or a trigger names the column.
  return false;
end
$$;
comment on function private.clear_statistics(regclass, text, smallint) is
  'Removes existing statistics of a column; false if only a superuser can.';

create function private.hide_statistics()
returns setof text
language plpgsql
set search_path = ''
as $$
declare
  hidden record;
begin
  for hidden in
    select columns.table_id::regclass as relation, columns.*
    from private.statistics_columns columns
    where not columns.is_kept
  loop
    if hidden.is_collected then
      execute format(
        'alter table only %s alter column %I set statistics 0', hidden.relation, hidden.name
      );
    end if;
    if exists (
      select from pg_catalog.pg_stats found
      where format('%I.%I', found.schemaname, found.tablename)::regclass = hidden.relation
        and found.attname = hidden.name
    ) and not private.clear_statistics(hidden.relation, hidden.name, hidden.number) then
      return next format('%s.%I', hidden.relation, hidden.name);
    end if;
  end loop;
  -- An index on an expression has statistics of its own. Recreated it has none.
  for hidden in
    select
      indexes.indexrelid::regclass as relation, columns.attnum as number
    from pg_catalog.pg_index indexes
    join pg_catalog.pg_attribute columns on columns.attrelid = indexes.indexrelid
    where indexes.indexprs is not null
      and indexes.indkey[columns.attnum - 1] = 0
      and indexes.indrelid in (select tables.table_id from private.statistics_columns tables)
      and coalesce(columns.attstattarget, -1) <> 0
  loop
    execute format(
      'drop index %1$s; %2$s; alter index %1$s alter column %3$s set statistics 0',
      hidden.relation, pg_catalog.pg_get_indexdef(hidden.relation), hidden.number
    );
  end loop;
end
$$;
comment on function private.hide_statistics() is
  'Disables statistics on content and clears existing ones; returns the columns whose old '
  'statistics only a superuser can clear. Idempotent.';

-- What the Data API calls before each request, in the request's transaction and role.
create function private.check_request()
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if current_user = 'service_role' then
    return;
  end if;
  if headers ->> 'prefer' ~* 'count\s*=\s*"?(planned|estimated)' then
    perform private.refuse(
      'estimated_count_refused',
      'Cannot count by estimate: an estimate reveals the number of rows that you may not see.',
      'Send "Prefer: count=exact".'
    );
  end if;
  if headers ->> 'accept' ~* 'vnd\.pgrst\.plan' then
    perform private.refuse(
      'plan_refused',
      'Cannot show the plan of a query: its estimates reveal the number of rows that you may not '
      'see.'
    );
  end if;
end
$$;
comment on function private.check_request() is
  'Called by the Data API before each request (pgrst.db_pre_request): refuses requests that would '
  'reveal rows that the caller may not see. Errors: PT400 estimated_count_refused, PT406 '
  'plan_refused.';
grant execute on function private.check_request() to anon, authenticated, service_role;
