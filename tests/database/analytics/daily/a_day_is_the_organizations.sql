begin;
select plan(23);

create function pg_temp.day_of(zone text, started timestamptz)
returns date[]
language plpgsql
as $$
declare
  days date[];
begin
  delete from public.ai_interactions;
  update public.organizations set timezone = zone where id = tests.id('acme');
  insert into public.ai_interactions (organization_id, user_id, agent_id, title, started_at)
  select tests.id('acme'), tests.id('alice'), agents.id, 'x', started from public.agents where agents.name = 'droid';
  perform public.update_daily_usage_stats(day::date)
  from generate_series(started::date - 2, started::date + 2, interval '1 day') as day;
  select array_agg(date order by date) into days from public.ai_usage_stats where total_interactions = 1;
  if days is distinct from (select array_agg(date order by date) from public.agent_usage_daily) then
    raise exception 'person and agent disagree';
  end if;
  return days;
end
$$;

select is(pg_temp.day_of(zone, started), array[wanted], format('%s in %s', started, zone))
from (values
  ('UTC', timestamptz '2026-05-05 00:00:00+00', date '2026-05-05'),
  ('UTC', '2026-05-04 23:59:59.999999+00', '2026-05-04'),
  ('Europe/Berlin', '2026-05-04 22:00:00+00', '2026-05-05'),
  ('Europe/Berlin', '2026-05-04 21:59:59.999999+00', '2026-05-04'),
  ('Pacific/Kiritimati', '2026-05-04 10:00:00+00', '2026-05-05'),
  ('Pacific/Kiritimati', '2026-05-04 09:59:59.999999+00', '2026-05-04'),
  ('Etc/GMT+12', '2026-05-05 12:00:00+00', '2026-05-05'),
  ('Etc/GMT+12', '2026-05-05 11:59:59.999999+00', '2026-05-04'),
  ('Asia/Kathmandu', '2026-05-04 18:15:00+00', '2026-05-05'),
  ('Asia/Kathmandu', '2026-05-04 18:14:59+00', '2026-05-04'),
  -- The end of a month, of a year, and of February in a leap year.
  ('America/New_York', '2026-06-01 03:59:59+00', '2026-05-31'),
  ('America/New_York', '2026-06-01 04:00:00+00', '2026-06-01'),
  ('Asia/Tokyo', '2025-12-31 15:00:00+00', '2026-01-01'),
  ('UTC', '2024-02-29 23:59:59+00', '2024-02-29'),
  -- Berlin's clocks go from 2 to 3 on March 29, 2026 and from 3 to 2 on October 25.
  ('Europe/Berlin', '2026-03-28 22:59:59+00', '2026-03-28'),
  ('Europe/Berlin', '2026-03-28 23:00:00+00', '2026-03-29'),
  ('Europe/Berlin', '2026-03-29 21:59:59+00', '2026-03-29'),
  ('Europe/Berlin', '2026-03-29 22:00:00+00', '2026-03-30'),
  ('Europe/Berlin', '2026-10-24 22:00:00+00', '2026-10-25'),
  ('Europe/Berlin', '2026-10-25 00:30:00+00', '2026-10-25'),
  ('Europe/Berlin', '2026-10-25 01:30:00+00', '2026-10-25'),
  ('Europe/Berlin', '2026-10-25 22:59:59+00', '2026-10-25'),
  ('Europe/Berlin', '2026-10-25 23:00:00+00', '2026-10-26')
) as examples (zone, started, wanted);

select * from finish();
rollback;
