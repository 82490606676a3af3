-- The current state of what 000140_job_schedule.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view public.job_status with (security_invoker=true) as
 SELECT jobs.name,
    jobs.description,
    jobs.schedule,
    jobs.is_enabled,
    (EXISTS ( SELECT
           FROM private.job_sessions() sessions(job_name, pid)
          WHERE (sessions.job_name = jobs.name))) AS is_running,
    last_run.outcome AS last_outcome,
    last_run.started_at AS last_started_at,
    last_run.finished_at AS last_finished_at,
    last_run.error_message AS last_error,
    last_success.finished_at AS last_success_at,
    last_success.result AS last_result,
    (last_success.finished_at - last_success.started_at) AS last_duration,
    failures.count AS consecutive_failures,
    ( SELECT count(*) AS count
           FROM private.job_failures
          WHERE (job_failures.job_name = jobs.name)) AS failing_items,
    last_success.items_left,
    last_success.oldest_due_at,
    last_success.oldest_item,
    COALESCE(( SELECT ((count(*) = 3) AND bool_and((runs.items_left > 0)))
           FROM ( SELECT job_runs.items_left
                   FROM private.job_runs
                  WHERE ((job_runs.job_name = jobs.name) AND (job_runs.finished_at IS NOT NULL))
                  ORDER BY job_runs.id DESC
                 LIMIT 3) runs), false) AS is_behind,
    (jobs.is_enabled AND (COALESCE(last_success.finished_at, jobs.created_at) < (now() - jobs.period))) AS is_due,
    (jobs.is_enabled AND (COALESCE(last_success.finished_at, jobs.created_at) < (now() - ((2)::double precision * jobs.period)))) AS is_late
   FROM (((private.jobs
     LEFT JOIN LATERAL ( SELECT runs.id,
            runs.job_name,
            runs.outcome,
            runs.result,
            runs.last_item,
            runs.items_done,
            runs.items_failed,
            runs.items_left,
            runs.oldest_due_at,
            runs.oldest_item,
            runs.error_code,
            runs.error_message,
            runs.session_pid,
            runs.started_at,
            runs.finished_at,
            runs.created_at
           FROM private.job_runs runs
          WHERE (runs.job_name = jobs.name)
          ORDER BY runs.id DESC
         LIMIT 1) last_run ON (true))
     LEFT JOIN LATERAL ( SELECT runs.id,
            runs.job_name,
            runs.outcome,
            runs.result,
            runs.last_item,
            runs.items_done,
            runs.items_failed,
            runs.items_left,
            runs.oldest_due_at,
            runs.oldest_item,
            runs.error_code,
            runs.error_message,
            runs.session_pid,
            runs.started_at,
            runs.finished_at,
            runs.created_at
           FROM private.job_runs runs
          WHERE ((runs.job_name = jobs.name) AND (runs.outcome = 'succeeded'::text))
          ORDER BY runs.id DESC
         LIMIT 1) last_success ON (true))
     CROSS JOIN LATERAL ( SELECT count(*) AS count
           FROM private.job_runs runs
          WHERE ((runs.job_name = jobs.name) AND (runs.id > COALESCE(last_success.id, (0)::bigint)) AND ((runs.outcome = ANY (ARRAY['failed'::text, 'timed_out'::text, 'crashed'::text])) OR ((runs.finished_at IS NULL) AND (NOT (EXISTS ( SELECT
                   FROM private.job_sessions() sessions(job_name, pid)
                  WHERE ((sessions.job_name = runs.job_name) AND (sessions.pid = runs.session_pid))))))))) failures);
grant select on public.job_status to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.overdue_jobs()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select status.name
  from public.job_status status
  join private.jobs using (name)
  where status.is_due and not status.is_running
    and (status.last_started_at is null or status.last_started_at < now() - jobs.period)
  order by status.name
$body$;

create function private.reschedule_jobs()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.schedule_jobs();
  return null;
end
$body$;

create procedure private.run_overdue_jobs()
language plpgsql volatile security invoker
as $body$
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
$body$;

create function private.schedule_jobs()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
