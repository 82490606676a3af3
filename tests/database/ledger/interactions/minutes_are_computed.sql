begin;
select plan(8);

create function pg_temp.minutes(started timestamptz, ended timestamptz, given integer)
returns integer
language plpgsql
as $$
declare
  minutes integer;
begin
  insert into public.ai_interactions (organization_id, title, started_at, ended_at, duration_minutes)
  values (tests.id('acme'), 'x', started, ended, given)
  returning duration_minutes into minutes;
  return minutes;
end
$$;

select is(pg_temp.minutes('2026-01-01 12:00+00', '2026-01-01 12:59:59.999+00', null), 59, 'full minutes');
select is(pg_temp.minutes('2026-01-01 12:00+00', '2026-01-01 13:00+00', 5), 60, 'whatever was said');
select is(pg_temp.minutes('2026-01-01 12:00+00', '2026-01-01 12:00+00', null), 0, 'down to none');
select is(pg_temp.minutes('2026-01-01 12:00+00', null, 7), 7, 'what was said, where no end is known');
select is(pg_temp.minutes('2026-01-01 12:00+00', null, null), null, 'nothing, where nothing is');
select is(
  pg_temp.minutes('2026-03-29 00:30+00', '2026-03-29 01:30+00', null), 60, 'clocks that change do not matter'
);

update public.ai_interactions set ended_at = started_at + interval '90 minutes' where duration_minutes = 7;
select is(
  (select count(*) from public.ai_interactions where duration_minutes = 90), 1::bigint, 'an end that comes later counts'
);
update public.ai_interactions set duration_minutes = 1 where duration_minutes = 90;
select is(
  (select count(*) from public.ai_interactions where duration_minutes = 90), 1::bigint, 'and is not argued with'
);

select * from finish();
rollback;
