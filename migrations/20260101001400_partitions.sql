-- Partitions: append-only tables without references to them are partitioned by month, so that old
-- rows are removed by dropping a partition, without bloat. docs/decisions/partitions.md has the
-- figures. A job creates the next months.

create schema partitions;
comment on schema partitions is
  'The months of partitioned tables. Not exposed by the API, and no one but their owner may look '
  'into it: rows are reached through the table in public, whose policies hold.';

create view private.partitions with (security_invoker = true) as
select
  parents.oid as parent_id,
  parents.relname::text collate "default" as table_name,
  children.relname::text collate "default" as partition_name,
  -- Null for the default partition.
  substring(bounds.text from 'FROM \(''([^'']+)''\)')::timestamptz as starts_at,
  substring(bounds.text from 'TO \(''([^'']+)''\)')::timestamptz as ends_at
from pg_catalog.pg_partitioned_table partitioned
join pg_catalog.pg_class parents on parents.oid = partitioned.partrelid
and parents.relnamespace = 'public'::regnamespace
left join pg_catalog.pg_inherits on pg_inherits.inhparent = parents.oid
left join pg_catalog.pg_class children on children.oid = pg_inherits.inhrelid
cross join lateral (
  select pg_catalog.pg_get_expr(children.relpartbound, children.oid) as text
) bounds;
comment on view private.partitions is
  'The partitions of the tables in public, and partitioned tables that have none.';
comment on column private.partitions.parent_id is 'The table in public.';
comment on column private.partitions.table_name is 'Name of the partitioned table.';
comment on column private.partitions.partition_name is
  'Name of the partition, in the schema partitions.';
comment on column private.partitions.starts_at is
  'Its first moment; null for the default partition.';
comment on column private.partitions.ends_at is
  'The first moment after it; null for the default partition.';
grant select on private.partitions to service_role;

create function private.create_partition(table_name text, month timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
  name text := create_partition.table_name || '_' || coalesce(
    to_char(create_partition.month at time zone 'UTC', 'YYYY_MM'), 'default'
  );
  next_month timestamptz := (
    date_trunc('month', create_partition.month at time zone 'UTC') + interval '1 month'
  ) at time zone 'UTC';
begin
  -- Created separately and then attached, so that the table is locked only for a moment.
  execute format(
    'create table partitions.%I (like public.%I including defaults including constraints)', name,
    create_partition.table_name
  );
  execute format('alter table partitions.%I enable row level security', name);
  execute format(
    'comment on table partitions.%I is %L',
    name,
    'Rows of ' || create_partition.table_name || coalesce(
      to_char(create_partition.month at time zone 'UTC', ' of YYYY-MM'),
      ' of no month that was made'
    ) || '.'
  );
  if create_partition.month is null then
    execute format(
      'alter table public.%I attach partition partitions.%I default', create_partition.table_name,
      name
    );
    return;
  end if;
  -- Rows that were written while the month was missing are moved from the default partition.
  execute format(
    'with moved as (delete from partitions.%I where created_at >= $1 and created_at < $2 '
    'returning *) insert into partitions.%I select * from moved',
    create_partition.table_name || '_default', name
  ) using create_partition.month, next_month;
  execute format(
    'alter table public.%I attach partition partitions.%I for values from (%L) to (%L)',
    create_partition.table_name, name, create_partition.month, next_month
  );
end
$$;
comment on function private.create_partition(text, timestamptz) is
  'Creates the partition of a table for a month, in UTC, or the default partition, which takes '
  'rows without a partition, so that none is lost.';

create function private.create_partitions_ahead(months integer default 3)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  missing record;
  made integer := 0;
begin
  for missing in
    select tables.table_name, wanted.month
    from (select distinct partitions.table_name from private.partitions) tables
    cross join lateral (
      select null::timestamptz as month
      union all
      select (
        date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month'
      ) at time zone 'UTC'
      from generate_series(0, create_partitions_ahead.months) as ahead
    ) wanted
    where not exists (
      select from private.partitions
      where partitions.table_name = tables.table_name
        and partitions.partition_name is not null
        and partitions.starts_at is not distinct from wanted.month
    )
    order by tables.table_name, wanted.month nulls first
  loop
    perform private.create_partition(missing.table_name, missing.month);
    made := made + 1;
  end loop;
  if made > 0 then
    perform private.hide_statistics();
  end if;
  return made;
end
$$;
comment on function private.create_partitions_ahead(integer) is
  'Creates missing partitions of this month and the next months, and returns how many.';

select private.create_partitions_ahead();

create function private.drop_old_partitions(older_than timestamptz)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  old record;
  dropped integer := 0;
begin
  for old in
    select partitions.table_name, partitions.partition_name
    from private.partitions
    where partitions.ends_at <= drop_old_partitions.older_than
      and partitions.ends_at <= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'
    order by partitions.ends_at, partitions.table_name
    -- Each locks its table for a moment; the others follow in the next run.
    limit 12
  loop
    execute format('drop table partitions.%I', old.partition_name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;
comment on function private.drop_old_partitions(timestamptz) is
  'Drops partitions that ended before a moment, at most 12 and never this month''s, and returns '
  'how many. Does nothing for null.';

create function private.partition_report()
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'tables', count(*),
    -- The last moment for which every table is prepared, in months from now.
    'months_ahead', min(tables.months_ahead)
  )
  from (
    select (
      select count(*) from private.partitions ahead
      where ahead.table_name = partitions.table_name and ahead.starts_at > now()
    ) as months_ahead
    from private.partitions
    group by partitions.table_name
  ) tables
$$;
comment on function private.partition_report() is
  'How many tables are partitioned, and how many whole months are prepared in all of them: '
  '{"tables", "months_ahead"}. With less than one, the job that creates them is failing, and rows '
  'go to the default partition.';
grant execute on function private.partition_report() to service_role;
