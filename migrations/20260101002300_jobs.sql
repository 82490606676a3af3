-- The jobs themselves: what expires, the log of runs, and which job does what when.

-- What expires ---------------------------------------------------------------------

create function private.expired_rows()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select kinds.kind || ':' || coalesce(kinds.owner, ''), 1::bigint, kinds.due_at
  from (
    select 'mcp_sessions', user_id::text, min(expires_at) from public.mcp_sessions where expires_at < now() group by 2
    union all
    select 'chat_sessions', org_id::text, min(last_activity_at) + interval '30 days' from public.chat_sessions
    where status = 'active' and last_activity_at < now() - interval '30 days' group by 2
    union all
    -- An invitation that was not accepted is shown as expired for a month.
    select 'invitations', organization_id::text, min(expires_at) + interval '30 days' from public.organization_invitations
    where accepted_at is null and expires_at < now() - interval '30 days' group by 2
    union all
    -- Who still comes with a secret that was replaced hears so for a month.
    select 'access_key_secrets', access_key_id::text, min(expires_at) + interval '30 days' from private.access_key_secrets
    where expires_at < now() - interval '30 days' group by 2
    union all
    select 'notifications', user_id::text, min(greatest(expires_at, created_at)) from public.notifications where expires_at < now() group by 2
    union all
    select 'stored_answers', null, min(expires_at) from private.stored_answers where expires_at < now() having count(*) > 0
    union all
    -- An empty bucket is as good as none.
    select 'rate_limits', null, min(empty_at) from private.rate_limits where empty_at < now() - interval '1 minute' having count(*) > 0
  ) kinds (kind, owner, due_at)
$$;
comment on function private.expired_rows() is 'What is over, of each kind and owner, <kind>:<id>, for the job delete-expired.';

create function private.delete_expired(item text, batch integer default 5000)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  kind constant text := split_part(item, ':', 1);
  owner constant uuid := nullif(split_part(item, ':', 2), '')::uuid;
  deleted integer;
begin
  case kind
    when 'mcp_sessions' then
      return private.remove_mcp_sessions(array(
        select session_id from public.mcp_sessions where user_id = owner and expires_at < now() limit batch for update skip locked
      ));
    when 'chat_sessions' then
      return private.expire_chat_sessions(owner, batch);
    when 'invitations' then
      delete from public.organization_invitations where id in (
        select id from public.organization_invitations
        where organization_id = owner and accepted_at is null and expires_at < now() - interval '30 days'
        limit batch for update skip locked
      );
    when 'access_key_secrets' then
      delete from private.access_key_secrets where token_hash in (
        select token_hash from private.access_key_secrets
        where access_key_id = owner and expires_at < now() - interval '30 days' limit batch for update skip locked
      );
    when 'notifications' then
      delete from public.notifications where id in (
        select id from public.notifications where user_id = owner and expires_at < now() limit batch for update skip locked
      );
    when 'stored_answers' then
      delete from private.stored_answers where interaction_id in (
        select interaction_id from private.stored_answers where expires_at < now() limit batch for update skip locked
      );
    when 'rate_limits' then
      delete from private.rate_limits where key in (
        select key from private.rate_limits where empty_at < now() - interval '1 minute' limit batch for update skip locked
      );
  end case;
  get diagnostics deleted = row_count;
  return deleted;
end
$$;
comment on function private.delete_expired(text, integer) is 'Ends idle sessions, or deletes what is over, of one kind and owner as private.expired_rows() lists them, at most so many rows; returns how many.';

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
  -- Of items that are no longer there; those that are fail again sooner.
  delete from private.job_failures where failed_at < now() - interval '7 days';
  get diagnostics deleted = row_count;
  total := total + deleted;
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
comment on function private.clean_job_log() is 'Deletes runs of jobs that ended more than seven days ago, and those that crashed then, from our log and pg_cron''s, and failures of items that are as old. Returns how many.';

-- The jobs ---------------------------------------------------------------------------

insert into private.jobs (name, schedule, items, command, timeout, description) values
  ('sweep-turns', '* * * * *', 'private.turns_to_sweep()', 'select private.sweep_turn($1::uuid)', '50 seconds',
    'Fails the turns of chat that nobody settled, and frees what was set aside for them'),
  ('purge-organizations', '35 * * * *', 'private.organizations_to_purge()',
    'select private.purge_organization($1::uuid)', '5 minutes',
    'Removes organizations that were deleted longer ago than they can be restored, with everything in them'),
  ('begin-budget-periods', '* * * * *', 'private.budgets_to_begin()', 'select private.begin_budget_periods($1::uuid)', '50 seconds',
    'Begins a new day or month in budgets'),
  ('release-reservations', '*/5 * * * *', 'private.reservations_to_release()', 'select private.release_reservations($1::uuid)', '50 seconds',
    'Frees what is set aside in budgets for turns that no longer run'),
  ('catch-up-usage', '*/10 * * * *', 'private.usage_to_catch_up()', 'select private.catch_up_usage($1::bigint)', '5 minutes',
    'Counts late changes of usage, and organizations whose time zone changed'),
  ('remove-usage-leftovers', '*/10 * * * *', 'private.usage_leftovers_to_remove()', 'select private.remove_usage_leftovers($1::bigint)', '2 minutes',
    'Removes counts of usage that came to nothing, or belong to a time zone that an organization had before'),
  -- By then yesterday is over in the westernmost time zone too.
  ('record-agent-metrics', '25 12 * * *', 'private.unmeasured_days()', 'select public.record_agent_metrics($1::date)', '5 minutes',
    'Measures the days of the last week that are not measured yet, agent by agent'),
  ('score-agents', '20 * * * *', 'private.agents_to_score()', 'select private.score_agents_of($1::uuid)', '2 minutes',
    'Computes the activity scores of agents'),
  ('delete-expired', '*/10 * * * *', 'private.expired_rows()', 'select private.delete_expired($1)', '2 minutes',
    'Ends idle sessions; deletes those of MCP, invitations, replaced secrets, notifications and stored answers that are over'),
  ('apply-retention', '*/10 * * * *', 'private.organizations_to_trim()', 'select private.apply_retention($1::uuid)', '5 minutes',
    'Removes conversations and interactions that plans keep no longer'),
  ('remove-old-thoughts', '*/10 * * * *', 'private.agents_to_trim()', 'select private.trim_agent($1::uuid)', '5 minutes',
    'Removes what agents thought and executed and plans keep no longer');

insert into private.jobs (name, schedule, command, timeout, description) values
  ('refresh-usage', '*/10 * * * *', 'select private.advance_usage()', '2 minutes',
    'Counts the usage that is old enough to be counted'),
  ('drop-partitions', '45 * * * *', 'select private.drop_old_measurements()', '1 minute',
    'Drops the months of measurements that no plan keeps any longer'),
  ('create-partitions', '15 0 * * *', 'select private.create_partitions_ahead()', '1 minute',
    'Makes the partitions of the next three months'),
  ('clean-job-log', '40 3 * * *', 'select private.clean_job_log()', '2 minutes',
    'Deletes runs of jobs that are older than a week');
