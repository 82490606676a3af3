-- The current state of what 000695_oauth_refreshes.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.claim_oauth_refresh(session public.mcp_sessions, claimant uuid)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  update public.mcp_sessions sessions
  set
    oauth_lease = claim_oauth_refresh.claimant,
    oauth_lease_until = clock_timestamp() + interval '30 seconds',
    expires_at = now() + interval '90 days'
  where sessions.session_id = claim_oauth_refresh.session.session_id;
  return (
    select jsonb_build_object(
      'state', 'claimed',
      'token_endpoint', providers.token_endpoint,
      'client_authentication', providers.client_authentication,
      'resource', providers.resource,
      'scope', providers.scope,
      'refusals', providers.refusals
    )
    from public.oauth_providers providers
    where providers.id = claim_oauth_refresh.session.oauth_provider
  );
end
$body$;
grant execute on function private.claim_oauth_refresh(public.mcp_sessions,uuid) to service_role;

create function private.fail_oauth_refresh(session public.mcp_sessions, outcome jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  is_refusal boolean := coalesce(
    (fail_oauth_refresh.outcome ->> 'is_refusal')::boolean, false
  );
  failing_since timestamptz := coalesce(
    fail_oauth_refresh.session.oauth_failing_since, case when is_refusal then now() end
  );
begin
  if is_refusal and failing_since <= now() - (private.limits()).oauth_failure_patience then
    perform private.require_oauth_reauth(fail_oauth_refresh.session);
    return;
  end if;
  update public.mcp_sessions sessions
  set
    oauth_lease = null,
    oauth_lease_until = clock_timestamp() + least(
      (fail_oauth_refresh.outcome ->> 'retry_after_ms')::double precision, 60000
    ) * interval '1 millisecond',
    oauth_failing_since = failing_since
  where sessions.session_id = fail_oauth_refresh.session.session_id;
end
$body$;
grant execute on function private.fail_oauth_refresh(public.mcp_sessions,jsonb) to service_role;

create function private.oauth_session(user_id uuid, provider text, moment timestamp with time zone, is_rejected boolean)
returns public.mcp_sessions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  session public.mcp_sessions;
begin
  select sessions.* into session
  from public.mcp_sessions sessions
  where sessions.user_id = oauth_session.user_id
    and sessions.oauth_provider = oauth_session.provider
    and sessions.expires_at > now();
  if oauth_session.is_rejected or private.oauth_due_at(session) <= oauth_session.moment then
    -- Only one request may claim a refresh.
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
$body$;
grant execute on function private.oauth_session(uuid,text,timestamp with time zone,boolean) to service_role;

create function public.finish_oauth_refresh(session_id text, claimant uuid, outcome jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  session public.mcp_sessions;
  is_refreshable boolean := (finish_oauth_refresh.outcome ->> 'refreshable')::boolean;
  issued timestamptz := clock_timestamp() - coalesce(
    make_interval(secs => (finish_oauth_refresh.outcome ->> 'age')::double precision), '0'
  );
  expiry timestamptz;
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
      expiry := issued + private.oauth_lifetime(
        session.oauth_provider, (finish_oauth_refresh.outcome ->> 'expires_in')::double precision,
        session.oauth_expires_at - session.oauth_issued_at, is_refreshable
      );
      update public.mcp_sessions sessions
      set
        oauth_data = jsonb_build_object('ciphertext', finish_oauth_refresh.outcome -> 'ciphertext'),
        oauth_issued_at = issued,
        oauth_expires_at = expiry,
        oauth_refreshable = is_refreshable,
        oauth_lease = null,
        oauth_lease_until = null,
        oauth_failing_since = null
      where sessions.session_id = session.session_id;
    when 'refused' then
      perform private.require_oauth_reauth(session);
    when 'failed' then
      perform private.fail_oauth_refresh(session, finish_oauth_refresh.outcome);
  end case;
  return jsonb_build_object('accepted', true, 'expires_at', expiry);
end
$body$;
grant execute on function public.finish_oauth_refresh(text,uuid,jsonb) to agentbase_functions;

create function public.give_up_oauth_token(session_id text, ciphertext text)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.give_up_oauth_token(text,text) to agentbase_functions;

create function public.take_oauth_token(caller jsonb, provider text, claimant uuid, asked jsonb DEFAULT '{}'::jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(take_oauth_token.caller);
  -- The moment at which the session is read: tokens that were not due then are not
  -- locked, so no request may claim them.
  moment timestamptz := clock_timestamp();
  session public.mcp_sessions := private.oauth_session(
    profile.id, take_oauth_token.provider, moment, take_oauth_token.asked ? 'rejected'
  );
  is_rejected boolean := coalesce(
    session.oauth_data ->> 'ciphertext' = take_oauth_token.asked ->> 'rejected', false
  );
  -- Refreshed while the caller waited: current, however short its lifetime.
  is_fresh boolean := coalesce(
    session.oauth_issued_at >= (take_oauth_token.asked ->> 'since')::timestamptz, false
  );
  is_due boolean := is_rejected
    or coalesce(not is_fresh and private.oauth_due_at(session) <= moment, false);
  waits interval := session.oauth_lease_until - moment;
  is_waiting boolean := coalesce(
    is_due and session.oauth_refreshable and waits > interval '0', false
  );
  answer jsonb := jsonb_build_object(
    'session_id', session.session_id, 'ciphertext', session.oauth_data -> 'ciphertext',
    'expires_at', session.oauth_expires_at
  );
  pause jsonb := jsonb_build_object('retry_after_ms', ceil(extract(epoch from waits) * 1000));
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
    return pause || jsonb_build_object('state', 'busy', 'asked_at', moment);
  end if;
  perform private.take_rate_limit(
    'oauth_tokens:' || profile.id, (private.limits()).oauth_token_calls_per_minute
  );
  if is_waiting
    and (is_rejected or session.oauth_expires_at <= moment + interval '5 seconds')
  then
    return pause || jsonb_build_object('state', 'resting');
  end if;
  if is_due and session.oauth_refreshable and not is_waiting then
    return answer || private.claim_oauth_refresh(session, take_oauth_token.claimant);
  end if;
  if is_rejected or session.oauth_expires_at <= moment and not is_fresh then
    perform private.require_oauth_reauth(session);
    return jsonb_build_object('state', 'needs_reauth');
  end if;
  return answer || jsonb_build_object('state', 'ready');
end
$body$;
grant execute on function public.take_oauth_token(jsonb,text,uuid,jsonb) to agentbase_functions;
