-- MCP sessions: a user's connections to MCP servers, with their state and encrypted OAuth tokens.
-- Seeds 000 and 001.

create table public.mcp_sessions (
  session_id text primary key default private.new_token('mcp_'),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  mcp_state jsonb not null default '{}',
  oauth_provider text references public.oauth_providers (id) on delete cascade,
  oauth_status text,
  oauth_data jsonb,
  oauth_issued_at timestamptz,
  oauth_expires_at timestamptz,
  oauth_refreshable boolean,
  oauth_lease uuid,
  oauth_lease_until timestamptz,
  oauth_failing_since timestamptz,
  expires_at timestamptz not null default now() + interval '24 hours',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint session_id_is_1_to_255_characters check (char_length(session_id) between 1 and 255),
  constraint mcp_state_is_an_object check (jsonb_typeof(mcp_state) = 'object'),
  constraint mcp_state_is_at_most_256_kib_and_64_levels check (private.is_document(mcp_state)),
  constraint oauth_data_is_ciphertext check (
    oauth_data is null
    or (
      private.is_ciphertext(oauth_data ->> 'ciphertext') is true
      and oauth_data - 'ciphertext' = '{}'
    )
  ),
  constraint oauth_status_is_known check (oauth_status in ('connected', 'needs_reauth')),
  constraint oauth_columns_belong_together check (
    case
      when oauth_provider is null then
        num_nonnulls(
          oauth_status, oauth_data, oauth_issued_at, oauth_expires_at, oauth_refreshable,
          oauth_lease, oauth_lease_until, oauth_failing_since
        ) = 0
      else oauth_status is not null
      and oauth_refreshable is not null
      and (oauth_data is not null) = (oauth_status = 'connected')
    end
  ),
  constraint oauth_lease_ends check (oauth_lease is null or oauth_lease_until is not null),
  constraint mcp_session_expires_after_it_is_made check (expires_at > created_at),
  constraint mcp_session_lives_at_most_90_days_unchanged
    check (expires_at <= updated_at + interval '90 days'),
  -- Sizes of columns that clients write.
  constraint mcp_session_id_has_no_control_characters check (private.is_plain(session_id))
);
comment on table public.mcp_sessions is
  'A person''s connection to an MCP server, with its state and tokens. Replaces the seeds'' '
  'user_sessions, oauth_states and mcp_oauth_tokens.';
comment on column public.mcp_sessions.session_id is
  'Public, unguessable name of the session; part of what the ciphertext is bound to.';
comment on column public.mcp_sessions.user_id is
  'Whose session; part of what the ciphertext is bound to.';
comment on column public.mcp_sessions.mcp_state is
  'Configuration and state of the MCP connection.';
comment on column public.mcp_sessions.oauth_provider is
  'Whose tokens it holds; one session per person and provider, null for a session without. Part '
  'of what the ciphertext is bound to.';
comment on column public.mcp_sessions.oauth_status is
  'connected, or needs_reauth if the provider no longer accepts the tokens and the person must '
  'sign in again.';
comment on column public.mcp_sessions.oauth_data is
  'OAuth tokens as {"ciphertext": "v1:…"}; never plaintext, never readable by clients.';
comment on column public.mcp_sessions.oauth_issued_at is
  'When the access token was stored or refreshed.';
comment on column public.mcp_sessions.oauth_expires_at is
  'When the access token expires; null if the provider did not state it.';
comment on column public.mcp_sessions.oauth_refreshable is
  'Whether there is a refresh token among the tokens.';
comment on column public.mcp_sessions.oauth_lease is
  'The running refresh. Only its claimant may store the result.';
comment on column public.mcp_sessions.oauth_lease_until is
  'Until when others wait for it; without a refresh, until when a failing provider is not called '
  'again.';
comment on column public.mcp_sessions.oauth_failing_since is
  'Since when the provider has refused to refresh the tokens, with errors that do not say that '
  'they are invalid; null since the last success.';
comment on column public.mcp_sessions.expires_at is
  'When the session ends, at most 90 days after its last change.';
comment on column public.mcp_sessions.created_at is 'When the MCP session began.';
comment on column public.mcp_sessions.updated_at is 'When the MCP session was last changed.';

alter table public.mcp_sessions enable row level security;
create policy "People read their own MCP sessions" on public.mcp_sessions
  for select to authenticated using (user_id = (select auth.uid()));
create policy "People begin MCP sessions" on public.mcp_sessions
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "People change their own MCP sessions" on public.mcp_sessions
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "People end their own MCP sessions" on public.mcp_sessions
  for delete to authenticated using (user_id = (select auth.uid()));
grant select (
  session_id, user_id, mcp_state, oauth_provider, oauth_status, oauth_expires_at,
  oauth_refreshable, expires_at, created_at,
  updated_at
) on public.mcp_sessions to authenticated;
grant insert (session_id, user_id, mcp_state, expires_at) on public.mcp_sessions to authenticated;
grant update (mcp_state, expires_at) on public.mcp_sessions to authenticated;
grant delete on public.mcp_sessions to authenticated;
grant select, insert, update, delete on public.mcp_sessions to service_role;
create trigger check_session_id before insert on public.mcp_sessions
  for each row
  when (current_user in ('anon', 'authenticated') and char_length(new.session_id) < 16)
  execute function private.check_session_id();
create unique index one_mcp_session_per_person_and_provider
  on public.mcp_sessions (user_id, oauth_provider)
  where oauth_provider is not null;
create index mcp_sessions_user_id_idx on public.mcp_sessions (user_id);
create index mcp_sessions_oauth_provider_idx on public.mcp_sessions (oauth_provider);
create index mcp_sessions_expires_at_idx on public.mcp_sessions (expires_at);
create trigger update_mcp_sessions_updated_at before update on public.mcp_sessions
  for each row execute function public.update_updated_at_column();

create function private.require_mcp_state(state jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if jsonb_typeof(require_mcp_state.state) is distinct from 'object' then
    perform private.refuse('invalid_state', 'The state of an MCP session must be a JSON object.');
  end if;
  if not private.is_at_most_64_levels_deep(require_mcp_state.state) then
    perform private.refuse('state_too_deep', 'The state is nested deeper than 64 levels.');
  end if;
  if not private.is_document(require_mcp_state.state) then
    perform private.refuse('state_too_large', 'The state is larger than 256 KiB.');
  end if;
  return require_mcp_state.state;
end
$$;
comment on function private.require_mcp_state(jsonb) is
  'Returns a valid state of an MCP session. Errors: PT400 invalid_state if it is not an object, '
  'PT400 state_too_deep, PT413 state_too_large.';
grant execute on function private.require_mcp_state(jsonb) to authenticated;

create function private.require_mcp_lifetime(lifetime interval)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if require_mcp_lifetime.lifetime is null
    or require_mcp_lifetime.lifetime not between interval '1 minute' and interval '90 days'
  then
    perform private.refuse(
      'invalid_lifetime', 'The lifetime of an MCP session must be between one minute and 90 days.',
      'Pass a lifetime such as "24 hours".'
    );
  end if;
end
$$;
comment on function private.require_mcp_lifetime(interval) is
  'Refuses an invalid lifetime of an MCP session. Errors: PT400 invalid_lifetime.';
grant execute on function private.require_mcp_lifetime(interval) to authenticated;

create function private.refuse_mcp_session(session_id text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if exists (
    select
    from public.mcp_sessions sessions
    where sessions.session_id = refuse_mcp_session.session_id
  )
  then
    perform private.refuse('mcp_session_expired', 'This MCP session has expired.');
  end if;
  perform private.refuse('mcp_session_not_found', 'MCP session not found.');
end
$$;
comment on function private.refuse_mcp_session(text) is
  'Raises why a session cannot be used: it expired, or the caller has none with that id. Errors: '
  'PT410, PT404.';
grant execute on function private.refuse_mcp_session(text) to authenticated;

create function public.create_mcp_session(
  state jsonb default '{}', lifetime interval default '24 hours'
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  created jsonb;
begin
  perform private.require_mcp_lifetime(create_mcp_session.lifetime);
  insert into public.mcp_sessions as sessions (mcp_state, expires_at)
  values (private.require_mcp_state(create_mcp_session.state), now() + create_mcp_session.lifetime)
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'mcp_state', sessions.mcp_state, 'expires_at',
    sessions.expires_at
  ) into created;
  return created;
end
$$;
comment on function public.create_mcp_session(jsonb, interval) is
  'Begins an MCP session of the caller, which lasts a minute to 90 days. Returns {"session_id", '
  '"mcp_state", "expires_at"}. Errors: PT400 invalid_lifetime, invalid_state or state_too_deep, '
  'PT413 state_too_large.';
grant execute on function public.create_mcp_session(jsonb, interval) to authenticated;

create function public.resume_mcp_session(session_id text, lifetime interval default '24 hours')
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  resumed jsonb;
begin
  perform private.require_mcp_lifetime(resume_mcp_session.lifetime);
  update public.mcp_sessions sessions
  set expires_at = greatest(sessions.expires_at, now() + resume_mcp_session.lifetime)
  where sessions.session_id = resume_mcp_session.session_id and sessions.expires_at > now()
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'mcp_state', sessions.mcp_state, 'expires_at',
    sessions.expires_at
  ) into resumed;
  if resumed is null then
    perform private.refuse_mcp_session(resume_mcp_session.session_id);
  end if;
  return resumed;
end
$$;
comment on function public.resume_mcp_session(text, interval) is
  'Returns a session of the caller as create_mcp_session() does, and keeps it for at least that '
  'long from now. Errors: PT404 no such session of the caller, PT410 expired, PT400 '
  'invalid_lifetime.';
grant execute on function public.resume_mcp_session(text, interval) to authenticated;

create function private.merge_json(target jsonb, changes jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if jsonb_typeof(merge_json.changes) <> 'object' then
    return merge_json.changes;
  end if;
  if jsonb_typeof(merge_json.target) is distinct from 'object' then
    target := '{}';
  end if;
  return (
    select coalesce(jsonb_object_agg(parts.key, parts.value), '{}')
    from (
      select kept.key, kept.value
      from jsonb_each(merge_json.target) kept
      where not merge_json.changes ? kept.key
      union all
      select changed.key, private.merge_json(merge_json.target -> changed.key, changed.value)
      from jsonb_each(merge_json.changes) changed
      where changed.value <> 'null'
    ) parts
  );
end
$$;
comment on function private.merge_json(jsonb, jsonb) is
  'JSON Merge Patch (RFC 7396): objects are merged key by key at every level, null removes a '
  'key, anything else replaces. The result is as deep as the deeper of the two; '
  'require_mcp_state() bounds both.';
grant execute on function private.merge_json(jsonb, jsonb) to authenticated;

create function public.merge_mcp_state(session_id text, changes jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  merged jsonb;
begin
  perform private.require_mcp_state(merge_mcp_state.changes);
  -- One statement: a caller that waited for the row merges into its new state.
  update public.mcp_sessions sessions
  set mcp_state = private.require_mcp_state(
    private.merge_json(sessions.mcp_state, merge_mcp_state.changes)
  )
  where sessions.session_id = merge_mcp_state.session_id and sessions.expires_at > now()
  returning sessions.mcp_state into merged;
  if merged is null then
    perform private.refuse_mcp_session(merge_mcp_state.session_id);
  end if;
  return merged;
end
$$;
comment on function public.merge_mcp_state(text, jsonb) is
  'Merges changes into the state of a session of the caller, atomically, and returns the whole '
  'state. JSON Merge Patch: objects are merged at every level, null removes a key. Errors: PT400 '
  'invalid_state or state_too_deep, PT404 mcp_session_not_found, PT410 mcp_session_expired, '
  'PT413 state_too_large.';
grant execute on function public.merge_mcp_state(text, jsonb) to authenticated;

create function private.remove_mcp_sessions(session_ids text[])
returns integer
language plpgsql
set search_path = ''
as $$
declare
  removed public.mcp_sessions;
  removals integer := 0;
begin
  for removed in
    delete from public.mcp_sessions sessions
    where sessions.session_id = any (remove_mcp_sessions.session_ids)
    returning sessions.*
  loop
    removals := removals + 1;
    perform private.notify(
      removed.user_id, 'oauth_connection_expired', 'Connection to ' || providers.name || ' ended',
      'It was not used for a long time, and its tokens were removed. Connect again to use it.',
      jsonb_build_object('provider', providers.id)
    )
    from public.oauth_providers providers
    where providers.id = removed.oauth_provider;
  end loop;
  return removals;
end
$$;
comment on function private.remove_mcp_sessions(text[]) is
  'Removes expired sessions and their tokens, and notifies users who thereby lose a connection. '
  'Returns how many.';
grant execute on function private.remove_mcp_sessions(text[]) to service_role;

create function public.expire_mcp_sessions(batch integer default 1000)
returns integer
language sql
set search_path = ''
as $$
  select private.remove_mcp_sessions(array(
    select sessions.session_id
    from public.mcp_sessions sessions
    where sessions.expires_at < now()
    order by sessions.expires_at
    limit expire_mcp_sessions.batch
    for update skip locked
  ))
$$;
comment on function public.expire_mcp_sessions(integer) is
  'Removes expired sessions and their tokens, and notifies users who thereby lose a connection. '
  'Returns how many; fewer than the batch when none is left. Backend only.';
grant execute on function public.expire_mcp_sessions(integer) to service_role;
