begin;
select plan(6);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'a');

create function pg_temp.milliseconds(started timestamptz, completed timestamptz, given integer)
returns integer
language plpgsql
as $$
declare
  milliseconds integer;
begin
  insert into public.workflow_executions (workflow_id, started_at, completed_at, execution_time_ms)
  values ('c0000000-0000-4000-8000-000000000001', started, completed, given)
  returning execution_time_ms into milliseconds;
  return milliseconds;
end
$$;
select is(pg_temp.milliseconds('2026-01-01 00:00:00+00', '2026-01-01 00:00:01.5009+00', null), 1500, 'full milliseconds');
select is(pg_temp.milliseconds('2026-01-01', '2026-01-01', null), 0, 'none');
select is(pg_temp.milliseconds('2026-01-01', '2026-01-02', 7), 7, 'what was measured stands');
select is(pg_temp.milliseconds('2026-01-01', null, null), null, 'one that runs has none');
select is(pg_temp.milliseconds('2026-01-01', '2026-06-01', null), 2147483647, 'half a year is as long as it gets');

update public.workflow_executions set completed_at = started_at + interval '2 seconds' where completed_at is null;
select is(
  (select count(*) from public.workflow_executions where execution_time_ms = 2000), 1::bigint,
  'an end that comes later counts'
);

select * from finish();
rollback;
