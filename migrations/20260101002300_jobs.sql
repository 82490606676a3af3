-- The jobs themselves: what expires, the log of runs, and which job does what when.

-- What expires ---------------------------------------------------------------------

create function private.delete_expired()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  batch constant integer := 5000;
  deleted integer;
  total integer := public.expire_mcp_sessions(batch) + private.expire_chat_sessions(batch);
begin
  -- An invitation that was not accepted is shown as expired for a month.
  delete from public.organization_invitations where id in (
    select id from public.organization_invitations
    where accepted_at is null and expires_at < now() - interval '30 days'
    limit batch for update skip locked
  );
  get diagnostics deleted = row_count;
  total := total + deleted;
  -- Who still comes with a secret that was replaced hears so for a month.
  delete from private.access_key_secrets where token_hash in (
    select token_hash from private.access_key_secrets
    where expires_at < now() - interval '30 days' order by expires_at limit batch for update skip locked
  );
  get diagnostics deleted = row_count;
  total := total + deleted;
  delete from public.notifications where id in (
    select id from public.notifications where expires_at < now() order by expires_at limit batch for update skip locked
  );
  get diagnostics deleted = row_count;
  total := total + deleted;
  delete from private.stored_answers where interaction_id in (
    select interaction_id from private.stored_answers where expires_at < now() order by expires_at limit batch for update skip locked
  );
  get diagnostics deleted = row_count;
  total := total + deleted;
  -- An empty bucket is as good as none.
  delete from private.rate_limits where key in (
    select key from private.rate_limits where empty_at < now() - interval '1 minute' order by empty_at limit batch for update skip locked
  );
  get diagnostics deleted = row_count;
  return total + deleted;
end
$$;
comment on function private.delete_expired() is 'Ends idle sessions and deletes what is over: sessions of MCP, invitations, replaced secrets of access keys, notifications, stored answers, empty buckets of rate limits; at most 5,000 of each. Returns how many rows.';

create function private.clean_job_log()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  deleted integer;
  total integer;
begin
  perform private.close_crashed_runs();
  delete from private.job_runs where coalesce(finished_at, started_at) < now() - interval '7 days';
  get diagnostics total = row_count;
  if to_regclass('cron.job_run_details') is not null then
    -- After a crash pg_cron leaves rows that failed and never ended.
    execute $query$
      delete from cron.job_run_details where coalesce(end_time, start_time) < now() - interval '7 days'
    $query$;
    get diagnostics deleted = row_count;
    total := total + deleted;
  end if;
  return total;
end
$$;
comment on function private.clean_job_log() is 'Deletes runs of jobs that ended more than seven days ago, and those that crashed then, from our log and pg_cron''s. Returns how many.';

-- The jobs ---------------------------------------------------------------------------

insert into private.jobs (name, schedule, items, command, timeout, description) values
  ('sweep-turns', '* * * * *', 'private.turns_to_sweep()', 'select private.sweep_turn($1::uuid)', '50 seconds',
    'Fails the turns of chat that nobody settled, and frees what was set aside for them'),
  ('purge-organizations', '35 * * * *', 'private.organizations_to_purge()',
    'select private.purge_organization($1::uuid)', '5 minutes',
    'Removes organizations that were deleted longer ago than they can be restored, with everything in them');

insert into private.jobs (name, schedule, command, timeout, description) values
  ('release-reservations', '*/5 * * * *', 'select private.release_reservations()', '50 seconds',
    'Frees what is set aside in budgets for turns that no longer run'),
  ('refresh-usage', '*/10 * * * *', 'select public.refresh_daily_usage()', '2 minutes',
    'Counts late changes of usage, and what is old enough to be counted'),
  -- By then yesterday is over in the westernmost time zone too.
  ('record-agent-metrics', '25 12 * * *', 'select public.record_missing_agent_metrics()', '5 minutes',
    'Measures the days of the last week that are not measured yet, agent by agent'),
  ('score-agents', '20 * * * *', 'select public.refresh_agent_activity_scores()', '2 minutes',
    'Computes the activity scores of agents'),
  ('delete-expired', '*/10 * * * *', 'select private.delete_expired()', '2 minutes',
    'Ends idle sessions; deletes those of MCP, invitations, replaced secrets, notifications and stored answers that are over'),
  ('apply-retention', '*/10 * * * *', 'select private.apply_retention()', '5 minutes',
    'Removes what plans keep no longer: conversations, interactions, thoughts, executions, months of measurements'),
  ('create-partitions', '15 0 * * *', 'select private.create_partitions_ahead()', '1 minute',
    'Makes the partitions of the next three months'),
  ('clean-job-log', '40 3 * * *', 'select private.clean_job_log()', '2 minutes',
    'Deletes runs of jobs that are older than a week');
