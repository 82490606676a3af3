begin;
select plan(4);

-- Two hundred interactions in sixty days, of as many organizations, and many more without any.
create function pg_temp.idle_organizations(since integer, until integer)
returns void
language sql
as $$
  alter table public.organizations disable trigger user;
  insert into public.organizations (id, name, slug)
  select md5('idle' || n)::uuid, 'idle', 'growth-idle-' || n from generate_series(since, until) n;
  alter table public.organizations enable trigger user;
  insert into public.usage_calendars (organization_id, timezone)
  select md5('idle' || n)::uuid, 'UTC' from generate_series(since, until) n;
  analyze public.usage_calendars;
$$;
create function pg_temp.pause()
returns void
language sql
as $$
  delete from public.usage_daily_rollup;
  delete from public.usage_deltas;
  delete from private.orphaned_calendars;
  update private.usage_watermark
  set rolled_up_until = now() - interval '60 days', next_until = null, next_transaction = null
$$;
select pg_temp.idle_organizations(1, 300);
alter table public.ai_interactions disable trigger user;
insert into public.ai_interactions (organization_id, title, started_at)
select md5('idle' || n)::uuid, 'generated', now() - n * interval '7 hours' from generate_series(1, 200) n;
-- One is so busy that no step is longer than a day.
insert into public.ai_interactions (organization_id, title, started_at, model_name)
select tests.id('acme'), 'generated', now() - day * interval '1 day' - interval '1 hour', 'model ' || n
from generate_series(1, 50) day cross join generate_series(1, 40) n;
alter table public.ai_interactions enable trigger user;
analyze public.ai_interactions;

create temporary table costs (organizations integer, buffers bigint);
select pg_temp.pause();
insert into costs select 300, tests.buffers('select public.refresh_daily_usage()');
select is(
  (select sum(interactions) from public.usage_daily_rollup where date > current_date - 61), 2200::numeric,
  'everything is rolled up'
);
select pg_temp.idle_organizations(301, 10300);
select pg_temp.pause();
-- Each organization is looked at once in the ledger and once in what was archived.
select tests.costs_no_more(
  tests.buffers('select public.refresh_daily_usage()'), buffers,
  'after a pause of 60 days, 10,000 idle organizations are looked at once, and not once in each step', 10000 * 5
)
from costs;
select results_eq(
  $$ select sum(interactions) from public.usage_daily_rollup where date > current_date - 61 $$, $$ values (2200::numeric) $$,
  'with the same result'
);
select cmp_ok(
  tests.buffers('select * from private.calendars_to_catch_up()', 2), '<', 300::bigint,
  'what has to catch up is found without a look at each organization'
);

select * from finish();
rollback;
