begin;
select plan(2);

-- Money is added up, and sums of floating point depend on the order of the rows.
create temporary view findings as
with used (name, type) as (
  select format('%s.%s', columns.attrelid::regclass, columns.attname), columns.atttypid
  from pg_attribute columns
  join pg_class relations on relations.oid = columns.attrelid
  where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and relations.relkind in ('r', 'p', 'v', 'm')
    and columns.attnum > 0
    and not columns.attisdropped
  union all
  select format('%s.%s', functions.oid::regprocedure, arguments.name), arguments.type
  from pg_proc functions
  cross join lateral unnest(
    array['result'] || coalesce(functions.proargnames, '{}'),
    array[functions.prorettype] || coalesce(functions.proallargtypes, functions.proargtypes)
  ) as arguments (name, type)
  where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
)
select format('%s is %s', used.name, types.typname) as finding
from used
join pg_type types on types.oid = used.type
where types.typname ~ '^_?(float4|float8|money)$'
  and used.name ~* '(cost|price|amount|budget|spen[dt]|balance|fee|usd)';

select is_empty('select finding from findings', 'nothing that could be money is floating point');

create table public.planted_price (rough double precision, exact numeric(18, 8));
create table public.planted_score (rating real);
create function public.planted_cost(tokens bigint) returns real language sql as 'select 1';
create function public.planted_sum(cost numeric) returns numeric language sql as 'select 1';
create function public.planted_rows() returns table (rating real, spend double precision)
language sql as 'select 1, 1';

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_price.rough is float8'),
    ('planted_cost(bigint).result is float4'),
    ('planted_rows().spend is float8') $$,
  'double precision and real are reported; numeric is not, nor what is no money'
);

select * from finish();
rollback;
