begin;
select plan(8);

insert into private.jobs (name, schedule, command, timeout, description) values
  ('planted-dead', '* * * * *', 'select 1', '1 minute', 'x'),
  ('planted-alive', '* * * * *', 'select 1', '1 minute', 'x');
-- No process has the id 0.
insert into private.job_runs (job_name, session_pid, started_at) values
  ('planted-dead', 0, now() - interval '3 minutes'), ('planted-alive', pg_backend_pid(), now() - interval '3 seconds');
select pg_advisory_xact_lock(private.lock_namespace('jobs'), hashtext('planted-alive'));

create function pg_temp.outcome(job text) returns text language sql as $$
  select string_agg(outcome, ' ' order by id) from private.job_runs where job_name = job
$$;
select results_eq(
  $$ select job_name, pid from private.job_sessions() where job_name like 'planted%' $$,
  $$ values ('planted-alive', pg_backend_pid()) $$,
  'the holder of a job''s lock runs it'
);
select is(private.close_crashed_runs(), 1, 'one is closed');
select is(pg_temp.outcome('planted-dead'), 'crashed', 'the one whose session is gone');
select is(pg_temp.outcome('planted-alive'), 'running', 'not the one whose session lives');

-- A new session may have got the process id of one that crashed.
select pg_advisory_xact_lock(private.lock_namespace('jobs'), hashtext('planted-dead'));
update private.job_runs set outcome = 'running', finished_at = null, error_message = null, session_pid = pg_backend_pid(), started_at = now()
where job_name = 'planted-dead';
create temporary table opened as select private.open_job_run('planted-dead') as id;
select is(pg_temp.outcome('planted-dead'), 'crashed running', 'a run that starts finds what crashed before it');
select private.close_job_run((select id from opened), 'failed', repeat('r', 2000), '22012', 'with sk-abc');
select row_eq(
  $$ select outcome, length(result), error_code, error_message, finished_at >= started_at, session_pid = pg_backend_pid()
     from private.job_runs where id = (select id from opened) $$,
  row('failed'::text, 1000, '22012'::text, 'with sk-…'::text, true, true),
  'the end of a run is written, without secrets'
);
select private.close_job_run((select id from opened), 'succeeded', null, null, null);
select is(pg_temp.outcome('planted-dead'), 'crashed failed', 'it is written once');
select is(private.cancel_overdue_runs(), 0, 'nothing is cut that is within its time');

select * from finish();
rollback;
