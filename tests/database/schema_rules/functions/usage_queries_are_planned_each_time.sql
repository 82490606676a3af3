begin;
select plan(2);

-- After five calls on a connection plpgsql may change to a plan that knows nothing of the caller.
-- Over the views of usage that plan compares each row with each of the caller's organizations.
create temporary view findings as
select functions.oid::regprocedure || ' may be given a plan for any caller' as finding
from pg_proc functions
join pg_language languages on languages.oid = functions.prolang and languages.lanname = 'plpgsql'
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and functions.prosrc ~ '\m(public\.(daily_usage|agent_usage|agent_usage_daily|ai_usage_stats|agent_summary)|private\.usage_realtime)\M'
  and (
    has_function_privilege('authenticated', functions.oid, 'execute')
    or functions.prosrc ~ '\mplanted\M'
  )
  and not coalesce('plan_cache_mode=force_custom_plan' = any (functions.proconfig), false);

select is_empty('select finding from findings', 'what a client asks about usage is planned for that client');

create function public.planted_any() returns bigint language plpgsql as
  $$ begin /* planted */ return (select count(*) from public.daily_usage); end $$;
create function public.planted_caller() returns bigint language plpgsql
  set plan_cache_mode = 'force_custom_plan' as
  $$ begin /* planted */ return (select count(*) from public.daily_usage); end $$;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values ('planted_any() may be given a plan for any caller') $$,
  'a function that reads usage without is reported'
);

select * from finish();
rollback;
