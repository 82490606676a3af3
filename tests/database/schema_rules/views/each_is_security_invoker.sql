begin;
select plan(2);

create temporary view findings as
select views.oid::regclass || case views.relkind
  when 'm' then ' is materialized and open to the API'
  else ' reads with the rights of its owner'
end as finding
from pg_class views
where views.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and case views.relkind
    when 'v' then not coalesce(
      views.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'],
      false
    )
    -- Those that show public fields of rows that the caller may not read, behind a barrier.
    and not (
      views.relnamespace = 'private'::regnamespace
      and views.relname in ('member_directory', 'public_agents', 'public_models')
      and 'security_barrier=true' = any (coalesce(views.reloptions, '{}'))
    )
    when 'm' then has_any_column_privilege('anon', views.oid, 'select')
      or has_any_column_privilege('authenticated', views.oid, 'select')
  end;

select is_empty('select finding from findings', 'every view reads with the rights of who asks');

create view public.planted_owner as select 1 as id;
create view public.public_planted with (security_barrier = true) as select 1 as id;
create view public.planted_off with (security_invoker = false) as select 1 as id;
create view public.planted_caller with (security_invoker = true) as select 1 as id;
create materialized view public.planted_open as select 1 as id;
grant select on public.planted_open to authenticated;
create materialized view public.planted_closed as select 1 as id;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_owner reads with the rights of its owner'),
    ('public_planted reads with the rights of its owner'),
    ('planted_off reads with the rights of its owner'),
    ('planted_open is materialized and open to the API') $$,
  'a view that reads as its owner is reported, and an open materialized one'
);

select * from finish();
rollback;
