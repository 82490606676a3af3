-- Closed accounts: accounts that are too large to delete in one statement. They are closed
-- immediately and removed step by step, the row of auth.users last.

create table private.closed_accounts (
  user_id uuid primary key references auth.users (id) on delete cascade,
  created_at timestamptz not null default now()
);
comment on table private.closed_accounts is
  'Accounts that were deleted and still have conversations or rows of ledgers, which the job '
  'delete-accounts removes.';
comment on column private.closed_accounts.user_id is 'The account.';
comment on column private.closed_accounts.created_at is 'When the account was deleted.';

create function private.is_large_account(user_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  personal uuid := private.home_organization(null, is_large_account.user_id);
  own_agents uuid[] := array(
    select agents.id from public.agents
    where agents.organization_id = personal
      or agents.organization_id is null and agents.created_by = is_large_account.user_id
  );
begin
  -- As many of each as a statement removes in a second.
  return (
    select count(*) = 1000 or coalesce(sum(rows.message_count), 0) >= 10000
    from (
      select sessions.message_count
      from public.chat_sessions sessions
      where sessions.user_id = is_large_account.user_id limit 1000
    ) rows
  ) or (
    select bool_or(counted.found = counted.most)
    from (values
      (1000, least(cardinality(own_agents), 1000)::bigint),
      (1000, (select count(*) from (
        select from public.ai_interactions
        where ai_interactions.user_id = is_large_account.user_id limit 1000
      ) rows)),
      (1000, (select count(*) from (
        select from public.ai_interactions
        where ai_interactions.organization_id = personal limit 1000
      ) rows)),
      (1000, (select count(*) from (
        select from public.workflows
        join public.workflow_executions executions on executions.workflow_id = workflows.id
        where workflows.agent_id = any (own_agents) limit 1000
      ) rows)),
      (10000, (select count(*) from (
        select from public.agent_thoughts
        where agent_thoughts.agent_id = any (own_agents) limit 10000
      ) rows)),
      -- The person is removed from other organizations' logs, and their own log is deleted.
      (10000, (select count(*) from (
        select from public.audit_events
        where audit_events.actor_id = is_large_account.user_id limit 10000
      ) rows)),
      (10000, (select count(*) from (
        select from public.audit_events where audit_events.organization_id = personal limit 10000
      ) rows))
    ) as counted (most, found)
  );
end
$$;
comment on function private.is_large_account(uuid) is
  'Whether a person has 1,000 conversations, agents, rows of the ledger or executions, or 10,000 '
  'messages, thoughts or audit events.';

create function private.close_account()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not private.is_large_account(old.id) then
    return old;
  end if;
  perform private.release_organizations_of(old.id);
  insert into private.closed_accounts (user_id) values (old.id) on conflict do nothing;
  -- Prevents sign-in and token refresh, and frees the address.
  delete from auth.sessions where sessions.user_id = old.id;
  delete from auth.identities where identities.user_id = old.id;
  delete from auth.one_time_tokens where one_time_tokens.user_id = old.id;
  update auth.users
  set deleted_at = now(), banned_until = now() + interval '100 years', email = null, phone = null,
      encrypted_password = null, raw_user_meta_data = '{}',
      -- The Auth server reads these as text, never null.
      email_change = '', phone_change = '', confirmation_token = '', recovery_token = '',
      email_change_token_new = '', email_change_token_current = '', phone_change_token = '',
      reauthentication_token = ''
  where users.id = old.id;
  -- Prevents calls by token or key, and ends all memberships.
  update public.profiles set status = 'deactivated', full_name = null, avatar_url = null
  where profiles.id = old.id;
  delete from public.organization_members members
  using public.organizations
  where members.user_id = old.id and organizations.id = members.organization_id
    and not organizations.is_personal;
  -- Shared agents stop answering.
  update public.agents set enabled = false
  where agents.created_by = old.id and agents.organization_id is null and agents.enabled;
  -- The row stays.
  return null;
end
$$;
comment on function private.close_account() is
  'Trigger on auth.users: a large account is closed, and deleted by the job delete-accounts. '
  'Errors: PT409 last_owner.';

create function private.accounts_to_delete()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select accounts.user_id::text, 1::bigint, accounts.created_at
  from private.closed_accounts accounts
$$;
comment on function private.accounts_to_delete() is
  'The accounts that are closed, for the job delete-accounts.';

create function private.remove_from_audit_log(
  user_id uuid, personal_organization uuid, batch integer
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  removed integer;
begin
  delete from public.audit_events
  where audit_events.id in (
    select events.id from public.audit_events events
    where events.organization_id = remove_from_audit_log.personal_organization
    limit remove_from_audit_log.batch
  );
  get diagnostics removed = row_count;
  if removed = 0 then
    update public.audit_events set actor_id = null
    where audit_events.id in (
      select events.id from public.audit_events events
      where events.actor_id = remove_from_audit_log.user_id
      limit remove_from_audit_log.batch
    );
    get diagnostics removed = row_count;
  end if;
  return removed;
end
$$;
comment on function private.remove_from_audit_log(uuid, uuid, integer) is
  'Deletes up to batch events of a person''s personal organization, or, once there are none, '
  'clears actor_id in up to batch events of other organizations. Returns how many.';

create function private.remove_from_account(user_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- What the person wrote for others goes first.
  removed integer := private.scrub_interactions_of(
    remove_from_account.user_id, remove_from_account.batch
  );
begin
  if removed = 0 then
    delete from public.chat_messages
    where chat_messages.id in (
      select messages.id from public.chat_messages messages
      join public.chat_sessions sessions on sessions.id = messages.session_id
      where sessions.user_id = remove_from_account.user_id
      limit remove_from_account.batch
    );
    get diagnostics removed = row_count;
  end if;
  if removed = 0 then
    delete from public.chat_sessions
    where chat_sessions.id in (
      select sessions.id from public.chat_sessions sessions
      where sessions.user_id = remove_from_account.user_id limit remove_from_account.batch
    );
    get diagnostics removed = row_count;
  end if;
  return removed;
end
$$;
comment on function private.remove_from_account(uuid, integer) is
  'Removes a person''s texts from a number of rows of ledgers, or a number of messages or '
  'conversations, and returns how many.';

create function private.delete_closed_account(user_id uuid, batch integer default 200)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  personal uuid := (
    select organizations.id from public.organizations
    where organizations.created_by = delete_closed_account.user_id and organizations.is_personal
  );
  removed integer;
begin
  perform from private.closed_accounts accounts
  where accounts.user_id = delete_closed_account.user_id
  for update skip locked;
  if not found then
    return 0;
  end if;
  removed := private.remove_from_audit_log(
    delete_closed_account.user_id, personal, delete_closed_account.batch
  );
  if removed = 0 and personal is not null then
    removed := private.remove_share(personal, delete_closed_account.batch);
  elsif removed = 0 then
    removed := private.remove_from_account(
      delete_closed_account.user_id, delete_closed_account.batch
    );
  end if;
  if removed = 0 then
    delete from auth.users where users.id = delete_closed_account.user_id;
    get diagnostics removed = row_count;
  end if;
  return removed;
end
$$;
comment on function private.delete_closed_account(uuid, integer) is
  'Removes a share of an account that is closed, the account itself when nothing else is left, '
  'and returns how many rows, 200 at most: docs/benchmarks.md has the time for which a share locks '
  'its rows.';
