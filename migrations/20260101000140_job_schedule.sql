-- Scheduling of jobs, and their status.

create function private.schedule_jobs()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  wanted record;
  changed integer := 0;
begin
  -- Dynamic SQL: without pg_cron there is no such function.
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return null;
  end if;
  for wanted in execute $query$
    select
      coalesce(jobs.name, scheduled.name) as name, jobs.schedule, jobs.command,
      scheduled.name is null as is_new
    from (
      select
        'agentbase:' || jobs.name as name,
        jobs.schedule,
        format('call private.run_job(%L)', jobs.name) as command
      from private.jobs where jobs.is_enabled
      union all
      select 'agentbase:run-overdue-jobs', '* * * * *', 'call private.run_overdue_jobs()'
    ) jobs
    full join (
      select job.jobname as name, job.schedule, job.command, job.active
      from cron.job where job.jobname like 'agentbase:%' and job.username = current_user
    ) scheduled on scheduled.name = jobs.name
    where (jobs.schedule, jobs.command, true) is distinct from (
      scheduled.schedule, scheduled.command, scheduled.active
    )
    order by 1
  $query$
  loop
    if wanted.command is null then
      execute 'select cron.unschedule($1)' using wanted.name;
    else
      -- An old one is removed first: otherwise pg_cron would leave it inactive.
      if not wanted.is_new then
        execute 'select cron.unschedule($1)' using wanted.name;
      end if;
      execute 'select cron.schedule($1, $2, $3)' using wanted.name, wanted.schedule, wanted.command;
    end if;
    changed := changed + 1;
  end loop;
  return changed;
end
$$;
comment on function private.schedule_jobs() is
  'Synchronizes pg_cron''s jobs, named agentbase:<job>, with private.jobs and returns how many it '
  'changed; null if pg_cron is not installed. Call it once if pg_cron is enabled later.';

do $$
begin
  -- On the platform, which has pg_cron loaded, the role of the migrations may
  -- install it. Elsewhere a superuser does, before or after them.
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')
    and current_setting('cron.database_name', true) = current_database()
  then
    create extension if not exists pg_cron with schema pg_catalog;
  end if;
exception when insufficient_privilege then
  raise notice
    'pg_cron is not installed. Install it as a superuser, then: select private.schedule_jobs()';
end
$$;

create function private.reschedule_jobs()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.schedule_jobs();
  return null;
end
$$;
comment on function private.reschedule_jobs() is 'Trigger: schedules declared jobs.';
create trigger reschedule_jobs after insert or update or delete on private.jobs
  for each statement execute function private.reschedule_jobs();

create view public.job_status with (security_invoker = true) as
select
  jobs.name,
  jobs.description,
  jobs.schedule,
  jobs.is_enabled,
  exists (
    select from private.job_sessions() sessions where sessions.job_name = jobs.name
  ) as is_running,
  last_run.outcome as last_outcome,
  last_run.started_at as last_started_at,
  last_run.finished_at as last_finished_at,
  last_run.error_message as last_error,
  last_success.finished_at as last_success_at,
  last_success.result as last_result,
  last_success.finished_at - last_success.started_at as last_duration,
  failures.count as consecutive_failures,
  (
    select count(*) from private.job_failures where job_failures.job_name = jobs.name
  ) as failing_items,
  last_success.items_left as items_left,
  last_success.oldest_due_at as oldest_due_at,
  last_success.oldest_item as oldest_item,
  coalesce((
    select count(*) = 3 and bool_and(runs.items_left > 0)
    from (
      select job_runs.items_left from private.job_runs
      where job_runs.job_name = jobs.name and job_runs.finished_at is not null
      order by job_runs.id desc limit 3
    ) runs
  ), false) as is_behind,
  jobs.is_enabled
  and coalesce(last_success.finished_at, jobs.created_at) < now() - jobs.period as is_due,
  jobs.is_enabled
  and coalesce(last_success.finished_at, jobs.created_at) < now() - 2 * jobs.period as is_late
from private.jobs
left join lateral (
  select runs.*
  from private.job_runs runs
  where runs.job_name = jobs.name
  order by runs.id desc
  limit 1
) last_run on true
left join lateral (
  select runs.* from private.job_runs runs
  where runs.job_name = jobs.name and runs.outcome = 'succeeded'
  order by runs.id desc limit 1
) last_success on true
cross join lateral (
  select count(*) from private.job_runs runs
  where runs.job_name = jobs.name
    and runs.id > coalesce(last_success.id, 0)
    and (
      runs.outcome in ('failed', 'timed_out', 'crashed')
      -- Crashed, and not recorded yet.
      or (runs.finished_at is null and not exists (
        select from private.job_sessions() sessions
        where sessions.job_name = runs.job_name and sessions.pid = runs.session_pid
      ))
    )
) failures;
comment on view public.job_status is
  'The status of the jobs. Backend only: they belong to the operator, not to an organization.';
comment on column public.job_status.name is 'Name of the job, as in private.jobs.';
comment on column public.job_status.description is 'What the job does.';
comment on column public.job_status.schedule is 'When it runs, in cron''s five fields, in UTC.';
comment on column public.job_status.is_enabled is
  'False while the operator has switched the job off.';
comment on column public.job_status.is_running is 'Whether a session runs it now.';
comment on column public.job_status.last_outcome is
  'Of the last run: running, succeeded, failed, timed_out or crashed.';
comment on column public.job_status.last_started_at is 'When the last run started.';
comment on column public.job_status.last_finished_at is 'When the last run ended.';
comment on column public.job_status.last_error is 'What went wrong in the last run.';
comment on column public.job_status.last_success_at is 'When the last run that succeeded ended.';
comment on column public.job_status.last_result is 'What that returned.';
comment on column public.job_status.last_duration is 'How long that took.';
comment on column public.job_status.consecutive_failures is 'Runs since then that went wrong.';
comment on column public.job_status.failing_items is
  'Items, such as turns or organizations, that it failed to process and retries later: '
  'private.job_failures has them, with the reasons.';
comment on column public.job_status.items_left is
  'Items that were still due at the end of the last successful run, at most 1,000.';
comment on column public.job_status.oldest_due_at is 'Since when the oldest of them was due.';
comment on column public.job_status.oldest_item is
  'That item. It contains the id of its subject, such as an organization.';
comment on column public.job_status.is_behind is
  'The last three runs left work undone: there is more than the job can process.';
comment on column public.job_status.is_due is 'No success for longer than a period.';
comment on column public.job_status.is_late is
  'No success for longer than two periods: the scheduler or the job is broken.';
grant select on public.job_status to service_role;

create function private.overdue_jobs()
returns setof text
language sql
stable
set search_path = ''
as $$
  select status.name
  from public.job_status status
  join private.jobs using (name)
  where status.is_due and not status.is_running
    and (status.last_started_at is null or status.last_started_at < now() - jobs.period)
  order by status.name
$$;
comment on function private.overdue_jobs() is
  'Jobs whose last tick was missed, for instance because the machine slept: due, and not attempted '
  'for a period, so that a job that fails is not repeated before its next tick.';

create procedure private.run_overdue_jobs()
language plpgsql
as $$
declare
  job_name text;
  overdue text[];
begin
  perform set_config('search_path', '', true);
  overdue := array(select private.overdue_jobs());
  commit;
  foreach job_name in array overdue loop
    call private.run_job(job_name);
  end loop;
end
$$;
comment on procedure private.run_overdue_jobs() is
  'Runs the jobs whose last tick was missed, one after the other. pg_cron calls it every minute. '
  'Raises the error of the first one that fails; the others run a minute later.';
