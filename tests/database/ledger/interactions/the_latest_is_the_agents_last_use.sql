begin;
select plan(4);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));

create function pg_temp.used_after(started timestamptz[])
returns timestamptz
language plpgsql
as $$
declare
  used timestamptz;
begin
  insert into public.ai_interactions (
    organization_id, user_id, agent_id, title, started_at, source, turn_state
  )
  select tests.id('acme'), tests.id('eve'), '20000000-0000-4000-8000-000000000001', 'x', moment,
    'chat', 'succeeded'
  from unnest(started) as moment;
  select last_used_at into used from public.agents where id = '20000000-0000-4000-8000-000000000001';
  return used;
end
$$;

select is(
  pg_temp.used_after(array['2026-01-02', '2026-01-03', '2026-01-01']::timestamptz[]), timestamptz '2026-01-03',
  'of several the latest counts'
);
select is(
  pg_temp.used_after(array['2025-12-01']::timestamptz[]), timestamptz '2026-01-03',
  'one that is entered late does not turn it back'
);
select is(
  pg_temp.used_after(array['2026-01-03 00:00:59']::timestamptz[]), timestamptz '2026-01-03',
  'less than a minute is not worth a write'
);
select is(
  pg_temp.used_after(array['2199-01-01']::timestamptz[]), now(), 'one of the future counts as now'
);

select * from finish();
rollback;
