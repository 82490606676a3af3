begin;
select plan(2);

create temporary view findings as
select
  coalesce(functions.oid::regprocedure::text, relations.oid::regclass::text)
  || ' has a comment of ' || length(descriptions.description) || ' characters' as finding
from pg_description descriptions
left join pg_proc functions on descriptions.classoid = 'pg_proc'::regclass
  and functions.oid = descriptions.objoid
left join pg_class relations on descriptions.classoid = 'pg_class'::regclass
  and relations.oid = descriptions.objoid
where coalesce(functions.pronamespace, relations.relnamespace)
    in ('public'::regnamespace, 'private'::regnamespace)
  and length(descriptions.description) > 600;

select is_empty('select finding from findings', 'a comment can be read where an editor shows it');

create function private.planted_long() returns integer language sql as 'select 1';
do $$ begin execute format('comment on function private.planted_long() is %L', repeat('x', 601)); end $$;

select results_eq(
  'select finding from findings',
  $$ values ('private.planted_long() has a comment of 601 characters') $$,
  'a longer one is reported'
);

select * from finish();
rollback;
