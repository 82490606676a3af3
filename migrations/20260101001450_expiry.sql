-- Rows with a limited lifetime.

create function private.expired_rows()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select kinds.kind || ':' || coalesce(kinds.owner, ''), 1::bigint, kinds.due_at
  from (
    select 'mcp_sessions', user_id::text, min(expires_at)
    from public.mcp_sessions
    where expires_at < now() group by 2
    union all
    select
      'chat_sessions', org_id::text, min(last_activity_at) + (private.limits()).session_idle_time
    from public.chat_sessions
    where status = 'active' and last_activity_at < now() - (private.limits()).session_idle_time
    group by 2
    union all
    select 'visitor_sessions', organization_id::text, min(since)
    from private.idle_visitors() group by 2
    union all
    select 'widget_tickets', null, min(expires_at)
    from private.widget_tickets
    where expires_at < now() having count(*) > 0
    union all
    -- An invitation that was not accepted is shown as expired for a month.
    select 'invitations', organization_id::text, min(expires_at) + interval '30 days'
    from public.organization_invitations
    where accepted_at is null and expires_at < now() - interval '30 days' group by 2
    union all
    -- Replaced secrets are kept for a month, so that their use gets a specific error.
    select 'access_key_secrets', access_key_id::text, min(expires_at) + interval '30 days'
    from private.access_key_secrets
    where expires_at < now() - interval '30 days' group by 2
    union all
    select 'notifications', user_id::text, min(greatest(expires_at, created_at))
    from public.notifications
    where expires_at < now() group by 2
    union all
    select 'stored_answers', null, min(expires_at)
    from private.stored_answers
    where expires_at < now() having count(*) > 0
    union all
    select 'responses', null, min(expires_at)
    from private.responses
    where expires_at < now() having count(*) > 0
    union all
    select 'response_events', null, min(created_at) + (private.limits()).response_event_lifetime
    from private.response_events
    where created_at < now() - (private.limits()).response_event_lifetime having count(*) > 0
    union all
    select 'overdue_deliveries', organization_id::text, min(give_up_at)
    from public.webhook_deliveries
    where status = 'pending' and give_up_at <= now()
      and coalesce(locked_until, '-infinity') <= now() group by 2
    union all
    select 'webhook_deliveries', organization_id::text, min(created_at) + interval '30 days'
    from public.webhook_deliveries
    where created_at < now() - interval '30 days' and status <> 'pending' group by 2
    union all
    -- An empty bucket is equivalent to none.
    select 'rate_limits', null, min(empty_at)
    from private.rate_limits
    where empty_at < now() - interval '1 minute' having count(*) > 0
  ) kinds (kind, owner, due_at)
$$;
comment on function private.expired_rows() is
  'Expired rows of each kind and owner, <kind>:<id>, for the job delete-expired.';

create function private.delete_expired(item text, batch integer default 5000)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  kind constant text := split_part(delete_expired.item, ':', 1);
  owner constant uuid := nullif(split_part(delete_expired.item, ':', 2), '')::uuid;
  deleted integer;
begin
  case kind
    when 'mcp_sessions' then
      return private.remove_mcp_sessions(array(
        select session_id
        from public.mcp_sessions
        where user_id = owner and expires_at < now()
        limit delete_expired.batch
        for update skip locked
      ));
    when 'chat_sessions' then
      return private.expire_chat_sessions(owner, delete_expired.batch);
    when 'visitor_sessions', 'widget_tickets' then
      return private.end_visits(kind, owner, delete_expired.batch);
    when 'invitations' then
      delete from public.organization_invitations where id in (
        select id from public.organization_invitations
        where organization_id = owner
          and accepted_at is null
          and expires_at < now() - interval '30 days'
        limit delete_expired.batch for update skip locked
      );
    when 'access_key_secrets' then
      delete from private.access_key_secrets where token_hash in (
        select token_hash from private.access_key_secrets
        where access_key_id = owner and expires_at < now() - interval '30 days'
        limit delete_expired.batch for update skip locked
      );
    when 'notifications' then
      delete from public.notifications where id in (
        select id
        from public.notifications
        where user_id = owner and expires_at < now()
        limit delete_expired.batch
        for update skip locked
      );
    when 'stored_answers' then
      delete from private.stored_answers where interaction_id in (
        select interaction_id from private.stored_answers
        where expires_at < now()
        limit delete_expired.batch for update skip locked
      );
    when 'responses', 'response_events' then
      return private.delete_expired_responses(kind, delete_expired.batch);
    when 'overdue_deliveries', 'webhook_deliveries' then
      return private.end_deliveries(kind, owner, delete_expired.batch);
    when 'rate_limits' then
      delete from private.rate_limits where key in (
        select key from private.rate_limits
        where empty_at < now() - interval '1 minute'
        limit delete_expired.batch for update skip locked
      );
  end case;
  get diagnostics deleted = row_count;
  return deleted;
end
$$;
comment on function private.delete_expired(text, integer) is
  'Ends idle sessions, or deletes rows that have ended, of one kind and owner as '
  'private.expired_rows() lists them, up to batch; returns how many.';

create function private.old_records()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select kinds.kind || ':' || coalesce(kinds.owner, ''), 1::bigint, kinds.due_at
  from (
    select 'notifications', user_id::text, min(created_at) + interval '180 days'
    from public.notifications
    where expires_at is null and created_at < now() - interval '180 days'
    group by 2
    union all
    select 'access_key_events', organization_id::text, min(created_at) + interval '2 years'
    from public.access_key_events
    where created_at < now() - interval '2 years'
    group by 2
    union all
    select 'api_key_events', user_id::text, min(created_at) + interval '2 years'
    from public.api_key_events
    where created_at < now() - interval '2 years'
    group by 2
    union all
    select 'organization_invitations', organization_id::text, min(accepted_at) + interval '1 year'
    from public.organization_invitations
    where accepted_at < now() - interval '1 year'
    group by 2
    union all
    select 'audit_events', old.organization_id::text, old.due_at
    from private.old_audit_events() old
  ) kinds (kind, owner, due_at)
$$;
comment on function private.old_records() is
  'Records past their retention, of each table and owner, <table>:<id>, for the job '
  'delete-old-records.';

create function private.delete_old_records(item text, batch integer default 5000)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  owner constant uuid := nullif(split_part(delete_old_records.item, ':', 2), '')::uuid;
  deleted integer;
begin
  case split_part(delete_old_records.item, ':', 1)
    when 'notifications' then
      delete from public.notifications where id in (
        select id from public.notifications
        where user_id = owner
          and expires_at is null and created_at < now() - interval '180 days'
        limit delete_old_records.batch for update skip locked
      );
    when 'access_key_events' then
      delete from public.access_key_events where id in (
        select id from public.access_key_events
        where organization_id = owner and created_at < now() - interval '2 years'
        limit delete_old_records.batch for update skip locked
      );
    when 'api_key_events' then
      delete from public.api_key_events where id in (
        select id from public.api_key_events
        where user_id is not distinct from owner and created_at < now() - interval '2 years'
        limit delete_old_records.batch for update skip locked
      );
    when 'organization_invitations' then
      delete from public.organization_invitations where id in (
        select id from public.organization_invitations
        where organization_id = owner and accepted_at < now() - interval '1 year'
        limit delete_old_records.batch for update skip locked
      );
    when 'audit_events' then
      return private.delete_old_audit_events(owner, delete_old_records.batch);
  end case;
  get diagnostics deleted = row_count;
  return deleted;
end
$$;
comment on function private.delete_old_records(text, integer) is
  'Deletes records of one table and owner as private.old_records() lists them, up to batch; '
  'returns how many.';

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
  -- Of items that no longer exist; existing ones fail again sooner.
  delete from private.job_failures where failed_at < now() - interval '7 days';
  get diagnostics deleted = row_count;
  total := total + deleted;
  if to_regclass('cron.job_run_details') is not null then
    -- After a crash, pg_cron leaves rows of runs without an end.
    execute $query$
      delete from cron.job_run_details
      where coalesce(end_time, start_time) < now() - interval '7 days'
    $query$;
    get diagnostics deleted = row_count;
    total := total + deleted;
  end if;
  return total;
end
$$;
comment on function private.clean_job_log() is
  'Deletes runs of jobs that ended more than seven days ago, and those that crashed then, from '
  'our log and pg_cron''s, and failures of items that are as old. Returns how many.';
