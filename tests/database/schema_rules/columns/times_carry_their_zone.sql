begin;
select plan(2);

create temporary view findings as
select format('%s.%s is %s', columns.attrelid::regclass, columns.attname, types.typname) as finding
from pg_attribute columns
join pg_class relations on relations.oid = columns.attrelid
join pg_type types on types.oid = columns.atttypid
where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and relations.relkind in ('r', 'p', 'v', 'm')
  and columns.attnum > 0
  and not columns.attisdropped
  -- Seed 004's types: its models compare them with times that have no zone. They are in UTC.
  and columns.attrelid <> 'public.agent_sessions'::regclass
  and types.typname ~ '^_?(timestamp|time|timetz)$';

select is_empty('select finding from findings', 'every time carries its zone');

create table public.planted_times (floating timestamp, fixed timestamptz, day date);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_times.floating is timestamp') $$,
  'a timestamp without a zone is reported, one with it and a day are not'
);

select * from finish();
rollback;
