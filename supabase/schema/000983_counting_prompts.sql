-- The current state of what 000983_counting_prompts.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.tokens_of_request(resolved private.resolved_turn, request jsonb)
returns bigint
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  place private.turn_place := private.place_of_request(
    tokens_of_request.resolved, tokens_of_request.request
  );
  route jsonb := private.route_to(tokens_of_request.resolved.target, array['chat', 'search']);
  placed private.resolved_turn := tokens_of_request.resolved;
begin
  if route is null then
    perform private.refuse_kind('chat', tokens_of_request.resolved.target);
  end if;
  placed.session := place.session;
  return private.prompt_tokens(
    private.with_size_of_defaults(tokens_of_request.request, placed.agent),
    private.messages_for_turn(placed, route, place)
  );
end
$body$;
grant execute on function private.tokens_of_request(private.resolved_turn,jsonb) to service_role;

create function public.count_prompt(caller jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(count_prompt.caller, 'chat');
  resolved private.resolved_turn;
  limits jsonb;
  tokens bigint;
begin
  -- A request may create a session or copy the one that it continues. This error rolls that back
  -- and releases the locks. Postgres does not use its code, so no other error, such as a deadlock,
  -- is caught.
  begin
    resolved := private.resolve_turn(count_prompt.request);
    limits := private.limits_of_turn(count_prompt.request, resolved.payer);
    tokens := private.tokens_of_request(resolved, count_prompt.request);
    raise sqlstate 'UNDO1';
  exception when sqlstate 'UNDO1' then
    null;
  end;
  return jsonb_build_object(
    'tokens', tokens,
    'caller', jsonb_build_object(
      'user_id', profile.id, 'access_key_id', (select auth.jwt()) -> 'access_key' -> 'id'
    ),
    'limits', limits,
    'rate_limit',
    case
      when limits is not null
        then private.count_turn(profile.id, count_prompt.request, limits)
    end
  );
end
$body$;
grant execute on function public.count_prompt(jsonb,jsonb) to agentbase_functions;
