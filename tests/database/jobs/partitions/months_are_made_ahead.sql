begin;
select plan(10);

create function pg_temp.months(name text) returns text language sql as $$
  select string_agg(
    coalesce(to_char(starts_at at time zone 'UTC', 'YYYY-MM'), 'default'), ' ' order by starts_at nulls first
  )
  from private.partitions where table_name = name
$$;
create function pg_temp.from_now(months integer) returns text language sql as $$
  select to_char((now() at time zone 'UTC')::date - extract(day from now() at time zone 'UTC')::integer + 1 + months * interval '1 month', 'YYYY-MM')
$$;
select set_eq(
  'select distinct table_name from private.partitions', array['agent_health_checks', 'agent_metrics', 'api_usage'],
  'these tables are partitioned'
);
-- The month of the migrations, which has ended if they ran just before midnight: 0, or 1 if so.
create function pg_temp.months_ago() returns integer language sql as $$
  select (pg_temp.months('api_usage') like 'default ' || pg_temp.from_now(-1) || ' %')::integer
$$;
create temporary table migrated as select pg_temp.months_ago() as months_ago;
select is(
  pg_temp.months('api_usage'),
  concat_ws(
    ' ', 'default', pg_temp.from_now(0 - months_ago), pg_temp.from_now(1 - months_ago),
    pg_temp.from_now(2 - months_ago), pg_temp.from_now(3 - months_ago)
  ),
  'the month of the migrations and the next three are there from the start'
) from migrated;
select is(private.create_partitions_ahead(), 3 * months_ago, 'none is made twice') from migrated;
select is(private.partition_report(), '{"tables": 3, "months_ahead": 3}', 'three months are ahead');

-- The job did not run for months, and rows came.
create table public.planted (id integer, created_at timestamptz not null, primary key (id, created_at)) partition by range (created_at);
select is(private.partition_report(), '{"tables": 4, "months_ahead": 0}', 'a table without any is noticed');
select private.create_partition('planted', null);
insert into public.planted values
  (1, date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'),
  (2, date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - interval '1 microsecond'),
  (3, now());
select is(private.create_partitions_ahead(1), 2, 'what is missing is made');
select results_eq(
  'select id, tableoid::regclass::text from public.planted order by id',
  format(
    $$ values (1, 'partitions.planted_%1$s'), (2, 'partitions.planted_default'), (3, 'partitions.planted_%1$s') $$,
    replace(pg_temp.from_now(0), '-', '_')
  ),
  'what had come for it moves in, and nothing is lost'
);
select is_empty(
  $$
    select partitions.partition_name from private.partitions
    join pg_class on pg_class.oid = ('partitions.' || partition_name)::regclass
    where not relrowsecurity or relacl is not null and relacl <> '{postgres=arwdDxt/postgres}'
  $$,
  'each has row level security, and only its owner has rights on it'
);
select tests.act_as_service();
select tests.denied('select from partitions.api_usage_default', 'not the backend');
select tests.act_as('alice');
select tests.denied('select from partitions.api_usage_default', 'and no person');

select * from finish();
rollback;
