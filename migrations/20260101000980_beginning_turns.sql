-- How a turn begins: target, payer, session, limits, routes and reservation in one transaction.

create function private.limits_of_turn(request jsonb, payer uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  counted jsonb := nullif(limits_of_turn.request -> 'counted_limits', 'null');
  is_counted_here boolean := coalesce(
    (limits_of_turn.request ->> 'rate_limit')::boolean, false
  );
  limits jsonb;
begin
  if not is_counted_here and counted is null then
    return null;
  end if;
  limits := private.plan_limits(limits_of_turn.payer);
  if is_counted_here then
    perform private.check_rate_limit(
      'user:' || (select auth.uid()), (limits ->> 'user_per_minute')::integer
    );
  elsif limits = counted then
    return null;
  end if;
  return limits;
end
$$;
comment on function private.limits_of_turn(jsonb, uuid) is
  'The limits of the organization that pays, where the call is to be counted here, or where they '
  'are not those by which it was counted: another organization pays, or its plan has changed. '
  'Refuses a person who has reached a limit before the work of a turn. Errors: PT429 '
  'rate_limit_exceeded.';
grant execute on function private.limits_of_turn(jsonb, uuid) to service_role;

create function private.lock_budgets_of_turn(resolved private.resolved_turn, kind text)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  route jsonb;
begin
  -- The budget that the platform's credential requires is created before any is locked: an insert
  -- waits for all turns that hold the lock, so it must not hold it itself.
  if (lock_budgets_of_turn.resolved.target).agent_id is not null
    and not (lock_budgets_of_turn.resolved.agent).is_platform
    and private.needs_platform_budget(lock_budgets_of_turn.resolved.payer)
  then
    route := private.route_to(
      lock_budgets_of_turn.resolved.target,
      case lock_budgets_of_turn.kind when 'chat' then array['chat', 'search']
        else array[lock_budgets_of_turn.kind] end
    );
    if route ->> 'credential' = 'own' and not exists (
      select from private.keys_for_route(route, lock_budgets_of_turn.resolved.payer)
    ) then
      perform private.may_spend_platform_credential(lock_budgets_of_turn.resolved.payer);
    end if;
  end if;
  return private.lock_budgets(lock_budgets_of_turn.resolved.payer);
end
$$;
comment on function private.lock_budgets_of_turn(private.resolved_turn, text) is
  'Locks the budgets of the organization that pays for a turn, that one included which it is given '
  'where an own agent may use the platform''s credential. False when there are none.';
grant execute
  on function private.lock_budgets_of_turn(private.resolved_turn, text)
  to service_role;

create function private.count_turn(user_id uuid, request jsonb, limits jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return case
    when (count_turn.request ->> 'rate_limit')::boolean
      then private.take_rate_limits(count_turn.user_id, count_turn.limits)
    when count_turn.request #>> '{counted_limits,organization_id}'
      = count_turn.limits ->> 'organization_id'
      then null
    else private.take_rate_limit(
      'organization:' || (count_turn.limits ->> 'organization_id'),
      (count_turn.limits ->> 'organization_per_minute')::integer
    )
  end;
end
$$;
comment on function private.count_turn(uuid, jsonb, jsonb) is
  'Counts a turn against the limits of its payer, and those of person and access key where '
  'no one did; null where it was counted for the payer. Errors: PT429 rate_limit_exceeded.';
grant execute on function private.count_turn(uuid, jsonb, jsonb) to service_role;

create function private.new_turn(request jsonb, resolved private.resolved_turn, route jsonb)
returns private.running_turns
language plpgsql
set search_path = ''
as $$
declare
  turn private.running_turns;
begin
  turn.id := gen_random_uuid();
  turn.user_id := auth.uid();
  turn.organization_id := new_turn.resolved.payer;
  turn.agent_id := (new_turn.resolved.agent).id;
  turn.session_id := (new_turn.resolved.session).id;
  turn.model_id := (new_turn.resolved.target).model_id;
  turn.access_key_id := (auth.jwt() -> 'access_key' ->> 'id')::uuid;
  turn.is_visitors := private.visitor_session_id() is not null;
  turn.is_broadcast := new_turn.resolved.is_broadcast;
  turn.vendor_id := new_turn.route ->> 'vendor_id';
  turn.service_id := new_turn.route ->> 'service_id';
  turn.source := coalesce(new_turn.request ->> 'kind', 'chat');
  turn.model_name := new_turn.route ->> 'model';
  turn.title := 'Chat with ' || coalesce((new_turn.resolved.agent).name, turn.model_name);
  turn.request_id := new_turn.request ->> 'request_id';
  turn.idempotency_key := new_turn.request ->> 'idempotency_key';
  turn.fingerprint := new_turn.request ->> 'fingerprint';
  turn.units := coalesce(nullif(new_turn.request -> 'units', 'null'), '{}');
  turn.execution := nullif(new_turn.request -> 'execution', 'null');
  turn.calls := 1;
  turn.lease_expires_at := now() + (private.limits()).turn_lease;
  turn.created_at := now();
  return turn;
end
$$;
comment on function private.new_turn(jsonb, private.resolved_turn, jsonb) is
  'A turn that is about to begin, whose first route this is.';
grant execute
  on function private.new_turn(jsonb, private.resolved_turn, jsonb)
  to service_role;

create function private.messages_for_turn(
  resolved private.resolved_turn, route jsonb, place private.turn_place
)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return private.messages_for_model(
    (messages_for_turn.resolved.session).id,
    private.prompt_of_agent(
      messages_for_turn.resolved.agent, messages_for_turn.resolved.settings ->> 'system_prompt'
    ),
    messages_for_turn.place,
    least(
      (
        messages_for_turn.route ->> 'context_window'
      )::integer - coalesce(messages_for_turn.resolved.max_tokens, 1024),
      (messages_for_turn.resolved.session).prompt_limit
    ),
    ((messages_for_turn.resolved.agent).config #>> '{model,history_messages}')::numeric::integer
  );
end
$$;
comment on function
  private.messages_for_turn(private.resolved_turn, jsonb, private.turn_place) is
  'The input of a route''s model: instructions, as much of the history as fits, and the new '
  'messages.';
grant execute on function
  private.messages_for_turn(private.resolved_turn, jsonb, private.turn_place)
  to service_role;

create function private.begun_turn(
  turn private.running_turns, resolved private.resolved_turn, routes jsonb
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'turn_id', begun_turn.turn.id,
    'session_id', (begun_turn.resolved.session).session_id,
    'caller',
    jsonb_build_object(
      'user_id', begun_turn.turn.user_id, 'access_key_id', begun_turn.turn.access_key_id
    ),
    'agent',
    jsonb_build_object(
      'id', (begun_turn.resolved.agent).id, 'name', (begun_turn.resolved.agent).name
    ),
    'model', coalesce(
      (
        select models.name
        from public.models
        where models.id = (begun_turn.resolved.target).model_id
      ),
      begun_turn.routes -> 0 ->> 'model'
    ),
    'routes', begun_turn.routes,
    'defaults', jsonb_build_object(
      'temperature',
      coalesce(
        to_jsonb((begun_turn.resolved.agent).temperature),
        begun_turn.resolved.settings -> 'temperature'
      ),
      'max_tokens', begun_turn.resolved.max_tokens
    ) || private.request_defaults(begun_turn.resolved.agent)
  );
end
$$;
comment on function private.begun_turn(
  private.running_turns, private.resolved_turn, jsonb
) is
  'What an edge function receives of a turn that began: its caller, its routes and its defaults.';
grant execute
  on function private.begun_turn(private.running_turns, private.resolved_turn, jsonb)
  to service_role;

create function private.returned_messages(request jsonb, said jsonb, messages jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- A turn without a conversation contains all of its messages.
  new_ones jsonb := coalesce(returned_messages.said, returned_messages.messages);
  new_messages integer := jsonb_array_length(new_ones);
  history integer := jsonb_array_length(returned_messages.messages) - new_messages;
begin
  if (returned_messages.request ->> 'echo')::boolean is distinct from false
    or new_ones <> jsonb_path_query_array(
      returned_messages.request -> 'messages', '$[last - $others to last]',
      jsonb_build_object('others', new_messages - 1)
    )
  then
    return jsonb_build_object(
      'messages', returned_messages.messages, 'new_messages', new_messages, 'echoed', true
    );
  end if;
  return jsonb_build_object(
    'messages', case history
      when 0 then '[]'
      else jsonb_path_query_array(
        returned_messages.messages, '$[0 to $last]', jsonb_build_object('last', history - 1)
      )
    end,
    'new_messages', new_messages, 'echoed', false
  );
end
$$;
comment on function private.returned_messages(jsonb, jsonb, jsonb) is
  'The messages for the model as a function receives them: without the new ones, if it disabled '
  'the echo and they are the last that it sent.';
grant execute on function private.returned_messages(jsonb, jsonb, jsonb) to service_role;

create function private.routes_of_request(
  kind text, resolved private.resolved_turn, request jsonb
)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return private.priced_routes(
    private.open_routes(
      routes_of_request.resolved.target,
      case routes_of_request.kind
        when 'chat' then array['chat', 'search'] else array[routes_of_request.kind] end,
      routes_of_request.resolved.settings, routes_of_request.resolved.payer
    ),
    nullif(routes_of_request.request -> 'units', 'null')
  );
end
$$;
comment on function private.routes_of_request(text, private.resolved_turn, jsonb) is
  'The routes that a request may take now, whose cost is known where others pay. Errors: those of '
  'open_routes() and priced_routes().';
grant execute
  on function private.routes_of_request(text, private.resolved_turn, jsonb)
  to service_role;

create function public.begin_chat_turn(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
-- Rows are looked up by their keys. A plan cached while a table was small would read all of it.
set enable_seqscan = off
-- Otherwise a scan that cannot be avoided would have its plan compiled, because of its cost.
set jit = off
as $$
declare
  kind text := coalesce(begin_chat_turn.request ->> 'kind', 'chat');
  profile public.profiles := private.impersonate(
    begin_chat_turn.caller, private.scope_of_turn(kind)
  );
  answer jsonb := private.find_stored_answer(profile.id, begin_chat_turn.request);
  resolved private.resolved_turn;
  limits jsonb;
  rate_limit jsonb;
  routes jsonb;
  has_budget boolean;
  turn private.running_turns;
  place private.turn_place;
  messages jsonb := begin_chat_turn.request -> 'messages';
  affordable integer;
begin
  perform private.set_idle_timeout();
  if answer is not null then
    return answer;
  end if;
  resolved := private.resolve_turn(begin_chat_turn.request);
  limits := private.limits_of_turn(begin_chat_turn.request, resolved.payer);
  -- Turns other than chats are part of a conversation only if they name it.
  if kind = 'chat' or (resolved.session).id is not null then
    place := private.place_of_request(resolved, begin_chat_turn.request);
    resolved.session := place.session;
  end if;
  has_budget := private.lock_budgets_of_turn(resolved, kind);
  routes := private.routes_of_request(kind, resolved, begin_chat_turn.request);
  if kind = 'chat' then
    messages := private.messages_for_turn(resolved, routes -> 0, place);
  end if;
  resolved.session := private.stored_session(place, begin_chat_turn.request);
  -- As the last step, so that calls of one organization wait for each other only briefly.
  if limits is not null then
    rate_limit := private.count_turn(profile.id, begin_chat_turn.request, limits);
  end if;
  turn := private.new_turn(begin_chat_turn.request, resolved, routes -> 0);
  affordable := private.start_turn(
    turn, routes, private.with_size_of_defaults(begin_chat_turn.request, resolved.agent), messages,
    resolved.max_tokens, has_budget
  );
  if (resolved.session).id is not null then
    perform private.store_turn(resolved.session, turn.id, place, turn.vendor_id);
    if begin_chat_turn.request ? 'response' then
      perform private.store_response(turn, begin_chat_turn.request);
    end if;
  end if;
  return private.begun_turn(turn, resolved, routes) || jsonb_build_object(
    'max_output_tokens', affordable, 'has_budget', has_budget, 'limits', limits,
    'rate_limit', rate_limit
  ) || private.returned_messages(begin_chat_turn.request, place.said, messages);
end
$$;
comment on function public.begin_chat_turn(jsonb, jsonb) is
  'Begins a turn: finds the stored answer or resolves the target, continues or creates the '
  'session, reserves budgets, picks routes, stores the new messages and records the running turn. '
  'The caller is {"user_id"} or {"access_key"}. Request and result have the fields of TurnRequest '
  'and beginningSchema in functions/_shared/gateway/turn_database.ts. Backend only. '
  'docs/architecture.md lists its errors.';
grant execute on function public.begin_chat_turn(jsonb, jsonb) to service_role;
