-- Turns: the two calls behind POST /chat/completions. begin_chat_turn() decides
-- and records before the upstream is called, settle_chat_turn() records what
-- came of it, each in one transaction. Both answer with prompts and routes that
-- no client may read, so only the backend calls them: with the caller's
-- identity, to which they apply the same rules as the policies do.

create function private.act_for(caller jsonb)
returns public.profiles
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles;
begin
  select profiles.* into profile from public.profiles where profiles.id = (caller ->> 'user_id')::uuid;
  if profile.id is null then
    perform private.refuse(401, 'user_not_found', 'The account of this token no longer exists.', 'Sign in again.');
  end if;
  if profile.status <> 'active' then
    perform private.refuse(403, 'account_not_active', format('This account is %s.', profile.status));
  end if;
  perform set_config('request.jwt.claims', jsonb_build_object('sub', profile.id, 'role', 'authenticated')::text, true);
  perform set_config('request.jwt.claim.sub', profile.id::text, true);
  return profile;
end
$$;
comment on function private.act_for(jsonb) is
  'Makes auth.uid() the caller {"user_id"} until the transaction ends, so that the rules of the policies apply to the backend''s call. Errors: PT401 no such person, PT403 account not active.';
grant execute on function private.act_for(jsonb) to service_role;

create function private.agents_for_chat()
returns setof public.agents
language sql
stable
set search_path = ''
as $$
  select agents.* from public.agents where agents.created_by is null and agents.organization_id is null
  union all
  select agents.* from public.agents where agents.created_by = (select auth.uid()) and agents.organization_id is null
  union all
  select agents.* from public.agents where agents.organization_id in (select private.my_organizations('member'))
$$;
comment on function private.agents_for_chat() is 'Agents that the caller may name in a chat: platform agents, the own, and those of organizations where the caller may chat. Shared agents of strangers are reached by id only, for their names are not unique.';
grant execute on function private.agents_for_chat() to service_role;

create function private.as_uuid(value text)
returns uuid
language sql
immutable
set search_path = ''
as $$
  select case
    when value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then value::uuid
  end
$$;
comment on function private.as_uuid(text) is 'The text as a UUID, or null when it is none.';
grant execute on function private.as_uuid(text) to authenticated, service_role;

-- Which agent and model a name means ----------------------------------------------

create function private.chat_targets(model text)
returns table (agent_id uuid, model_id uuid, way integer)
language sql
stable
set search_path = ''
as $$
  -- A model's name.
  select models.agent_id, models.id, 1
  from public.models
  join private.agents_for_chat() agents on agents.id = models.agent_id
  where models.name = chat_targets.model and models.enabled
  union all
  -- agent/model.
  select models.agent_id, models.id, 2
  from private.agents_for_chat() agents
  join public.models on models.agent_id = agents.id and models.enabled
  where agents.name = split_part(chat_targets.model, '/', 1)
    and models.name = substr(chat_targets.model, strpos(chat_targets.model, '/') + 1)
  union all
  -- An agent's name, with its default model if it has one.
  select agents.id, models.id, 3
  from private.agents_for_chat() agents
  left join public.models on models.agent_id = agents.id and models.is_default and models.enabled
  where agents.name = chat_targets.model
  union all
  -- An agent's id: any that the caller sees, but an organization's only for those who may chat in it.
  select agents.id, models.id, 4
  from public.agents
  left join public.models on models.agent_id = agents.id and models.is_default and models.enabled
  where agents.id = private.as_uuid(chat_targets.model)
    and (
      agents.id in (select mine.id from private.agents_for_chat() mine)
      or agents.id in (select public_agents.id from private.public_agents() public_agents)
    )
$$;
comment on function private.chat_targets(text) is 'What "model" of a chat request can mean to the caller. way: 1 a model''s name, 2 agent/model, 3 an agent''s name, 4 an agent''s id.';
grant execute on function private.chat_targets(text) to service_role;

create function private.resolve_chat_target(model text, out agent_id uuid, out model_id uuid)
language plpgsql
stable
set search_path = ''
as $$
declare
  settings jsonb := coalesce(
    (select organizations.settings from public.organizations where organizations.id = private.my_organization()), '{}'
  );
  wanted text := coalesce(nullif(model, ''), settings ->> 'default_model', settings ->> 'default_agent');
  agent public.agents;
begin
  if wanted is null then
    perform private.refuse(
      400, 'model_required', 'The request names no model, and the organization has no default.',
      'Set "model"; GET /models lists what you may use.'
    );
  end if;

  select targets.agent_id, targets.model_id into resolve_chat_target.agent_id, resolve_chat_target.model_id
  from private.chat_targets(wanted) targets
  join public.agents on agents.id = targets.agent_id
  -- Where several agents offer the name: one that is switched on, the
  -- organization's default, the own, the organization's, the platform's.
  order by
    (agents.enabled and agents.status <> 'paused') desc,
    targets.way,
    (agents.name = settings ->> 'default_agent') is true desc,
    (agents.created_by = (select auth.uid())) is true desc,
    agents.organization_id is null,
    agents.created_at,
    agents.id
  limit 1;

  select agents.* into agent from public.agents where agents.id = resolve_chat_target.agent_id;
  if agent.id is null then
    perform private.refuse(
      404, 'model_not_found', format('The model "%s" does not exist, or you may not use it.', left(wanted, 200)),
      'GET /models lists what you may use.'
    );
  end if;
  if not agent.enabled or agent.status = 'paused' then
    perform private.refuse(403, 'agent_disabled', format('The agent "%s" is switched off.', agent.name));
  end if;
end
$$;
comment on function private.resolve_chat_target(text) is 'The agent and model that a chat request means, the organization''s default where it names none. Errors: PT400 model_required, PT404 model_not_found, PT403 agent_disabled.';
grant execute on function private.resolve_chat_target(text) to service_role;

create function private.chat_route(agent public.agents, target_model public.models)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'vendor_id', vendors.id,
    'service_id', services.id,
    'base_url', vendors.base_url,
    'api_format', vendors.api_format,
    'auth_header', vendors.auth_header,
    'auth_scheme', vendors.auth_scheme,
    'model', coalesce(target_model.model_id, services.service_name, agent.model_name),
    -- The platform's credential is spent on the platform's agents only.
    'credential', case when agent.created_by is null and agent.organization_id is null then 'platform' else 'own' end
  )
  from (select coalesce(target_model.service_id, agent.service_id) as id) wanted
  left join public.vendor_services services on services.id = wanted.id and services.is_active
  join public.vendors on vendors.id = coalesce(services.vendor_id, agent.vendor_id) and vendors.is_active
  where coalesce(services.service_kind, 'chat') in ('chat', 'search')
    and coalesce(target_model.model_id, services.service_name, agent.model_name) is not null
$$;
comment on function private.chat_route(public.agents, public.models) is 'How to call an agent''s model: vendor, base URL, authentication, upstream name, whose credential. Null when it cannot be called for chat.';
grant execute on function private.chat_route(public.agents, public.models) to service_role;

-- The session of a turn --------------------------------------------------------------

create function private.open_chat_session(request jsonb, agent public.agents, target_model public.models)
returns public.chat_sessions
language plpgsql
set search_path = ''
as $$
declare
  session public.chat_sessions;
begin
  if request ->> 'session_id' is null then
    insert into public.chat_sessions (user_id, org_id, agent_id, model_id, title)
    values (
      (select auth.uid()), coalesce(agent.organization_id, private.my_organization()), agent.id, target_model.id,
      left(request ->> 'title', 255)
    )
    returning chat_sessions.* into session;
    return session;
  end if;

  -- The lock makes two requests on one session take turns here, so that exactly
  -- one of them finds it free.
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.session_id = request ->> 'session_id'
    and sessions.user_id = (select auth.uid())
    and sessions.org_id in (select private.my_organizations('member'))
  for no key update;
  if session.id is null then
    perform private.refuse(
      404, 'session_not_found', 'There is no such session, or it is not yours.',
      'Leave the session id out to begin a new session.'
    );
  end if;
  if session.status <> 'active' then
    perform private.refuse(
      422, 'session_ended', 'This session has ended.', 'Leave the session id out to begin a new session.'
    );
  end if;

  perform public.settle_chat_turn(turns.id, private.abandoned_turn())
  from public.ai_interactions turns
  where turns.session_id = session.id and turns.turn_state = 'running' and turns.lease_expires_at < now();
  if exists (
    select from public.ai_interactions turns where turns.session_id = session.id and turns.turn_state = 'running'
  ) then
    perform private.refuse(409, 'session_busy', 'This session is answering another request.', 'Wait for that answer, then try again.');
  end if;
  return session;
end
$$;
comment on function private.open_chat_session(jsonb, public.agents, public.models) is 'The session that a request continues, locked, or a new one. Errors: PT404 session_not_found, PT409 session_busy, PT422 session_ended.';
grant execute on function private.open_chat_session(jsonb, public.agents, public.models) to service_role;

create function private.text_of(content jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select case jsonb_typeof(content)
    when 'string' then content #>> '{}'
    when 'array' then coalesce(
      (
        select string_agg(part.value ->> 'text', E'\n' order by part.ordinality)
        from jsonb_array_elements(content) with ordinality as part
        where jsonb_typeof(part.value) = 'object' and part.value ->> 'type' = 'text'
      ),
      ''
    )
    else ''
  end
$$;
comment on function private.text_of(jsonb) is 'The text in the content of an OpenAI message: the string, or its text parts, one per line.';
grant execute on function private.text_of(jsonb) to service_role;

create function private.store_messages(session_id uuid, turn_id uuid, messages jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into public.chat_messages (
    session_id, interaction_id, role, content, content_parts, name, tool_calls, tool_call_id
  )
  select
    store_messages.session_id,
    store_messages.turn_id,
    message.value ->> 'role',
    private.text_of(message.value -> 'content'),
    case jsonb_typeof(message.value -> 'content') when 'array' then message.value -> 'content' end,
    message.value ->> 'name',
    nullif(message.value -> 'tool_calls', 'null'),
    message.value ->> 'tool_call_id'
  from jsonb_array_elements(messages) with ordinality as message
  order by message.ordinality
$$;
comment on function private.store_messages(uuid, uuid, jsonb) is 'Stores OpenAI messages in a session, in order.';
grant execute on function private.store_messages(uuid, uuid, jsonb) to service_role;

create function private.chat_messages_for(session public.chat_sessions, agent public.agents, messages jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select
    case when prompt.text is null then '[]' else jsonb_build_array(jsonb_build_object('role', 'system', 'content', prompt.text)) end
    || public.conversation_history(session)
    || messages
  from (
    select coalesce(
      agent.system_prompt,
      (select organizations.settings ->> 'system_prompt' from public.organizations where organizations.id = session.org_id)
    ) as text
  ) prompt
$$;
comment on function private.chat_messages_for(public.chat_sessions, public.agents, jsonb) is 'What the model is given: the agent''s prompt (else the organization''s), the session so far, the caller''s new messages.';
grant execute on function private.chat_messages_for(public.chat_sessions, public.agents, jsonb) to service_role;

-- Begin ----------------------------------------------------------------------------------

create function public.begin_chat_turn(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.act_for(caller);
  target record;
  agent public.agents;
  target_model public.models;
  session public.chat_sessions;
  settings jsonb;
  route jsonb;
  messages jsonb;
  turn uuid;
begin
  target := private.resolve_chat_target(request ->> 'model');
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  select models.* into target_model from public.models where models.id = target.model_id;
  route := private.chat_route(agent, target_model);
  if route is null then
    perform private.refuse(
      400, 'agent_cannot_chat', format('The agent "%s" has no model that can chat.', agent.name),
      'Give it a vendor with an active chat service.'
    );
  end if;

  session := private.open_chat_session(request, agent, target_model);
  messages := private.chat_messages_for(session, agent, request -> 'messages');
  select organizations.settings into settings from public.organizations where organizations.id = session.org_id;

  insert into public.ai_interactions (
    user_id, organization_id, agent_id, session_id, model_id, vendor_id, service_id, source, title, model_name,
    turn_state, lease_expires_at, request_id
  )
  values (
    profile.id, session.org_id, agent.id, session.id, target_model.id, route ->> 'vendor_id', route ->> 'service_id',
    'chat', 'Chat with ' || agent.name, route ->> 'model', 'running', now() + interval '15 minutes', request ->> 'request_id'
  )
  returning ai_interactions.id into turn;
  perform private.store_messages(session.id, turn, request -> 'messages');

  return jsonb_build_object(
    'turn_id', turn,
    'session_id', session.session_id,
    'agent', jsonb_build_object('id', agent.id, 'name', agent.name),
    'model', coalesce(target_model.name, route ->> 'model'),
    'route', route,
    'defaults', jsonb_build_object(
      'temperature', coalesce(to_jsonb(agent.temperature), settings -> 'temperature'),
      'max_tokens', coalesce(to_jsonb(agent.max_tokens), settings -> 'max_tokens')
    ),
    'messages', messages
  );
end
$$;
comment on function public.begin_chat_turn(jsonb, jsonb) is
  'Begins a turn of chat for a caller {"user_id"} and a request {"request_id", "model", "session_id", "title", "messages"}: resolves agent and model, creates or continues the session, stores the messages, opens the ledger row. Returns {"turn_id", "session_id", "agent", "model", "route", "defaults", "messages"}, the last for the upstream. Backend only. Errors: PT400 model_required, agent_cannot_chat; PT401 user_not_found; PT403 account_not_active, agent_disabled; PT404 model_not_found, session_not_found; PT409 session_busy; PT422 session_ended.';
grant execute on function public.begin_chat_turn(jsonb, jsonb) to service_role;

-- Settle ---------------------------------------------------------------------------------

create function private.store_answer(turn public.ai_interactions, outcome jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if outcome ->> 'state' = 'failed' then
    update public.chat_messages set status = 'error' where chat_messages.interaction_id = turn.id;
  end if;
  if turn.session_id is null or num_nonnulls(outcome ->> 'content', outcome ->> 'tool_calls', outcome ->> 'usage') = 0 then
    return;
  end if;
  insert into public.chat_messages (
    session_id, interaction_id, role, content, tool_calls, finish_reason, status,
    tokens_in, tokens_out, tokens_used, latency_ms, model_used
  )
  values (
    turn.session_id, turn.id, 'assistant', coalesce(outcome ->> 'content', ''),
    nullif(outcome -> 'tool_calls', 'null'), outcome ->> 'finish_reason',
    case outcome ->> 'state' when 'succeeded' then 'complete' when 'partial' then 'partial' else 'error' end,
    (outcome -> 'usage' ->> 'input_tokens')::integer,
    (outcome -> 'usage' ->> 'output_tokens')::integer,
    (outcome -> 'usage' ->> 'input_tokens')::integer + (outcome -> 'usage' ->> 'output_tokens')::integer,
    (outcome ->> 'latency_ms')::integer, outcome ->> 'model_used'
  );
end
$$;
comment on function private.store_answer(public.ai_interactions, jsonb) is 'Stores what a turn answered, if anything, and takes the messages of a failed turn out of the history.';
grant execute on function private.store_answer(public.ai_interactions, jsonb) to service_role;

create function private.store_attempts(turn public.ai_interactions, attempts jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into public.agent_executions (
    interaction_id, agent_id, vendor_id, service_id, attempt, status, upstream_status, error_code, error_message,
    first_byte_ms, latency_ms, started_at, completed_at
  )
  select
    turn.id, turn.agent_id, attempt.vendor_id, attempt.service_id, attempt.attempt, attempt.status,
    attempt.upstream_status, attempt.error_code, left(attempt.error_message, 2000), attempt.first_byte_ms,
    attempt.latency_ms, attempt.started_at,
    attempt.started_at + make_interval(secs => coalesce(attempt.latency_ms, 0) / 1000.0)
  from jsonb_to_recordset(coalesce(nullif(attempts, 'null'), '[]')) as attempt (
    attempt integer, vendor_id text, service_id text, status text, upstream_status integer, error_code text,
    error_message text, first_byte_ms integer, latency_ms integer, started_at timestamptz
  )
$$;
comment on function private.store_attempts(public.ai_interactions, jsonb) is 'Stores the attempts of a turn as executions.';
grant execute on function private.store_attempts(public.ai_interactions, jsonb) to service_role;

create function public.settle_chat_turn(turn_id uuid, outcome jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions;
  price public.service_prices;
  -- An upstream that failed and reported no tokens sold none.
  usage jsonb := coalesce(
    nullif(outcome -> 'usage', 'null'), case outcome ->> 'state' when 'failed' then '{}'::jsonb end
  );
  breakdown jsonb;
begin
  -- Whoever comes second (a retry, the sweep) finds the turn settled and changes nothing.
  select turns.* into turn
  from public.ai_interactions turns
  where turns.id = settle_chat_turn.turn_id and turns.turn_state = 'running'
  for no key update;
  if turn.id is null then
    return jsonb_build_object('settled', false, 'total_cost', null);
  end if;

  price := private.price_at(turn.service_id, turn.started_at, (usage ->> 'input_tokens')::bigint);
  breakdown := case usage when '{}' then usage else private.cost_of(price, usage) end;

  perform private.store_answer(turn, outcome);
  perform private.store_attempts(turn, outcome -> 'attempts');
  update public.ai_interactions
  set turn_state = outcome ->> 'state',
      status = case status when 'active' then 'completed' else status end,
      lease_expires_at = null,
      ended_at = greatest(clock_timestamp(), started_at),
      model_name = coalesce(outcome ->> 'model_used', model_name),
      finish_reason = outcome ->> 'finish_reason',
      input_tokens = coalesce((usage ->> 'input_tokens')::bigint, 0),
      output_tokens = coalesce((usage ->> 'output_tokens')::bigint, 0),
      cached_input_tokens = coalesce((usage ->> 'cached_input_tokens')::bigint, 0),
      cache_write_tokens = coalesce((usage ->> 'cache_write_tokens')::bigint, 0),
      reasoning_tokens = coalesce((usage ->> 'reasoning_tokens')::bigint, 0),
      usage_is_estimated = coalesce((usage ->> 'estimated')::boolean, false),
      price_id = case when breakdown is not null and usage <> '{}' then price.id end,
      cost_breakdown = breakdown,
      total_cost = private.total_cost(breakdown),
      provider_cost = (outcome ->> 'provider_cost')::numeric,
      latency_ms = (outcome ->> 'latency_ms')::integer,
      first_token_ms = (outcome ->> 'first_token_ms')::integer,
      error_code = outcome -> 'error' ->> 'code',
      error_message = left(outcome -> 'error' ->> 'message', 2000)
  where ai_interactions.id = turn.id;

  return jsonb_build_object('settled', true, 'total_cost', private.total_cost(breakdown)::text);
end
$$;
comment on function public.settle_chat_turn(uuid, jsonb) is
  'Finishes a turn, whatever happened upstream, in one transaction: answer, tokens, cost at the price of its moment, attempts. outcome has state (succeeded, partial, failed), content, tool_calls, finish_reason, model_used, usage, provider_cost, latency_ms, first_token_ms, error, attempts. Returns {"settled", "total_cost"}; settled is false when the turn was settled before or never was. Backend only.';
grant execute on function public.settle_chat_turn(uuid, jsonb) to service_role;

-- Turns that nobody settled -----------------------------------------------------------------

create function private.abandoned_turn()
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select '{"state": "failed", "error": {"code": "abandoned", "message": "The process that ran this turn ended before it could settle it."}}'::jsonb
$$;
comment on function private.abandoned_turn() is 'The outcome of a turn that nobody settled.';
grant execute on function private.abandoned_turn() to service_role;

create function public.sweep_chat_turns(expired_before timestamptz default now())
returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select turns.id
    from public.ai_interactions turns
    where turns.turn_state = 'running' and turns.lease_expires_at < sweep_chat_turns.expired_before
    order by turns.lease_expires_at
    limit 1000
    for no key update skip locked
  )
  select count(*)::integer
  from expired, public.settle_chat_turn(expired.id, private.abandoned_turn()) settled
  where (settled ->> 'settled')::boolean
$$;
comment on function public.sweep_chat_turns(timestamptz) is 'Fails turns whose lease ended before a time, at most 1,000, and returns how many. Safe to run at any time and twice at once. Backend only.';
grant execute on function public.sweep_chat_turns(timestamptz) to service_role;

-- What a caller may use --------------------------------------------------------------------

create function public.list_chat_models(caller jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform private.act_for(caller);
  return (
    select coalesce(jsonb_agg(to_jsonb(listed) order by listed.agent, listed.id), '[]')
    from (
      select
        agents.name || '/' || models.name as id,
        agents.id as agent_id,
        agents.name as agent,
        models.name as model,
        coalesce(models.display_name, models.name) as display_name,
        models.provider,
        coalesce(services.vendor_id, agents.vendor_id) as vendor_id,
        floor(extract(epoch from models.created_at))::bigint as created
      from private.agents_for_chat() agents
      join public.models on models.agent_id = agents.id and models.enabled
      left join public.vendor_services services on services.id = models.service_id
      where agents.enabled and agents.status <> 'paused'
      union all
      select
        agents.name, agents.id, agents.name, agents.model_name, agents.name, null, agents.vendor_id,
        floor(extract(epoch from agents.created_at))::bigint
      from private.agents_for_chat() agents
      where agents.enabled and agents.status <> 'paused'
        and not exists (select from public.models where models.agent_id = agents.id and models.enabled)
    ) listed
  );
end
$$;
comment on function public.list_chat_models(jsonb) is 'The models that a caller {"user_id"} may name in a chat, as a list of {id, agent_id, agent, model, display_name, provider, vendor_id, created}. Backend only.';
grant execute on function public.list_chat_models(jsonb) to service_role;
