-- Tokens of OAuth providers, kept encrypted in MCP sessions.

create function public.find_oauth_session(caller jsonb, provider text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(find_oauth_session.caller);
begin
  if not exists (
    select from public.oauth_providers where oauth_providers.id = find_oauth_session.provider
  )
  then
    perform private.refuse(
      'oauth_provider_not_found', 'OAuth provider not found.',
      'GET /oauth-tokens lists the providers.'
    );
  end if;
  return (
    select sessions.session_id from public.mcp_sessions sessions
    where sessions.user_id = profile.id and sessions.oauth_provider = find_oauth_session.provider
  );
end
$$;
comment on function public.find_oauth_session(jsonb, text) is
  'The session that keeps the caller''s tokens of a provider, to which they are bound when they '
  'are encrypted; null when there is none yet. Backend only. Errors: PT404 '
  'oauth_provider_not_found.';
grant execute on function public.find_oauth_session(jsonb, text) to service_role;

create function public.store_oauth_token(caller jsonb, provider text, session_id text, token jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(store_oauth_token.caller);
  expiry timestamptz := now() + make_interval(
    secs => (store_oauth_token.token ->> 'expires_in')::double precision
  );
begin
  insert into public.mcp_sessions as sessions (
    session_id, user_id, oauth_provider, oauth_status, oauth_data, oauth_expires_at,
    oauth_refreshable, expires_at
  )
  values (
    store_oauth_token.session_id,
    profile.id,
    store_oauth_token.provider,
    'connected',
    jsonb_build_object('ciphertext', store_oauth_token.token -> 'ciphertext'),
    expiry,
    (store_oauth_token.token ->> 'refreshable')::boolean, now() + interval '90 days'
  )
  on conflict (user_id, oauth_provider) where oauth_provider is not null do update set
    oauth_status = excluded.oauth_status, oauth_data = excluded.oauth_data,
    oauth_expires_at = excluded.oauth_expires_at,
    oauth_refreshable = excluded.oauth_refreshable, oauth_lease = null, oauth_lease_until = null,
    expires_at = excluded.expires_at
    where sessions.session_id = excluded.session_id;
  -- Not found: another request has made the session, under a name of its own.
  return jsonb_build_object('stored', found, 'expires_at', expiry);
end
$$;
comment on function public.store_oauth_token(jsonb, text, text, jsonb) is
  'Keeps {"ciphertext", "expires_in", "refreshable"} as the caller''s tokens of a provider, in '
  'place of those before, in the session that they are bound to. A refresh under way stores '
  'nothing any more. Returns {"stored", "expires_at"}; not stored when the provider has another '
  'session meanwhile. Backend only.';
grant execute on function public.store_oauth_token(jsonb, text, text, jsonb) to service_role;

create function public.delete_oauth_token(caller jsonb, provider text)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(delete_oauth_token.caller);
begin
  delete from public.mcp_sessions sessions
  where sessions.user_id = profile.id and sessions.oauth_provider = delete_oauth_token.provider;
  return found;
end
$$;
comment on function public.delete_oauth_token(jsonb, text) is
  'Ends the caller''s session with a provider, tokens included. Returns whether there was one. '
  'Backend only.';
grant execute on function public.delete_oauth_token(jsonb, text) to service_role;

create function public.list_oauth_tokens(caller jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(list_oauth_tokens.caller);
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'provider', providers.id, 'name', providers.name,
      'status', coalesce(sessions.oauth_status, 'not_connected'), 'session_id', sessions.session_id,
      'expires_at', sessions.oauth_expires_at, 'refreshable',
      coalesce(sessions.oauth_refreshable, false)
    ) order by providers.id)
    from public.oauth_providers providers
    left join public.mcp_sessions sessions
      on sessions.oauth_provider = providers.id
        and sessions.user_id = profile.id
        and sessions.expires_at > now()
  ), '[]');
end
$$;
comment on function public.list_oauth_tokens(jsonb) is
  'Every provider with what the caller has of it: connected, needs_reauth or not_connected. No '
  'ciphertext. Backend only.';
grant execute on function public.list_oauth_tokens(jsonb) to service_role;

create function private.require_oauth_reauth(session public.mcp_sessions)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.mcp_sessions sessions
  set
    oauth_status = 'needs_reauth', oauth_data = null, oauth_refreshable = false,
    oauth_lease = null, oauth_lease_until = null
  where sessions.session_id = require_oauth_reauth.session.session_id
    and sessions.oauth_status = 'connected';
  if found then
    perform private.notify(
      session.user_id, 'oauth_needs_reauth', 'Connect ' || providers.name || ' again',
      format(
        'Your sign-in at %1$s has expired or was revoked. Connect again; until then, nothing can '
        'use %1$s.',
        providers.name
      ),
      jsonb_build_object('provider', providers.id, 'session_id', session.session_id)
    )
    from public.oauth_providers providers
    where providers.id = session.oauth_provider;
  end if;
end
$$;
comment on function private.require_oauth_reauth(public.mcp_sessions) is
  'Discards tokens that no longer work, and notifies the user once.';
grant execute on function private.require_oauth_reauth(public.mcp_sessions) to service_role;

create function private.oauth_session(user_id uuid, provider text, moment timestamptz)
returns public.mcp_sessions
language plpgsql
set search_path = ''
as $$
declare
  session public.mcp_sessions;
begin
  select sessions.* into session
  from public.mcp_sessions sessions
  where sessions.user_id = oauth_session.user_id
    and sessions.oauth_provider = oauth_session.provider
    and sessions.expires_at > now();
  if session.oauth_expires_at <= oauth_session.moment + interval '60 seconds' then
    -- Only one may decide on a refresh.
    select sessions.* into session
    from public.mcp_sessions sessions
    where sessions.user_id = oauth_session.user_id
      and sessions.oauth_provider = oauth_session.provider
      and sessions.expires_at > now()
    for no key update;
  elsif session.expires_at < now() + interval '89 days' then
    update public.mcp_sessions sessions
    set expires_at = now() + interval '90 days'
    where sessions.session_id = session.session_id
    -- A caller that waited for the row reads its new state.
    returning sessions.* into session;
  end if;
  return session;
end
$$;
comment on function private.oauth_session(uuid, text, timestamptz) is
  'The session with a person''s tokens of a provider, locked where they are due for a refresh at '
  'this moment; kept for 90 days from its last use.';
grant execute on function private.oauth_session(uuid, text, timestamptz) to service_role;

create function public.take_oauth_token(caller jsonb, provider text, claimant uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(take_oauth_token.caller);
  -- The moment at which the session is read: tokens that were not due then are not
  -- locked, so no request may claim them.
  moment timestamptz := clock_timestamp();
  session public.mcp_sessions := private.oauth_session(
    profile.id, take_oauth_token.provider, moment
  );
  is_due boolean := coalesce(session.oauth_expires_at <= moment + interval '60 seconds', false);
  waits interval := session.oauth_lease_until - moment;
  is_waiting boolean := is_due and session.oauth_refreshable and waits > interval '0';
  answer jsonb := jsonb_build_object(
    'session_id', session.session_id, 'ciphertext', session.oauth_data -> 'ciphertext',
    'expires_at', session.oauth_expires_at
  );
begin
  if session.session_id is null then
    perform private.refuse(
      'oauth_token_not_found', 'You have no stored tokens of this provider.',
      'Sign in to the provider and store its tokens with POST /oauth-tokens.'
    );
  end if;
  if session.oauth_status = 'needs_reauth' then
    return jsonb_build_object('state', 'needs_reauth');
  end if;
  if is_waiting and session.oauth_lease is not null then
    return jsonb_build_object(
      'state', 'busy', 'retry_after_ms', ceil(extract(epoch from waits) * 1000)
    );
  end if;
  perform private.take_rate_limit(
    'oauth_tokens:' || profile.id, (private.limits()).oauth_token_calls_per_minute
  );
  if is_waiting and session.oauth_expires_at <= moment + interval '5 seconds' then
    return jsonb_build_object(
      'state', 'resting', 'retry_after_ms', ceil(extract(epoch from waits) * 1000)
    );
  end if;
  if is_due and session.oauth_refreshable and coalesce(waits <= interval '0', true) then
    update public.mcp_sessions sessions
    set
      oauth_lease = take_oauth_token.claimant,
      oauth_lease_until = clock_timestamp() + interval '30 seconds',
      expires_at = now() + interval '90 days'
    where sessions.session_id = session.session_id;
    return answer || jsonb_build_object('state', 'claimed') || (
      select jsonb_build_object(
        'token_endpoint', providers.token_endpoint, 'client_authentication',
        providers.client_authentication
      )
      from public.oauth_providers providers where providers.id = session.oauth_provider
    );
  end if;
  if session.oauth_expires_at <= moment then
    perform private.require_oauth_reauth(session);
    return jsonb_build_object('state', 'needs_reauth');
  end if;
  return answer || jsonb_build_object('state', 'ready');
end
$$;
comment on function public.take_oauth_token(jsonb, text, uuid) is
  'The caller''s tokens of a provider, as ciphertext. state is ready; claimed when under 60 '
  'seconds are left and the claimant, alone, is to refresh them within 30 seconds; busy while '
  'another does; resting shortly after that failed; or needs_reauth. Backend only. Errors: PT404 '
  'oauth_token_not_found, PT429.';
grant execute on function public.take_oauth_token(jsonb, text, uuid) to service_role;

create function public.finish_oauth_refresh(session_id text, claimant uuid, outcome jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  session public.mcp_sessions;
  expiry timestamptz := clock_timestamp() + make_interval(
    secs => (finish_oauth_refresh.outcome ->> 'expires_in')::double precision
  );
begin
  select sessions.* into session
  from public.mcp_sessions sessions
  where sessions.session_id = finish_oauth_refresh.session_id
    and sessions.oauth_lease = finish_oauth_refresh.claimant
  for no key update;
  if session.session_id is null then
    return jsonb_build_object('accepted', false);
  end if;
  case finish_oauth_refresh.outcome ->> 'state'
    when 'refreshed' then
      update public.mcp_sessions sessions
      set
        oauth_data = jsonb_build_object('ciphertext', finish_oauth_refresh.outcome -> 'ciphertext'),
        oauth_expires_at = expiry,
        oauth_refreshable = (finish_oauth_refresh.outcome ->> 'refreshable')::boolean,
        oauth_lease = null,
        oauth_lease_until = null
      where sessions.session_id = session.session_id;
    when 'refused' then
      perform private.require_oauth_reauth(session);
    when 'failed' then
      update public.mcp_sessions sessions
      set oauth_lease = null,
        oauth_lease_until = clock_timestamp() + least(
          (finish_oauth_refresh.outcome ->> 'retry_after_ms')::integer, 60000
        ) * interval '1 millisecond'
      where sessions.session_id = session.session_id;
  end case;
  return jsonb_build_object('accepted', true, 'expires_at', expiry);
end
$$;
comment on function public.finish_oauth_refresh(text, uuid, jsonb) is
  'Ends a refresh that take_oauth_token() gave to the claimant: refreshed with {"ciphertext", '
  '"expires_in", "refreshable"}, refused by the provider, or failed with {"retry_after_ms"}, '
  'which keeps the tokens. Not accepted, and without effect, when the tokens were replaced or '
  'the refresh was given to another meanwhile. Backend only.';
grant execute on function public.finish_oauth_refresh(text, uuid, jsonb) to service_role;

create function public.give_up_oauth_token(session_id text, ciphertext text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  session public.mcp_sessions;
begin
  select sessions.* into session
  from public.mcp_sessions sessions
  where sessions.session_id = give_up_oauth_token.session_id
    and sessions.oauth_data ->> 'ciphertext' = give_up_oauth_token.ciphertext
  for no key update;
  perform private.require_oauth_reauth(session);
end
$$;
comment on function public.give_up_oauth_token(text, text) is
  'Asks for a new sign-in where a session keeps a ciphertext that does not open though its key '
  'is there. Without effect when other tokens were stored meanwhile. Backend only.';
grant execute on function public.give_up_oauth_token(text, text) to service_role;
