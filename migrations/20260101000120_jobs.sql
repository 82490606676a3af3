-- Jobs: what the database does on a schedule, declared once, as rows. pg_cron, the local scheduler
-- and the documentation read them from private.jobs. A job is level-triggered: each run does a
-- bounded share of the work that is due, so a missed run costs nothing and a repeated one changes
-- nothing.
--
-- Most jobs work item by item, an item being one turn or one organization's share. Each item is a
-- transaction of its own: one that fails or is slow does not delay the others.
-- docs/decisions/jobs.md has the reasons.

create function private.period_of(schedule text)
returns interval
language sql
immutable
set search_path = ''
as $$
  select case
    when period_of.schedule = '* * * * *' then interval '1 minute'
    when period_of.schedule ~ '^\*/([1-9]|[1-5]\d) \* \* \* \*$'
      then make_interval(mins => substring(period_of.schedule from '/(\d+)')::integer)
    when period_of.schedule ~ '^([1-5]?\d) \* \* \* \*$' then interval '1 hour'
    when period_of.schedule ~ '^([1-5]?\d) \*/([1-9]|1\d|2[0-3]) \* \* \*$'
      then make_interval(hours => substring(period_of.schedule from '/(\d+)')::integer)
    when period_of.schedule ~ '^([1-5]?\d) (1?\d|2[0-3]) \* \* \*$' then interval '1 day'
    when period_of.schedule ~ '^([1-5]?\d) (1?\d|2[0-3]) \* \* [0-6]$' then interval '7 days'
  end
$$;
comment on function private.period_of(text) is
  'Time between two runs of a schedule in cron''s five fields, of the few forms that jobs use; '
  'null for any other.';

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
  constraint timeout_is_a_second_to_ten_minutes
    check (timeout between interval '1 second' and interval '10 minutes')
);
comment on table private.jobs is
  'The declarations of all jobs. A change is scheduled immediately if pg_cron is installed.';
comment on column private.jobs.name is 'Name of the job.';
comment on column private.jobs.schedule is
  'When it runs, in cron''s five fields, in UTC: * * * * *, */5 * * * *, 7 * * * *, 7 */2 * * *, '
  '7 3 * * * or 7 3 * * 0.';
comment on column private.jobs.period is 'Time between two runs; computed from the schedule.';
comment on column private.jobs.items is
  'Function that lists what is due as rows of private.due_item, such as '
  'private.turns_to_sweep(); null for a job that is one step.';
comment on column private.jobs.command is
  'Its command, a single select: for a job with items, it processes a bounded share of the item $1 '
  'and returns how much; otherwise it does all of the work.';
comment on column private.jobs.timeout is
  'A run that takes longer is cancelled. A run with items starts no further item after four fifths '
  'of it.';
comment on column private.jobs.description is 'What the job is for.';
comment on column private.jobs.is_enabled is 'Switched off, it is not scheduled.';
comment on column private.jobs.created_at is 'When it was declared.';
comment on column private.jobs.updated_at is 'When the job was last changed.';

grant select on private.jobs to service_role;
create trigger update_jobs_updated_at before update on private.jobs
  for each row execute function public.update_updated_at_column();

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
  oldest_item text,
  error_code text,
  error_message text,
  session_pid integer not null default pg_backend_pid(),
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  constraint run_outcome_is_known
    check (outcome in ('running', 'succeeded', 'failed', 'timed_out', 'crashed')),
  constraint run_is_finished_unless_it_runs check ((outcome = 'running') = (finished_at is null)),
  constraint run_finishes_after_it_starts check (finished_at >= started_at),
  constraint only_a_run_that_went_wrong_has_an_error
    check (error_message is null or outcome not in ('running', 'succeeded'))
);
comment on table private.job_runs is
  'The runs of the jobs of the last days. A run is recorded when it starts, so that a crashed one '
  'is detected.';
comment on column private.job_runs.id is 'Identifies the job run.';
comment on column private.job_runs.job_name is 'The job that ran.';
comment on column private.job_runs.outcome is
  'running, then succeeded, failed, timed_out, or crashed: its session ended without recording a '
  'result.';
comment on column private.job_runs.result is
  'What the command returned, such as the number of rows that it processed.';
comment on column private.job_runs.last_item is
  'The item that was processed last: the next run continues after it.';
comment on column private.job_runs.items_done is 'Steps that succeeded. Counted while it runs.';
comment on column private.job_runs.items_failed is
  'Steps that failed; private.job_failures says why.';
comment on column private.job_runs.items_left is
  'Items that were still due at its end, at most 1,000.';
comment on column private.job_runs.oldest_due_at is 'Since when the oldest of them was due.';
comment on column private.job_runs.oldest_item is
  'That item. If a tenant writes more than the job can process, it is the tenant''s.';
comment on column private.job_runs.error_code is 'SQLSTATE of what went wrong.';
comment on column private.job_runs.error_message is
  'Message of the error that ended the run, without secrets.';
comment on column private.job_runs.session_pid is 'Process id of the session that ran it.';
comment on column private.job_runs.started_at is 'When it started.';
comment on column private.job_runs.finished_at is 'When it ended, or was found to have crashed.';
comment on column private.job_runs.created_at is 'When the job run was recorded.';

grant select on private.job_runs to service_role;
create unique index one_run_of_a_job_at_a_time
  on private.job_runs (job_name)
  where finished_at is null;
create index job_runs_job_name_idx on private.job_runs (job_name, id desc);
create index job_runs_ended_idx on private.job_runs (coalesce(finished_at, started_at));

create type private.due_item as (item text, round bigint, due_at timestamptz);
comment on type private.due_item is
  'Work for a job: the item; its rank among those of the same organization, as the first items of '
  'all organizations come before any second one; since when it is due.';

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
comment on table private.job_failures is
  'Items that a job failed to process. Each is retried with growing pauses, without delaying '
  'others.';
comment on column private.job_failures.job_name is 'The job that failed on the item.';
comment on column private.job_failures.item is 'The item.';
comment on column private.job_failures.attempts is 'How often it failed in a row.';
comment on column private.job_failures.error_code is 'SQLSTATE of the last failure.';
comment on column private.job_failures.error_message is
  'Message of the last failure, without secrets.';
comment on column private.job_failures.failed_at is 'When it failed last.';
comment on column private.job_failures.retry_at is
  'It is skipped until then: for a minute after the first failure, twice as long after each '
  'further one, at most six hours.';
comment on column private.job_failures.created_at is 'When it failed first.';

grant select on private.job_failures to service_role;

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
    where not exists (
      select from unnest($3) as passed_over (item) where passed_over.item = due.item
    )
      and not exists (
        select from private.job_failures failures
        where failures.job_name = $1
          and failures.item = due.item
          and failures.retry_at > clock_timestamp()
      )
    -- Each organization's first item, starting after the last one processed.
    order by due.round, due.item <= $2, due.item
    limit 1000
  $query$, source) using due_items.name, coalesce(due_items.after, ''), due_items.passed_over;
end
$$;
comment on function private.due_items(text, text, text[]) is
  'The items of a job that are due, in processing order, at most 1,000: the first of each '
  'organization, starting after the given item; without items that are skipped or failed recently.';

create function private.without_secrets(message text)
returns text
language sql
immutable
set search_path = ''
as $$
  select left(
    private.redact_text(
      regexp_replace(
        regexp_replace(
          without_secrets.message,
          '\m(sb_secret_|sb_publishable_|agb_|inv_|sess_|mcp_|sk-|eyJ|v1:)[A-Za-z0-9_.:/+=-]+',
          '\1…', 'g'
        ),
        '(Bearer +)[^\s,;]+', '\1…', 'gi'
      )
    ),
    1000
  )
$$;
comment on function private.without_secrets(text) is
  'A message without what private.redact_text() removes, ciphertexts and parts of keys and tokens, '
  'at most 1,000 characters.';
grant execute on function private.without_secrets(text) to service_role;

create function private.record_item(name text, item text, error_code text, error_message text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if record_item.error_code is null then
    delete from private.job_failures
    where job_failures.job_name = record_item.name and job_failures.item = record_item.item;
    return;
  end if;
  insert into private.job_failures as failures (job_name, item, error_code, error_message)
  values (
    record_item.name,
    record_item.item,
    record_item.error_code,
    private.without_secrets(record_item.error_message)
  )
  on conflict on constraint job_failures_pkey do update
  set attempts = failures.attempts + 1,
      error_code = excluded.error_code,
      error_message = excluded.error_message,
      failed_at = excluded.failed_at,
      retry_at = excluded.failed_at + least(
        interval '1 minute' * power(2, least(failures.attempts, 9)), interval '6 hours'
      );
end
$$;
comment on function private.record_item(text, text, text, text) is
  'Records that a job failed on an item or, without an error, that it succeeded.';
