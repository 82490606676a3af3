begin;
select plan(10);

do $$
begin
  -- A stand-in with pg_cron's contract where it is not installed.
  if to_regclass('cron.job') is null then
    create schema cron;
    create table cron.job (
      jobid bigint generated always as identity, schedule text, command text, database text default current_database(),
      username text default current_user, active boolean default true, jobname text
    );
    create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as
      'insert into cron.job (jobname, schedule, command) values (job_name, schedule, command) returning jobid';
    create function cron.unschedule(job_name text) returns boolean language sql as
      'delete from cron.job where jobname = job_name returning true';
  end if;
end
$$;
select private.schedule_jobs();
create temporary view scheduled as
select job.jobid, job.jobname, job.schedule, job.command, job.active, job.username
from cron.job where job.jobname like 'agentbase:%';
create temporary view declared as
select 'agentbase:' || name as jobname, schedule, format('call private.run_job(''%s'')', name) as command, true as active,
  'postgres'::text as username
from private.jobs where is_enabled
union all
select 'agentbase:run-overdue-jobs', '* * * * *', 'call private.run_overdue_jobs()', true, 'postgres';

select isnt_empty('select from declared', 'there are jobs');
select set_eq(
  'select jobname, schedule, command, active, username::text from scheduled', 'select * from declared',
  'pg_cron''s jobs are those that are declared'
);
select is(private.schedule_jobs(), 0, 'scheduling them again changes nothing');

create temporary table ids as select jobid from scheduled;
insert into private.jobs (name, schedule, command, timeout, description) values
  ('planted', '*/5 * * * *', 'select 1', '1 minute', 'x'), ('planted-off', '*/5 * * * *', 'select 1', '1 minute', 'x');
update private.jobs set is_enabled = false where name = 'planted-off';
select set_eq(
  'select jobname, schedule, command, active, username::text from scheduled', 'select * from declared',
  'a new one is scheduled at once, one that is switched off no longer'
);
update private.jobs set schedule = '7 * * * *' where name = 'planted';
select is((select schedule from scheduled where jobname = 'agentbase:planted'), '7 * * * *', 'a new schedule is taken over');
update private.jobs set name = 'replanted' where name = 'planted';
delete from private.jobs where name = 'planted-off';
select set_eq(
  'select jobname, schedule, command, active, username::text from scheduled', 'select * from declared', 'and a new name'
);
delete from private.jobs where name = 'replanted';
select set_eq('select jobid from scheduled', 'select jobid from ids', 'the others were left as they were');

select cron.schedule('somebody-elses', '* * * * *', 'select 1');
select cron.schedule('agentbase:stray', '* * * * *', 'select 1');
select cron.unschedule('agentbase:sweep-turns');
select is(private.schedule_jobs(), 2, 'what strayed is removed and what was lost is scheduled again');
select set_eq(
  'select jobname, schedule, command, active, username::text from scheduled', 'select * from declared', 'so that all is as declared'
);
select isnt_empty($$ select from cron.job where jobname = 'somebody-elses' $$, 'jobs of others stay');

select * from finish();
rollback;
