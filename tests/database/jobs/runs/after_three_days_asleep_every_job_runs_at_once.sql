begin;
select plan(3);

delete from private.job_runs;
insert into private.job_runs (job_name, outcome, started_at, finished_at)
select jobs.name, 'succeeded', now(), now() from private.jobs;
select is_empty('select private.overdue_jobs()', 'while the machine is awake no job is overdue');

-- Three days pass without a tick.
update private.job_runs set started_at = started_at - interval '3 days', finished_at = finished_at - interval '3 days';
select set_eq(
  'select private.overdue_jobs()', 'select name from private.jobs where is_enabled', 'after three days all of them run at once'
);
update private.job_runs set started_at = now(), finished_at = now(), outcome = 'failed', error_message = 'Why.'
where job_name = 'drop-partitions';
select is(
  'drop-partitions' in (select private.overdue_jobs()), false, 'one that failed then waits for its next tick'
);

select * from finish();
rollback;
