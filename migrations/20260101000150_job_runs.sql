-- Jobs: what the database does by itself, declared once, as rows. pg_cron,
-- where there is one, the local scheduler and the documentation read them from
-- private.jobs. A job is level-triggered: each run does what is due, a bounded
-- share of it, so a missed run costs nothing and a second one changes nothing.
--
-- Most jobs work item by item, an item being one turn, or one organization's
-- share. Each item is a transaction of its own: one that fails or is slow costs
-- the others nothing. docs/decisions/jobs.md has the reasons.

create function private.period_of(schedule text)
returns interval
language sql
immutable
set search_path = ''
as $$
  select case
    when schedule = '* * * * *' then interval '1 minute'
    when schedule ~ '^\*/([1-9]|[1-5]\d) \* \* \* \*$' then make_interval(mins => substring(schedule from '/(\d+)')::integer)
    when schedule ~ '^([1-5]?\d) \* \* \* \*$' then interval '1 hour'
    when schedule ~ '^([1-5]?\d) \*/([1-9]|1\d|2[0-3]) \* \* \*$' then make_interval(hours => substring(schedule from '/(\d+)')::integer)
    when schedule ~ '^([1-5]?\d) (1?\d|2[0-3]) \* \* \*$' then interval '1 day'
    when schedule ~ '^([1-5]?\d) (1?\d|2[0-3]) \* \* [0-6]$' then interval '7 days'
  end
$$;
comment on function private.period_of(text) is 'Time between two runs of a schedule in cron''s five fields, of the few forms that jobs use; null for any other.';

create table private.jobs (
  name text primary key,
  schedule text not null,
  period interval generated always as (private.period_of(schedule)) stored,
  items text,
  command text not null,
  timeout interval not null,
  description text not null,
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint job_name_is_lower_case_words_and_dashes check (name ~ '^[a-z][a-z0-9-]{0,49}$'),
  constraint schedule_is_of_a_known_form check (private.period_of(schedule) is not null),
  constraint items_come_from_a_function check (items ~ '^private\.[a-z_]+\(\)$'),
  constraint command_is_one_select check (command ~ '^select [^;]+$'),
  constraint timeout_is_a_second_to_ten_minutes check (timeout between interval '1 second' and interval '10 minutes')
);
comment on table private.jobs is 'The jobs: the one place where they are declared. A change is scheduled at once where pg_cron is installed.';
comment on column private.jobs.name is 'Name of the job.';
comment on column private.jobs.schedule is 'When it runs, in cron''s five fields, in UTC: * * * * *, */5 * * * *, 7 * * * *, 7 */2 * * *, 7 3 * * * or 7 3 * * 0.';
comment on column private.jobs.period is 'Time between two runs; computed from the schedule.';
comment on column private.jobs.items is 'Function that lists what is due as rows of private.due_item, such as private.turns_to_sweep(); null for a job that is one step.';
comment on column private.jobs.command is 'What it does, one select: for an item, $1, a bounded share of its work, whose amount it returns; of a job without items, all of its work.';
comment on column private.jobs.timeout is 'A run that takes longer is cut. One that has items begins no further item after four fifths of it.';
comment on column private.jobs.description is 'What it is for.';
comment on column private.jobs.is_enabled is 'Switched off, it is not scheduled.';
comment on column private.jobs.created_at is 'When it was declared.';
comment on column private.jobs.updated_at is 'Last change.';

grant select on private.jobs to service_role;
create trigger update_jobs_updated_at before update on private.jobs
  for each row execute function public.update_updated_at_column();

create type private.due_item as (item text, round bigint, due_at timestamptz);
comment on type private.due_item is 'Something for a job to do: what it is; its place among those of the same organization, so that each organization has its first before any has its second; since when it is due.';

create table private.job_runs (
  id bigint generated always as identity primary key,
  job_name text not null references private.jobs (name) on update cascade on delete cascade,
  outcome text not null default 'running',
  result text,
  last_item text,
  items_done integer not null default 0,
  items_failed integer not null default 0,
  items_left integer not null default 0,
  oldest_due_at timestamptz,
  error_code text,
  error_message text,
  session_pid integer not null default pg_backend_pid(),
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  constraint run_outcome_is_known check (outcome in ('running', 'succeeded', 'failed', 'timed_out', 'crashed')),
  constraint run_is_finished_unless_it_runs check ((outcome = 'running') = (finished_at is null)),
  constraint run_finishes_after_it_starts check (finished_at >= started_at),
  constraint only_a_run_that_went_wrong_has_an_error check (error_message is null or outcome not in ('running', 'succeeded'))
);
comment on table private.job_runs is 'The runs of the jobs of the last days. A run is written when it starts, so that one that crashed is found.';
comment on column private.job_runs.id is 'Primary key.';
comment on column private.job_runs.job_name is 'The job.';
comment on column private.job_runs.outcome is 'running, then succeeded, failed, timed_out, or crashed: its session ended without a word.';
comment on column private.job_runs.result is 'What the command returned, such as the number of rows that it dealt with.';
comment on column private.job_runs.last_item is 'The item that was dealt with last: the next run goes on behind it.';
comment on column private.job_runs.items_done is 'Steps that succeeded. Counted while it runs.';
comment on column private.job_runs.items_failed is 'Steps that failed; private.job_failures says why.';
comment on column private.job_runs.items_left is 'Items that were due when its time was over, 1,000 for any larger number.';
comment on column private.job_runs.oldest_due_at is 'Since when the oldest of them was due.';
comment on column private.job_runs.error_code is 'SQLSTATE of what went wrong.';
comment on column private.job_runs.error_message is 'What went wrong, without secrets.';
comment on column private.job_runs.session_pid is 'Process id of the session that ran it.';
comment on column private.job_runs.started_at is 'When it started.';
comment on column private.job_runs.finished_at is 'When it ended, or was found to have crashed.';
comment on column private.job_runs.created_at is 'When the row was made.';

grant select on private.job_runs to service_role;
create unique index one_run_of_a_job_at_a_time on private.job_runs (job_name) where finished_at is null;
create index job_runs_job_name_idx on private.job_runs (job_name, id desc);
create index job_runs_ended_idx on private.job_runs (coalesce(finished_at, started_at));

create table private.job_failures (
  job_name text not null references private.jobs (name) on update cascade on delete cascade,
  item text not null,
  attempts integer not null default 1,
  error_code text not null,
  error_message text not null,
  failed_at timestamptz not null default clock_timestamp(),
  retry_at timestamptz not null default clock_timestamp() + interval '1 minute',
  created_at timestamptz not null default now(),
  primary key (job_name, item),
  constraint failure_was_attempted check (attempts >= 1)
);
comment on table private.job_failures is 'Items that a job could not deal with. Others are not kept waiting: each is tried again, ever more rarely.';
comment on column private.job_failures.job_name is 'The job.';
comment on column private.job_failures.item is 'The item.';
comment on column private.job_failures.attempts is 'How often it failed in a row.';
comment on column private.job_failures.error_code is 'SQLSTATE of the last failure.';
comment on column private.job_failures.error_message is 'What went wrong, without secrets.';
comment on column private.job_failures.failed_at is 'When it failed last.';
comment on column private.job_failures.retry_at is 'It is passed over until then: for a minute after the first failure, twice as long after each further one, six hours at most.';
comment on column private.job_failures.created_at is 'When it failed first.';

grant select on private.job_failures to service_role;

-- One run at a time -----------------------------------------------------------------

create function private.job_sessions()
returns table (job_name text, pid integer)
language sql
stable
set search_path = ''
as $$
  select jobs.name, locks.pid
  from private.jobs
  join pg_catalog.pg_locks locks
    on locks.locktype = 'advisory'
    and locks.database = (select databases.oid from pg_catalog.pg_database databases where databases.datname = current_database())
    and locks.classid = private.lock_namespace('jobs')::oid
    and locks.objid = hashtext(jobs.name)::oid
    and locks.objsubid = 2 -- of the form with two keys
    and locks.granted
$$;
comment on function private.job_sessions() is 'The sessions that run a job now: each holds the lock of its job until it is done or dead.';
grant execute on function private.job_sessions() to service_role;

create function private.close_crashed_runs()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  closed integer;
begin
  update private.job_runs
  set outcome = 'crashed', finished_at = clock_timestamp(),
      error_message = 'The session that ran this job ended before it could say how it went.'
  where job_runs.finished_at is null
    and (job_runs.job_name, job_runs.session_pid) not in (select sessions.job_name, sessions.pid from private.job_sessions() sessions);
  get diagnostics closed = row_count;
  return closed;
end
$$;
comment on function private.close_crashed_runs() is 'Closes the runs whose session is gone, as after a crash of the server, and returns how many.';

create function private.cut_overdue_runs()
returns integer
language sql
set search_path = ''
as $$
  -- A scheduler may have no statement timeout, or a longer one. Whoever does not
  -- take the hint within a minute loses the session.
  select count(*)::integer
  from private.job_runs
  join private.jobs on jobs.name = job_runs.job_name
  join private.job_sessions() sessions on sessions.job_name = jobs.name and sessions.pid = job_runs.session_pid
  where job_runs.finished_at is null
    and case
      when job_runs.started_at + jobs.timeout + interval '1 minute' < clock_timestamp() then pg_terminate_backend(sessions.pid)
      when job_runs.started_at + jobs.timeout < clock_timestamp() then pg_cancel_backend(sessions.pid)
    end
$$;
comment on function private.cut_overdue_runs() is 'Cancels the runs that take longer than their job allows, and returns how many. Every run of any job begins with it.';

create function private.open_job_run(name text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  run_id bigint;
begin
  perform private.cut_overdue_runs();
  perform private.close_crashed_runs();
  -- Whoever holds the lock knows that no other run is alive, whatever its process id.
  update private.job_runs
  set outcome = 'crashed', finished_at = clock_timestamp(),
      error_message = 'The session that ran this job ended before it could say how it went.'
  where job_runs.job_name = open_job_run.name and job_runs.finished_at is null;
  insert into private.job_runs (job_name) values (open_job_run.name) returning job_runs.id into run_id;
  return run_id;
end
$$;
comment on function private.open_job_run(text) is 'Writes that a run starts and returns its id. The caller holds the lock of the job.';

create function private.without_secrets(message text)
returns text
language sql
immutable
set search_path = ''
as $$
  select left(
    regexp_replace(
      regexp_replace(message, '\m(sb_secret_|sb_publishable_|agb_|inv_|sess_|mcp_|sk-|eyJ|v1:)[A-Za-z0-9_.:/+=-]+', '\1…', 'g'),
      '(Bearer +)[^\s,;]+', '\1…', 'gi'
    ),
    1000
  )
$$;
comment on function private.without_secrets(text) is 'A message without what looks like a key, a token or a ciphertext, at most 1,000 characters.';

create function private.close_job_run(run_id bigint, outcome text, result text, error_code text, error_message text)
returns void
language sql
set search_path = ''
as $$
  update private.job_runs
  set outcome = close_job_run.outcome,
      result = left(close_job_run.result, 1000),
      error_code = close_job_run.error_code,
      error_message = private.without_secrets(close_job_run.error_message),
      finished_at = clock_timestamp()
  where job_runs.id = close_job_run.run_id and job_runs.finished_at is null
$$;
comment on function private.close_job_run(bigint, text, text, text, text) is 'Writes how a run ended.';

create function private.try_job(
  name text, item text default null, out outcome text, out result text, out error_code text, out error_message text
)
language plpgsql
set search_path = ''
as $$
declare
  -- @plpgsql_check_options: security_warnings = off
  job private.jobs;
begin
  select jobs.* into job from private.jobs where jobs.name = try_job.name;
  -- A job gives way: what it would have to wait for long is tried again in its next run.
  perform set_config('lock_timeout', '5s', true);
  execute job.command into try_job.result using try_job.item;
  -- What is checked at the end of a transaction is to fail here, where it is caught.
  set constraints all immediate;
  outcome := 'succeeded';
exception
  when query_canceled then
    outcome := 'timed_out';
    error_code := sqlstate;
    error_message := format('The run was cut: it may take %s.', job.timeout);
  when others then
    outcome := 'failed';
    error_code := sqlstate;
    error_message := sqlerrm;
end
$$;
comment on function private.try_job(text, text) is 'Does what a job does, for an item where it has items, and says how it went: an error undoes all of it and is returned, not raised.';

-- Item by item -----------------------------------------------------------------------

create function private.due_items(name text, after text, passed_over text[])
returns setof private.due_item
language plpgsql
set search_path = ''
as $$
declare
  -- @plpgsql_check_options: security_warnings = off
  source text := (select jobs.items from private.jobs where jobs.name = due_items.name);
begin
  return query execute format($query$
    select due.*
    from %s due
    where not exists (select from unnest($3) as passed_over (item) where passed_over.item = due.item)
      and not exists (
        select from private.job_failures failures
        where failures.job_name = $1 and failures.item = due.item and failures.retry_at > clock_timestamp()
      )
    -- Each organization's first, beginning behind whoever was served last.
    order by due.round, due.item <= $2, due.item
    limit 1000
  $query$, source) using due_items.name, coalesce(due_items.after, ''), due_items.passed_over;
end
$$;
comment on function private.due_items(text, text, text[]) is 'What is due of a job, in the order in which it is served, at most 1,000 items: each organization''s first, beginning behind an item; without those that are passed over, or failed a while ago.';

create function private.note_item(name text, item text, error_code text, error_message text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if note_item.error_code is null then
    delete from private.job_failures where job_failures.job_name = note_item.name and job_failures.item = note_item.item;
    return;
  end if;
  insert into private.job_failures as failures (job_name, item, error_code, error_message)
  values (note_item.name, note_item.item, note_item.error_code, private.without_secrets(note_item.error_message))
  on conflict on constraint job_failures_pkey do update
  set attempts = failures.attempts + 1,
      error_code = excluded.error_code,
      error_message = excluded.error_message,
      failed_at = excluded.failed_at,
      retry_at = excluded.failed_at + least(interval '1 minute' * power(2, least(failures.attempts, 9)), interval '6 hours');
end
$$;
comment on function private.note_item(text, text, text, text) is 'Writes down that a job failed on an item, or, without an error, that it did not.';

create function private.run_item(run_id bigint, item text, out outcome text, out amount bigint, out error_code text, out error_message text)
language plpgsql
set search_path = ''
as $$
declare
  name text := (select runs.job_name from private.job_runs runs where runs.id = run_item.run_id);
  attempt record;
begin
  select tried.* into attempt from private.try_job(name, run_item.item) tried;
  perform private.note_item(name, run_item.item, attempt.error_code, attempt.error_message);
  outcome := attempt.outcome;
  amount := case when attempt.outcome = 'succeeded' then coalesce(attempt.result::bigint, 0) else 0 end;
  error_code := attempt.error_code;
  error_message := attempt.error_message;
  update private.job_runs runs
  set last_item = run_item.item,
      items_done = runs.items_done + (attempt.outcome = 'succeeded')::integer,
      items_failed = runs.items_failed + (attempt.outcome <> 'succeeded')::integer,
      result = (coalesce(runs.result::bigint, 0) + amount)::text
  where runs.id = run_item.run_id;
end
$$;
comment on function private.run_item(bigint, text) is 'One step of a run: deals with an item, and writes down how it went and how far the run is. The caller commits.';

create function private.items_of_run(run_id bigint, passed_over text[], out items text[], out outcome text, out error_code text, out error_message text)
language plpgsql
set search_path = ''
as $$
declare
  name text := (select runs.job_name from private.job_runs runs where runs.id = items_of_run.run_id);
  after text := (
    select runs.last_item from private.job_runs runs
    where runs.job_name = name and runs.last_item is not null
    order by runs.id desc limit 1
  );
  oldest timestamptz;
begin
  select coalesce(array_agg(due.item), '{}'), min(due.due_at) into items, oldest
  from private.due_items(name, after, items_of_run.passed_over) due;
  update private.job_runs
  set items_left = cardinality(items), oldest_due_at = oldest
  where job_runs.id = items_of_run.run_id;
  outcome := 'succeeded';
exception
  when query_canceled then
    items := '{}';
    outcome := 'timed_out';
    error_code := sqlstate;
    error_message := 'The run was cut while it looked for what is due.';
  when others then
    items := '{}';
    outcome := 'failed';
    error_code := sqlstate;
    error_message := sqlerrm;
end
$$;
comment on function private.items_of_run(bigint, text[]) is 'The items that a run is to deal with next, written down as what is left of its work; none and an error where they cannot be found.';

create procedure private.run_items(
  run_id bigint, deadline timestamptz, inout outcome text, inout error_code text, inout error_message text
)
language plpgsql
as $$
declare
  items text[];
  item text;
  step record;
  passed_over text[] := array[]::text[];
begin
  -- A procedure that commits may not set its path in its head; it is gone after each commit.
  perform set_config('search_path', '', true);
  loop
    perform set_config('search_path', '', true);
    select found.* into items, outcome, error_code, error_message
    from private.items_of_run(run_items.run_id, passed_over) found;
    commit;
    exit when items = '{}' or clock_timestamp() >= deadline;
    foreach item in array items loop
      perform set_config('search_path', '', true);
      select tried.* into step from private.run_item(run_items.run_id, item) tried;
      commit;
      -- One that has more to do is dealt with again, after the others.
      if step.amount = 0 then
        passed_over := passed_over || item;
      end if;
      exit when clock_timestamp() >= deadline or step.outcome = 'timed_out';
    end loop;
    exit when step.outcome = 'timed_out';
  end loop;
end
$$;
comment on procedure private.run_items(bigint, timestamptz, text, text, text) is
  'Deals with what is due, an item in each transaction, until nothing is left or its time is over. outcome says whether the items could be found; how each went is written down.';

create function private.outcome_of_run(run_id bigint, out outcome text, out result text, out error_code text, out error_message text)
language sql
stable
set search_path = ''
as $$
  select
    case when runs.items_done = 0 and runs.items_failed > 0 then 'failed' else 'succeeded' end,
    coalesce(runs.result, '0'),
    case when runs.items_done = 0 then failures.error_code end,
    case when runs.items_done = 0 then failures.error_message end
  from private.job_runs runs
  left join lateral (
    select failures.error_code, failures.error_message
    from private.job_failures failures
    where failures.job_name = runs.job_name and failures.failed_at >= runs.started_at
    order by failures.failed_at desc
    limit 1
  ) failures on true
  where runs.id = outcome_of_run.run_id
$$;
comment on function private.outcome_of_run(bigint) is 'How a run went, item by item: it failed when each of its items did. Single failures are in private.job_failures.';

create procedure private.run_job(name text)
language plpgsql
as $$
declare
  job private.jobs;
  run_id bigint;
  attempt record;
  outcome text := 'succeeded';
  error_code text;
  error_message text;
begin
  perform set_config('search_path', '', true);
  select jobs.* into job from private.jobs where jobs.name = run_job.name;
  if job.name is null then
    perform private.refuse(404, 'job_not_found', format('There is no job "%s".', run_job.name));
  end if;
  -- Held until the end, across the commits; a session that dies lets go of it.
  if not pg_try_advisory_lock(private.lock_namespace('jobs'), hashtext(job.name)) then
    perform private.cut_overdue_runs();
    return;
  end if;
  run_id := private.open_job_run(job.name);
  commit;

  if job.items is not null then
    call private.run_items(run_id, clock_timestamp() + job.timeout * 0.8, outcome, error_code, error_message);
  end if;
  perform set_config('search_path', '', true);
  if outcome <> 'succeeded' then
    select outcome, null::text as result, error_code, error_message into attempt;
  elsif job.items is not null then
    select ended.* into attempt from private.outcome_of_run(run_id) ended;
  else
    select tried.* into attempt from private.try_job(job.name) tried;
  end if;
  perform private.close_job_run(run_id, attempt.outcome, attempt.result, attempt.error_code, attempt.error_message);
  commit;

  perform pg_advisory_unlock(private.lock_namespace('jobs'), hashtext(job.name));
  if attempt.outcome <> 'succeeded' then
    raise exception 'Job "%" %: %', job.name, replace(attempt.outcome, '_', ' '), private.without_secrets(attempt.error_message);
  end if;
end
$$;
comment on procedure private.run_job(text) is
  'Runs a job, unless it is running already: writes the start, commits, does it, item by item where it has items and each in a transaction of its own, writes the end, commits. Schedulers call it, outside a transaction. Raises what went wrong, after writing it down; an item that failed while others succeeded is only written down. Errors: PT404 job_not_found.';

-- How they are doing --------------------------------------------------------------

create view public.job_status with (security_invoker = true) as
select
  jobs.name,
  jobs.description,
  jobs.schedule,
  jobs.is_enabled,
  exists (select from private.job_sessions() sessions where sessions.job_name = jobs.name) as is_running,
  last_run.outcome as last_outcome,
  last_run.started_at as last_started_at,
  last_run.finished_at as last_finished_at,
  last_run.error_message as last_error,
  last_success.finished_at as last_success_at,
  last_success.result as last_result,
  last_success.finished_at - last_success.started_at as last_duration,
  failures.count as consecutive_failures,
  (select count(*) from private.job_failures where job_failures.job_name = jobs.name) as failing_items,
  last_success.items_left as items_left,
  last_success.oldest_due_at as oldest_due_at,
  coalesce((
    select count(*) = 3 and bool_and(runs.items_left > 0)
    from (
      select job_runs.items_left from private.job_runs
      where job_runs.job_name = jobs.name and job_runs.finished_at is not null
      order by job_runs.id desc limit 3
    ) runs
  ), false) as is_behind,
  jobs.is_enabled and coalesce(last_success.finished_at, jobs.created_at) < now() - jobs.period as is_due,
  jobs.is_enabled and coalesce(last_success.finished_at, jobs.created_at) < now() - 2 * jobs.period as is_late
from private.jobs
left join lateral (
  select runs.* from private.job_runs runs where runs.job_name = jobs.name order by runs.id desc limit 1
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
      -- Crashed, and nobody has found it yet.
      or (runs.finished_at is null and not exists (
        select from private.job_sessions() sessions
        where sessions.job_name = runs.job_name and sessions.pid = runs.session_pid
      ))
    )
) failures;
comment on view public.job_status is 'How the jobs are doing. Backend only: they are the operator''s, not an organization''s.';
comment on column public.job_status.name is 'The job.';
comment on column public.job_status.description is 'What it is for.';
comment on column public.job_status.schedule is 'When it runs, in cron''s five fields, in UTC.';
comment on column public.job_status.is_enabled is 'Whether it is switched on.';
comment on column public.job_status.is_running is 'Whether a session runs it now.';
comment on column public.job_status.last_outcome is 'Of the last run: running, succeeded, failed, timed_out or crashed.';
comment on column public.job_status.last_started_at is 'When the last run started.';
comment on column public.job_status.last_finished_at is 'When the last run ended.';
comment on column public.job_status.last_error is 'What went wrong in the last run.';
comment on column public.job_status.last_success_at is 'When the last run that succeeded ended.';
comment on column public.job_status.last_result is 'What that returned.';
comment on column public.job_status.last_duration is 'How long that took.';
comment on column public.job_status.consecutive_failures is 'Runs since then that went wrong.';
comment on column public.job_status.failing_items is 'Items, such as turns or organizations, that it could not deal with and tries again later: private.job_failures says which, and why.';
comment on column public.job_status.items_left is 'Items that were due when the time of the last run that succeeded was over, 1,000 for any larger number.';
comment on column public.job_status.oldest_due_at is 'Since when the oldest of them was due.';
comment on column public.job_status.is_behind is 'The last three runs left something undone: there is more work than it can keep up with.';
comment on column public.job_status.is_due is 'No success for longer than a period.';
comment on column public.job_status.is_late is 'No success for longer than two periods: the scheduler, or the job, does not work.';
grant select on public.job_status to service_role;

-- pg_cron -------------------------------------------------------------------------

create function private.schedule_jobs()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  wanted record;
  changed integer := 0;
begin
  -- By execute: where pg_cron is missing there is no such function.
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return null;
  end if;
  for wanted in execute $query$
    select coalesce(jobs.name, scheduled.name) as name, jobs.schedule, jobs.command, scheduled.name is null as is_new
    from (
      select 'agentbase:' || jobs.name as name, jobs.schedule, format('call private.run_job(%L)', jobs.name) as command
      from private.jobs where jobs.is_enabled
    ) jobs
    full join (
      select job.jobname as name, job.schedule, job.command, job.active
      from cron.job where job.jobname like 'agentbase:%' and job.username = current_user
    ) scheduled on scheduled.name = jobs.name
    where (jobs.schedule, jobs.command, true) is distinct from (scheduled.schedule, scheduled.command, scheduled.active)
    order by 1
  $query$
  loop
    if wanted.command is null then
      execute 'select cron.unschedule($1)' using wanted.name;
    else
      -- An old one goes first: pg_cron would leave it switched off.
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
  'Brings pg_cron''s jobs, named agentbase:<job>, in line with private.jobs and returns how many it changed; null where pg_cron is not installed. To be called once after pg_cron is enabled later.';

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
comment on function private.reschedule_jobs() is 'Trigger: what is declared is scheduled.';
create trigger reschedule_jobs after insert or update or delete on private.jobs
  for each statement execute function private.reschedule_jobs();

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
  raise notice 'pg_cron is not installed. Install it as a superuser, then: select private.schedule_jobs()';
end
$$;

