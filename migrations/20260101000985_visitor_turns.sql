-- Turns of visitors: the same turns as everyone's, by the rights of an owner of the agent, in the
-- visitor's session and in no other.

create function private.visitor_counters(visit private.visit, visitor jsonb)
returns table (place integer, key text, per_minute integer)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.visitor_counters(private.visit, jsonb) is
  'The rate limits of a visitor''s message: of the visitor, the address, the website and the '
  'organization that pays.';
grant execute on function private.visitor_counters(private.visit, jsonb) to service_role;

create function private.require_agent_budget(visit private.visit)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.require_agent_budget(private.visit) is
  'Refuses visitors of an agent without an active budget. Errors: PT503 widget_unavailable.';
grant execute on function private.require_agent_budget(private.visit) to service_role;

create function private.check_visit(visit private.visit, visitor jsonb)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.check_visit(private.visit, jsonb) is
  'Refuses a visitor''s message before the work of a turn. Errors: PT409 visitor_session_full, '
  'PT503 widget_unavailable, PT429 rate_limit_exceeded.';
grant execute on function private.check_visit(private.visit, jsonb) to service_role;

create function private.request_of_visitor(session public.chat_sessions, request jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
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
$$;
comment on function private.request_of_visitor(public.chat_sessions, jsonb) is
  'The request of a visitor as begin_chat_turn() takes it. An Idempotency-Key is scoped to the '
  'visitor''s session.';
grant execute
  on function private.request_of_visitor(public.chat_sessions, jsonb)
  to service_role;

create function public.begin_visitor_turn(visitor jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.begin_visitor_turn(jsonb, jsonb) is
  'Begins a turn in the session of a visitor {"key", "origin", "token_hash", "address"}, as '
  'begin_chat_turn() does, of whose request only "request_id", "messages", "idempotency_key", '
  '"fingerprint" and "echo" count. The organization of the agent pays, with its own limits, the '
  'widget''s and a budget of the agent; the ledger row has no user. Backend only. Errors: those of '
  'open_visit() and begin_chat_turn(); PT409 visitor_session_full, PT503 widget_unavailable, PT429 '
  'rate_limit_exceeded.';
grant execute on function public.begin_visitor_turn(jsonb, jsonb) to service_role;
