begin;
select plan(4);

do $$
begin
  -- A stand-in where pg_cron is not installed.
  if to_regclass('cron.job_run_details') is null then
    create schema cron;
    create table cron.job_run_details (runid bigint, username text, status text, start_time timestamptz, end_time timestamptz);
  end if;
end
$$;
insert into cron.job_run_details (runid, username, status, start_time, end_time) values
  (1000000001, 'postgres', 'succeeded', now() - interval '8 days', now() - interval '7 days 1 second'),
  (1000000002, 'postgres', 'succeeded', now() - interval '8 days', now() - interval '7 days'),
  -- As after a crash: it never ended.
  (1000000003, 'postgres', 'failed', now() - interval '7 days 1 second', null),
  (1000000004, 'postgres', 'failed', now() - interval '7 days', null);

insert into private.jobs (name, schedule, command, timeout, description) values
  ('planted', '*/5 * * * *', 'select 1', '1 minute', 'x');
insert into private.job_runs (job_name, outcome, started_at, finished_at, result) values
  ('planted', 'succeeded', now() - interval '8 days', now() - interval '7 days 1 second', 'old'),
  ('planted', 'succeeded', now() - interval '8 days', now() - interval '7 days', 'young');
insert into private.job_runs (job_name, started_at, session_pid, result) values ('planted', now() - interval '9 days', 0, 'crashed');

select is(private.clean_job_log(), 3, 'three rows are old');
select results_eq(
  $$ select result, outcome from private.job_runs where job_name = 'planted' order by 1 $$,
  $$ values ('crashed', 'crashed'), ('young', 'succeeded') $$,
  'of our log the old one goes; the crashed one was found just now'
);
select set_eq(
  'select runid from cron.job_run_details where runid > 1000000000', array[1000000002, 1000000004]::bigint[],
  'of pg_cron''s, too, with those that never ended'
);
select is(private.clean_job_log(), 0, 'a second time there is nothing left');

select * from finish();
rollback;
