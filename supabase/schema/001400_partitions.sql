-- The current state of what 001400_partitions.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view private.partitions with (security_invoker=true) as
 SELECT parents.oid AS parent_id,
    ((parents.relname)::text COLLATE "default") AS table_name,
    ((children.relname)::text COLLATE "default") AS partition_name,
    ("substring"(bounds.text, 'FROM \(''([^'']+)''\)'::text))::timestamp with time zone AS starts_at,
    ("substring"(bounds.text, 'TO \(''([^'']+)''\)'::text))::timestamp with time zone AS ends_at
   FROM ((((pg_partitioned_table partitioned
     JOIN pg_class parents ON (((parents.oid = partitioned.partrelid) AND (parents.relnamespace = ('public'::regnamespace)::oid))))
     LEFT JOIN pg_inherits ON ((pg_inherits.inhparent = parents.oid)))
     LEFT JOIN pg_class children ON ((children.oid = pg_inherits.inhrelid)))
     CROSS JOIN LATERAL ( SELECT pg_get_expr(children.relpartbound, children.oid) AS text) bounds);
grant select on private.partitions to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.create_partition(table_name text, month timestamp with time zone)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.create_partitions_ahead(months integer DEFAULT 3)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.drop_old_partitions(older_than timestamp with time zone)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.partition_report()
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.partition_report() to service_role;
