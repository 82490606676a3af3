-- How a job runs: one run at a time, each item in a transaction of its own.

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
    and locks.database = (
      select databases.oid
      from pg_catalog.pg_database databases
      where databases.datname = current_database()
    )
    and locks.classid = private.lock_namespace('jobs')::oid
    and locks.objid = hashtext(jobs.name)::oid
    and locks.objsubid = 2 -- of the form with two keys
    and locks.granted
$$;
comment on function private.job_sessions() is
  'The sessions that are running a job: each holds the lock of its job until it ends.';
grant execute on function private.job_sessions() to service_role;

create function private.close_crashed_runs(idle_job text default null)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  closed integer;
begin
  update private.job_runs
  set outcome = 'crashed', finished_at = clock_timestamp(),
      error_message = 'The session of the run ended before it recorded an outcome.'
  where job_runs.finished_at is null
    and (
      job_runs.job_name = close_crashed_runs.idle_job
      or (job_runs.job_name, job_runs.session_pid) not in (
        select sessions.job_name, sessions.pid from private.job_sessions() sessions
      )
    );
  get diagnostics closed = row_count;
  return closed;
end
$$;
comment on function private.close_crashed_runs(text) is
  'Closes the runs whose session has ended, for instance in a crash of the server, and all of a '
  'job that is known not to run. Returns how many.';

create function private.cancel_overdue_runs()
returns integer
language sql
set search_path = ''
as $$
  -- A scheduler may have no statement timeout, or a longer one. A command
  -- that ignores the cancellation for a minute loses the session.
  select count(*)::integer
  from private.job_runs
  join private.jobs on jobs.name = job_runs.job_name
  join private.job_sessions() sessions on sessions.job_name = jobs.name
  and sessions.pid = job_runs.session_pid
  where job_runs.finished_at is null
    and case
      when job_runs.started_at + jobs.timeout + interval '1 minute' < clock_timestamp()
        then pg_terminate_backend(sessions.pid)
      when job_runs.started_at + jobs.timeout < clock_timestamp()
        then pg_cancel_backend(sessions.pid)
    end
$$;
comment on function private.cancel_overdue_runs() is
  'Cancels the runs that take longer than their job allows, and returns how many. Every run of '
  'any job begins with it.';

create function private.open_job_run(name text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  run_id bigint;
begin
  perform private.cancel_overdue_runs();
  -- The caller holds the job's lock, so no other run of it is alive.
  perform private.close_crashed_runs(open_job_run.name);
  insert into private.job_runs (job_name)
  values (open_job_run.name)
  returning job_runs.id into run_id;
  return run_id;
end
$$;
comment on function private.open_job_run(text) is
  'Records the start of a run and returns its id. The caller holds the lock of the job.';

create function private.outcome_of_run(
  run_id bigint, out outcome text, out result text, out error_code text, out error_message text
)
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
comment on function private.outcome_of_run(bigint) is
  'The outcome of a run with items: it failed if each of its items did. Single failures are in '
  'private.job_failures.';

create function private.close_job_run(
  run_id bigint, outcome text, result text, error_code text, error_message text
)
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
comment on function private.close_job_run(bigint, text, text, text, text) is
  'Records the end of a run.';

create function private.run_item(
  run_id bigint, item text, out outcome text, out amount bigint, out error_code text,
  out error_message text
)
language plpgsql
set search_path = ''
as $$
declare
  name text := (select runs.job_name from private.job_runs runs where runs.id = run_item.run_id);
  attempt record;
begin
  select tried.* into attempt from private.try_job(name, run_item.item) tried;
  perform private.record_item(name, run_item.item, attempt.error_code, attempt.error_message);
  outcome := attempt.outcome;
  amount := case
    when attempt.outcome = 'succeeded' then coalesce(attempt.result::bigint, 0)
    else 0
  end;
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
comment on function private.run_item(bigint, text) is
  'One step of a run: processes an item, and records its outcome and the progress of the run. The '
  'caller commits.';

create function private.items_of_run(
  run_id bigint, passed_over text[], out items text[], out outcome text, out error_code text,
  out error_message text
)
language plpgsql
set search_path = ''
as $$
declare
  name text := (
    select runs.job_name from private.job_runs runs where runs.id = items_of_run.run_id
  );
  after text := (
    select runs.last_item from private.job_runs runs
    where runs.job_name = name and runs.last_item is not null
    order by runs.id desc limit 1
  );
  oldest timestamptz;
  longest_due text;
begin
  -- In the order given, which the other aggregate's would replace.
  select
    coalesce(array_agg(due.item order by due.place), '{}'), min(due.due_at),
    (array_agg(due.item order by due.due_at) filter (where due.due_at is not null))[1]
  into items, oldest, longest_due
  from private.due_items(name, after, items_of_run.passed_over)
    with ordinality as due (item, round, due_at, place);
  update private.job_runs
  set items_left = cardinality(items), oldest_due_at = oldest, oldest_item = longest_due
  where job_runs.id = items_of_run.run_id;
  outcome := 'succeeded';
exception
  when query_canceled then
    items := '{}';
    outcome := 'timed_out';
    error_code := sqlstate;
    error_message := 'The run was canceled while it listed what is due.';
  when others then
    items := '{}';
    outcome := 'failed';
    error_code := sqlstate;
    error_message := sqlerrm;
end
$$;
comment on function private.items_of_run(bigint, text[]) is
  'The items that a run processes next, recorded as its remaining work; none and an error if they '
  'cannot be listed.';

create procedure private.run_items(
  run_id bigint, deadline timestamptz, inout outcome text, inout error_code text,
  inout error_message text
)
language plpgsql
as $$
declare
  items text[];
  item text;
  step record;
  passed_over text[] := array[]::text[];
begin
  -- A procedure that commits cannot have a SET clause, and a local setting ends with each commit.
  perform set_config('search_path', '', true);
  loop
    perform set_config('search_path', '', true);
    select found.* into items, run_items.outcome, run_items.error_code, run_items.error_message
    from private.items_of_run(run_items.run_id, passed_over) found;
    commit;
    exit when items = '{}' or clock_timestamp() >= run_items.deadline;
    foreach item in array items loop
      perform set_config('search_path', '', true);
      select tried.* into step from private.run_item(run_items.run_id, item) tried;
      commit;
      -- An item with more work is processed again, after the others.
      if step.amount = 0 then
        passed_over := passed_over || item;
      end if;
      exit when clock_timestamp() >= run_items.deadline or step.outcome = 'timed_out';
    end loop;
    exit when step.outcome = 'timed_out';
  end loop;
end
$$;
comment on procedure private.run_items(bigint, timestamptz, text, text, text) is
  'Processes the items that are due, each in its own transaction, until none is left or the time '
  'limit is reached. outcome says whether the items could be listed; the outcome of each is '
  'recorded.';

create function private.try_job(
  name text, item text default null, out outcome text, out result text, out error_code text,
  out error_message text
)
language plpgsql
set search_path = ''
as $$
declare
  -- @plpgsql_check_options: security_warnings = off
  job private.jobs;
begin
  select jobs.* into job from private.jobs where jobs.name = try_job.name;
  -- A job does not wait long for locks: such work is retried in its next run.
  perform set_config('lock_timeout', '5s', true);
  -- The audit log names the job.
  perform set_config('agentbase.job', try_job.name, true);
  execute job.command into try_job.result using try_job.item;
  -- Deferred constraints must fail here, where the error is caught.
  set constraints all immediate;
  outcome := 'succeeded';
exception
  when query_canceled then
    outcome := 'timed_out';
    error_code := sqlstate;
    error_message := format('The run was canceled: it may take %s.', job.timeout);
  when others then
    outcome := 'failed';
    error_code := sqlstate;
    error_message := sqlerrm;
end
$$;
comment on function private.try_job(text, text) is
  'Runs the command of a job, for a given item if it has items, and returns the outcome: an error '
  'rolls it back and is returned, not raised.';

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
    perform private.refuse('job_not_found', format('There is no job "%s".', run_job.name));
  end if;
  -- Held until the end, across the commits; it is released if the session ends.
  if not pg_try_advisory_lock(private.lock_namespace('jobs'), hashtext(job.name)) then
    perform private.cancel_overdue_runs();
    return;
  end if;
  run_id := private.open_job_run(job.name);
  commit;

  if job.items is not null then
    call private.run_items(
      run_id, clock_timestamp() + job.timeout * 0.8, outcome, error_code, error_message
    );
  end if;
  perform set_config('search_path', '', true);
  if outcome <> 'succeeded' then
    select outcome, null::text as result, error_code, error_message into attempt;
  elsif job.items is not null then
    select ended.* into attempt from private.outcome_of_run(run_id) ended;
  else
    select tried.* into attempt from private.try_job(job.name) tried;
  end if;
  perform private.close_job_run(
    run_id, attempt.outcome, attempt.result, attempt.error_code, attempt.error_message
  );
  commit;

  perform pg_advisory_unlock(private.lock_namespace('jobs'), hashtext(job.name));
  if attempt.outcome <> 'succeeded' then
    raise exception 'Job "%" %: %',
    job.name,
    replace(attempt.outcome, '_', ' '),
    private.without_secrets(attempt.error_message);
  end if;
end
$$;
comment on procedure private.run_job(text) is
  'Runs a job, unless it is already running: records the start, commits, runs it, each item in its '
  'own transaction, records the end, commits. Schedulers call it, outside a transaction. Raises '
  'the error after recording it; if only some items failed, they are only recorded. Errors: PT404 '
  'job_not_found.';
