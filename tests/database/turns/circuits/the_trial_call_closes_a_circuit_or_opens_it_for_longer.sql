begin;
select plan(11);

insert into public.agents (id, name, created_by) values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
create function pg_temp.health()
returns table (state text, opens integer, seconds integer)
language sql
as $$
  select circuit_state, circuit_opens, round(extract(epoch from circuit_retry_at - now()) / 3)::integer * 3
  from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001'
$$;
create function pg_temp.fail_as(state text, opens integer, opened interval)
returns table (opens_now integer, least_seconds boolean, most_seconds boolean)
language plpgsql
as $$
declare
  wanted numeric := least(30 * power(2, opens), 300);
begin
  update public.agent_health
  set circuit_state = fail_as.state, circuit_opens = fail_as.opens, circuit_opened_at = now() - fail_as.opened,
      circuit_retry_at = now()
  where agent_id = '20000000-0000-4000-8000-000000000001';
  perform private.report_failure('20000000-0000-4000-8000-000000000001');
  return query
  select circuit_opens, extract(epoch from circuit_retry_at - now()) >= 0.9 * wanted,
    extract(epoch from circuit_retry_at - now()) <= 1.1 * wanted
  from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001';
end
$$;

select results_eq(
  format($$ select * from pg_temp.fail_as('half_open', %s, '9 minutes') $$, opens),
  format('values (%s, true, true)', opens + 1), format('after %s times, twice as long, up to five minutes', opens)
)
from unnest(array[1, 2, 3, 4, 9, 1000]) as opens;

update public.agent_health
set circuit_opens = 4, circuit_state = 'half_open', circuit_opened_at = now() - interval '10 minutes', circuit_retry_at = now()
where agent_id = '20000000-0000-4000-8000-000000000001';
select private.report_failure('20000000-0000-4000-8000-000000000001');
select results_eq(
  $$
    select circuit_opens, extract(epoch from circuit_retry_at - now()) between 27 and 33
    from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001'
  $$,
  'values (1, true)', 'after ten quiet minutes it begins again at thirty seconds'
);

select private.report_failure('20000000-0000-4000-8000-000000000001');
select results_eq(
  $$ select circuit_opens from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001' $$,
  'values (1)', 'a call that was on its way when it opened does not open it again'
);

-- A call from before the opening fails while a try runs that began just now.
update public.agent_health
set circuit_opens = 0, circuit_state = 'half_open', circuit_retry_at = now() + interval '1 minute'
where agent_id = '20000000-0000-4000-8000-000000000001';
select private.report_failure('20000000-0000-4000-8000-000000000001');
select results_eq(
  $$
    select circuit_state, circuit_opens, circuit_retry_at = now() + interval '1 minute'
    from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$ values ('open', 1, true) $$, 'a late failure admits no second try while one runs'
);

update public.agent_health
set circuit_state = 'closed', consecutive_failures = 4, circuit_opens = 0, circuit_retry_at = now() + interval '1 minute'
where agent_id = '20000000-0000-4000-8000-000000000001';
select private.report_failure('20000000-0000-4000-8000-000000000001');
select results_eq(
  $$
    select circuit_state, circuit_retry_at < now() + interval '34 seconds'
    from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$ values ('open', true) $$, 'a circuit that was closed has no try to wait for'
);

update public.agent_health set circuit_state = 'half_open' where agent_id = '20000000-0000-4000-8000-000000000001';
select private.report_success('20000000-0000-4000-8000-000000000001', 12);
select results_eq(
  $$
    select circuit_state, circuit_retry_at, consecutive_failures, status, latency_ms, circuit_opens
    from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$ values ('closed', null::timestamptz, 0, 'healthy', 12, 1) $$,
  'a success closes it, and how often it opened is remembered'
);

select * from finish();
rollback;
