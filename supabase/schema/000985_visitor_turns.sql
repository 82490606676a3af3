-- The current state of what 000985_visitor_turns.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_visit(visit private.visit, visitor jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if (check_visit.visit.session).message_count
    >= (check_visit.visit.widget).messages_per_session
  then
    perform private.refuse(
      'visitor_session_full',
      format(
        'This conversation has %s messages, the maximum.',
        (check_visit.visit.widget).messages_per_session
      )
    );
  end if;
  perform private.require_agent_budget(check_visit.visit);
  perform private.check_rate_limit(counters.key, counters.per_minute)
  from private.visitor_counters(check_visit.visit, check_visit.visitor) counters;
end
$body$;
grant execute on function private.check_visit(private.visit,jsonb) to service_role;

create function private.request_of_visitor(session public.chat_sessions, request jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  -- Fields that a visitor may not set are ignored: model, session, limits, storage.
  select jsonb_build_object(
    'kind', 'chat',
    'session_id', request_of_visitor.session.session_id,
    'request_id', request_of_visitor.request -> 'request_id',
    'messages', request_of_visitor.request -> 'messages',
    'idempotency_key',
    request_of_visitor.session.id || ':'
      || nullif(request_of_visitor.request ->> 'idempotency_key', ''),
    'fingerprint', request_of_visitor.request -> 'fingerprint',
    'echo', request_of_visitor.request -> 'echo'
  )
$body$;
grant execute on function private.request_of_visitor(public.chat_sessions,jsonb) to service_role;

create function private.require_agent_budget(visit private.visit)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- Visitors spend the organization's money, so a budget is required.
  if not exists (
    select from public.budgets
    where budgets.organization_id = (require_agent_budget.visit.session).org_id
      and budgets.agent_id = (require_agent_budget.visit.agent).id
      and budgets.is_active
  ) then
    perform private.refuse(
      'widget_unavailable', 'The agent has no budget, so visitors are not answered.',
      'An admin of the organization can set a budget for the agent.'
    );
  end if;
end
$body$;
grant execute on function private.require_agent_budget(private.visit) to service_role;

create function private.visitor_counters(visit private.visit, visitor jsonb)
returns TABLE(place integer, key text, per_minute integer)
language sql stable security invoker
set search_path=""
as $body$
  select counters.place, counters.key, counters.per_minute
  from (values
    (1, 'visitor:' || (visitor_counters.visit.session).id,
      least(
        (visitor_counters.visit.widget).messages_per_minute,
        ((visitor_counters.visit.agent).security ->> 'rate_limit_per_minute')::numeric::integer
      )),
    (2, private.address_key(
      'visitor-address:' || (visitor_counters.visit.widget).id,
      visitor_counters.visitor ->> 'address'
    ), (visitor_counters.visit.widget).address_messages_per_minute),
    (3, 'visitor-site:' || (visitor_counters.visit.widget).id || ':'
      || private.token_hash(visitor_counters.visitor ->> 'origin'),
      (visitor_counters.visit.widget).site_messages_per_minute),
    (4, 'organization:' || (visitor_counters.visit.session).org_id, (
      private.plan_limits((visitor_counters.visit.session).org_id)
        ->> 'organization_per_minute'
    )::integer)
  ) as counters (place, key, per_minute)
  where counters.key is not null
  order by counters.place
$body$;
grant execute on function private.visitor_counters(private.visit,jsonb) to service_role;

create function public.begin_visitor_turn(visitor jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  visit private.visit := private.open_visit(begin_visitor_turn.visitor);
  acting uuid := private.user_acting_for_visitors(visit.agent);
  begun jsonb;
begin
  if acting is null then
    perform private.refuse(
      'widget_unavailable', 'The organization of the agent has no active owner.',
      'Ask the operator.'
    );
  end if;
  perform private.check_visit(visit, begin_visitor_turn.visitor);
  begun := public.begin_chat_turn(
    jsonb_build_object('user_id', acting, 'visitor', jsonb_build_object(
      'session_id', (visit.session).id,
      'key_holder', case when (visit.agent).organization_id is null then acting end
    )),
    private.request_of_visitor(visit.session, begin_visitor_turn.request)
  );
  if not begun ? 'replay' then
    -- Checked again under the lock: the budget may have been deleted since.
    perform private.require_agent_budget(visit);
    perform private.take_rate_limit(counters.key, counters.per_minute)
    from private.visitor_counters(visit, begin_visitor_turn.visitor) counters;
  end if;
  return begun || jsonb_build_object('caller', null, 'rate_limit', null, 'limits', null);
end
$body$;
grant execute on function public.begin_visitor_turn(jsonb,jsonb) to agentbase_functions;
