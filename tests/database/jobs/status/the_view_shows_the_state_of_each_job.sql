begin;
select plan(23);

insert into private.jobs (name, schedule, command, timeout, description, created_at) values
  ('planted', '*/5 * * * *', 'select 1', '1 minute', 'x', now() - interval '1 hour');
create function pg_temp.status() returns text language sql as $$
  select concat_ws(
    ' ', coalesce(last_outcome, 'never'), consecutive_failures, case when is_running then 'running' end,
    case when is_late then 'late' when is_due then 'due' end
  )
  from public.job_status where name = 'planted'
$$;
create function pg_temp.ran(outcome text, ago interval, pid integer default 0) returns void language sql as $$
  insert into private.job_runs (job_name, outcome, started_at, finished_at, session_pid, result, error_message)
  values ('planted', outcome, now() - ago, case when outcome <> 'running' then now() - ago end, pid,
    case outcome when 'succeeded' then '3' end, case when outcome not in ('succeeded', 'running') then 'Why.' end)
$$;

select is(pg_temp.status(), 'never 0 late', 'one that never ran is late from its making');
create function pg_temp.is_overdue() returns boolean language sql as $$ select 'planted' in (select private.overdue_jobs()) $$;
select is(pg_temp.is_overdue(), true, 'and runs at once');
select pg_temp.ran('failed', '30 minutes');
select is(pg_temp.status(), 'failed 1 late', 'failing is no success');
select pg_temp.ran('succeeded', '10 minutes 1 second');
select is(pg_temp.status(), 'succeeded 0 late', 'two periods after a success it is late');
select is(pg_temp.is_overdue(), true, 'and its tick was missed');
select pg_temp.ran('succeeded', '10 minutes');
select is(pg_temp.status(), 'succeeded 0 due', 'not before');
select pg_temp.ran('succeeded', '5 minutes 1 second');
select is(pg_temp.status(), 'succeeded 0 due', 'a period after a success it is due');
select pg_temp.ran('succeeded', '5 minutes');
select is(pg_temp.status(), 'succeeded 0', 'not before');
select pg_temp.ran('failed', '4 minutes');
select is(pg_temp.is_overdue(), false, 'one that was tried within a period waits for its next tick');
select pg_temp.ran('timed_out', '3 minutes');
select pg_temp.ran('crashed', '2 minutes');
select is(pg_temp.status(), 'crashed 3', 'failures are counted since the last success');
select pg_temp.ran('running', '1 minute');
select is(pg_temp.status(), 'running 4', 'a run whose session is gone is a failure');
select is((select is_running from public.job_status where name = 'planted'), false, 'and does not run');
select pg_advisory_xact_lock(private.lock_namespace('jobs'), hashtext('planted'));
update private.job_runs set session_pid = pg_backend_pid() where job_name = 'planted' and finished_at is null;
select is(pg_temp.status(), 'running 3 running', 'one whose session lives runs');
select row_eq(
  $$ select last_result, last_success_at = now() - interval '5 minutes', last_error, last_duration
     from public.job_status where name = 'planted' $$,
  row('3'::text, true, null::text, interval '0'), 'with what came of the last success'
);
select pg_temp.ran('succeeded', interval '1 second' * ago) from generate_series(3, 1, -1) as ago;
update private.job_runs set items_left = 7, oldest_due_at = now() - interval '1 hour'
where id in (select id from private.job_runs where job_name = 'planted' order by id desc limit 2);
select row_eq(
  $$ select items_left, oldest_due_at = now() - interval '1 hour', is_behind, failing_items from public.job_status where name = 'planted' $$,
  row(7, true, false, 0::bigint), 'two runs that left something are no sign yet'
);
update private.job_runs set items_left = 1 where job_name = 'planted';
select is((select is_behind from public.job_status where name = 'planted'), true, 'three in a row are: it does not keep up');
select is(private.background_report() #> '{jobs,behind}', '["planted"]', 'health names it');
-- Acme writes more than is removed.
insert into public.agents (id, name, vendor_id, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'acme''s', 'openai', tests.id('alice'), tests.id('acme')),
  ('20000000-0000-4000-8000-000000000002', 'eve''s', 'openai', tests.id('eve'), null);
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
create function pg_temp.named(item text) returns text language plpgsql as $$
begin
  update private.job_runs set oldest_item = item, oldest_due_at = now() - interval '1 hour' where job_name = 'planted';
  return private.background_report() #>> '{jobs,backlogs,0,organization}';
end
$$;
select results_eq(
  $$ select pg_temp.named(item) = organizations.name
     from (values
       (tests.id('acme')::text, tests.id('acme')), ('20000000-0000-4000-8000-000000000001', tests.id('acme')),
       ('c0000000-0000-4000-8000-000000000001', tests.id('acme')), ('notifications:' || tests.id('eve'), null),
       ('20000000-0000-4000-8000-000000000002', null)
     ) as items (item, owner)
     join public.organizations on organizations.id = coalesce(owner, private.home_organization(null, tests.id('eve'))) $$,
  array[true, true, true, true, true], 'and the organization whose work waits longest'
);
select is(pg_temp.named('rate_limits:'), null, 'if it is of one');
insert into private.job_failures (job_name, item, error_code, error_message, attempts) values ('planted', 'x', '22012', 'x', 2);
select is(private.background_report() #> '{jobs,failing_items}', '[]', 'an item that failed twice is tried again');
update private.job_failures set attempts = 3;
select is(private.background_report() #> '{jobs,failing_items}', '["planted"]', 'three times, and health names its job');
update private.jobs set is_enabled = false where name = 'planted';
delete from private.job_runs where job_name = 'planted';
select is(pg_temp.status(), 'never 0 running', 'what is switched off is never late');

select tests.act_as('alice');
select tests.denied('select * from public.job_status', 'people do not read it');

select * from finish();
rollback;
