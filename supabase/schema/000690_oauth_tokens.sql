-- The current state of what 000690_oauth_tokens.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.oauth_due_at(session public.mcp_sessions)
returns timestamp with time zone
language sql immutable security invoker
set search_path=""
as $body$
  select oauth_due_at.session.oauth_expires_at - least(
    interval '60 seconds',
    (oauth_due_at.session.oauth_expires_at - oauth_due_at.session.oauth_issued_at) / 2
  )
$body$;
grant execute on function private.oauth_due_at(public.mcp_sessions) to service_role;

create function private.oauth_lifetime(provider text, seconds double precision, known interval, refreshable boolean)
returns interval
language sql stable security invoker
set search_path=""
as $body$
  select case
    when oauth_lifetime.seconds > 0
      then make_interval(secs => least(oauth_lifetime.seconds, 315360000)) -- ten years
    else coalesce(
      providers.default_lifetime, oauth_lifetime.known,
      case when oauth_lifetime.seconds <= 0 and oauth_lifetime.refreshable then interval '0' end
    )
  end
  from public.oauth_providers providers
  where providers.id = oauth_lifetime.provider
$body$;
grant execute on function private.oauth_lifetime(text,double precision,interval,boolean) to service_role;

create function private.require_oauth_reauth(session public.mcp_sessions)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  update public.mcp_sessions sessions
  set
    oauth_status = 'needs_reauth', oauth_data = null, oauth_refreshable = false,
    oauth_lease = null, oauth_lease_until = null, oauth_failing_since = null
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
$body$;
grant execute on function private.require_oauth_reauth(public.mcp_sessions) to service_role;

create function public.delete_oauth_token(caller jsonb, provider text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(delete_oauth_token.caller);
  deleted jsonb;
begin
  delete from public.mcp_sessions sessions
  using public.oauth_providers providers
  where sessions.user_id = profile.id
    and sessions.oauth_provider = delete_oauth_token.provider
    and providers.id = sessions.oauth_provider
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'ciphertext', sessions.oauth_data -> 'ciphertext',
    'revocation_endpoint', providers.revocation_endpoint,
    'revocation_style', providers.revocation_style,
    'client_authentication', providers.client_authentication,
    'token_endpoint', providers.token_endpoint, 'resource', providers.resource,
    'scope', providers.scope, 'refusals', providers.refusals
  ) into deleted;
  return deleted;
end
$body$;
grant execute on function public.delete_oauth_token(jsonb,text) to agentbase_functions;

create function public.find_oauth_session(caller jsonb, provider text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(find_oauth_session.caller);
begin
  if not exists (
    select from public.oauth_providers where oauth_providers.id = find_oauth_session.provider
  )
  then
    perform private.refuse('oauth_provider_not_found', 'OAuth provider not found.');
  end if;
  return (
    select jsonb_build_object(
      'session_id', sessions.session_id, 'ciphertext', sessions.oauth_data -> 'ciphertext',
      'account_fields', providers.account_fields
    )
    from public.oauth_providers providers
    left join public.mcp_sessions sessions
      on sessions.oauth_provider = providers.id and sessions.user_id = profile.id
    where providers.id = find_oauth_session.provider
  );
end
$body$;
grant execute on function public.find_oauth_session(jsonb,text) to agentbase_functions;

create function public.list_oauth_tokens(caller jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.list_oauth_tokens(jsonb) to agentbase_functions;

create function public.store_oauth_token(caller jsonb, provider text, session_id text, token jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(store_oauth_token.caller);
  is_refreshable boolean := (store_oauth_token.token ->> 'refreshable')::boolean;
  expiry timestamptz := now() + private.oauth_lifetime(
    store_oauth_token.provider, (store_oauth_token.token ->> 'expires_in')::double precision,
    null, is_refreshable
  );
begin
  insert into public.mcp_sessions as sessions (
    session_id, user_id, oauth_provider, oauth_status, oauth_data, oauth_issued_at,
    oauth_expires_at, oauth_refreshable, expires_at
  )
  values (
    store_oauth_token.session_id,
    profile.id,
    store_oauth_token.provider,
    'connected',
    jsonb_build_object('ciphertext', store_oauth_token.token -> 'ciphertext'),
    now(),
    expiry,
    is_refreshable,
    now() + interval '90 days'
  )
  on conflict (user_id, oauth_provider) where oauth_provider is not null do update set
    oauth_status = excluded.oauth_status, oauth_data = excluded.oauth_data,
    oauth_issued_at = excluded.oauth_issued_at, oauth_expires_at = excluded.oauth_expires_at,
    oauth_refreshable = excluded.oauth_refreshable, oauth_lease = null, oauth_lease_until = null,
    oauth_failing_since = null, expires_at = excluded.expires_at
    where sessions.session_id = excluded.session_id
      and (
        not store_oauth_token.token ? 'in_place_of'
        or sessions.oauth_data -> 'ciphertext'
          is not distinct from nullif(store_oauth_token.token -> 'in_place_of', 'null')
      );
  -- Not found: another request has stored tokens, or made the session, since it was looked up.
  return jsonb_build_object('stored', found, 'expires_at', expiry);
end
$body$;
grant execute on function public.store_oauth_token(jsonb,text,text,jsonb) to agentbase_functions;
