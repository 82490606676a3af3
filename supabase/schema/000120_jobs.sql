-- The current state of what 000120_jobs.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.job_failures (
  job_name text not null,
  item text not null,
  attempts integer default 1 not null,
  error_code text not null,
  error_message text not null,
  failed_at timestamp with time zone default clock_timestamp() not null,
  retry_at timestamp with time zone default (clock_timestamp() + '00:01:00'::interval) not null,
  created_at timestamp with time zone default now() not null,
  constraint job_failures_pkey PRIMARY KEY (job_name, item),
  constraint job_failures_job_name_fkey FOREIGN KEY (job_name) REFERENCES private.jobs(name) ON UPDATE CASCADE ON DELETE CASCADE,
  constraint failure_was_attempted CHECK ((attempts >= 1))
);
grant select on private.job_failures to service_role;

create table private.job_runs (
  id bigint generated always as identity not null,
  job_name text not null,
  outcome text default 'running'::text not null,
  result text,
  last_item text,
  items_done integer default 0 not null,
  items_failed integer default 0 not null,
  items_left integer default 0 not null,
  oldest_due_at timestamp with time zone,
  oldest_item text,
  error_code text,
  error_message text,
  session_pid integer default pg_backend_pid() not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint job_runs_pkey PRIMARY KEY (id),
  constraint job_runs_job_name_fkey FOREIGN KEY (job_name) REFERENCES private.jobs(name) ON UPDATE CASCADE ON DELETE CASCADE,
  constraint only_a_run_that_went_wrong_has_an_error CHECK (((error_message IS NULL) OR (outcome <> ALL (ARRAY['running'::text, 'succeeded'::text])))),
  constraint run_finishes_after_it_starts CHECK ((finished_at >= started_at)),
  constraint run_is_finished_unless_it_runs CHECK (((outcome = 'running'::text) = (finished_at IS NULL))),
  constraint run_outcome_is_known CHECK ((outcome = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'timed_out'::text, 'crashed'::text])))
);
grant select on private.job_runs to service_role;
CREATE INDEX job_runs_ended_idx ON private.job_runs USING btree (COALESCE(finished_at, started_at));
CREATE INDEX job_runs_job_name_idx ON private.job_runs USING btree (job_name, id DESC);
CREATE UNIQUE INDEX one_run_of_a_job_at_a_time ON private.job_runs USING btree (job_name) WHERE (finished_at IS NULL);

create table private.jobs (
  name text not null,
  schedule text not null,
  period interval generated always as (private.period_of(schedule)) stored,
  items text,
  command text not null,
  timeout interval not null,
  description text not null,
  is_enabled boolean default true not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint jobs_pkey PRIMARY KEY (name),
  constraint command_is_one_select CHECK ((command ~ '^select [^;]+$'::text)),
  constraint items_come_from_a_function CHECK ((items ~ '^private\.[a-z_]+\(\)$'::text)),
  constraint job_name_is_lower_case_words_and_dashes CHECK ((name ~ '^[a-z][a-z0-9-]{0,49}$'::text)),
  constraint schedule_is_of_a_known_form CHECK ((private.period_of(schedule) IS NOT NULL)),
  constraint timeout_is_a_second_to_ten_minutes CHECK (((timeout >= '00:00:01'::interval) AND (timeout <= '00:10:00'::interval)))
);
grant select on private.jobs to service_role;
CREATE TRIGGER reschedule_jobs AFTER INSERT OR DELETE OR UPDATE ON private.jobs FOR EACH STATEMENT EXECUTE FUNCTION private.reschedule_jobs();
CREATE TRIGGER update_jobs_updated_at BEFORE UPDATE ON private.jobs FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.due_items(name text, after text, passed_over text[])
returns SETOF private.due_item
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.period_of(schedule text)
returns interval
language sql immutable security invoker
set search_path=""
as $body$
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
$body$;

create function private.record_item(name text, item text, error_code text, error_message text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.without_secrets(message text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.without_secrets(text) to service_role;
