-- Sessions of visitors: how one begins, and what its token opens.

create function public.create_widget_ticket(page jsonb, token_hash text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  widget public.widgets := private.widget_of_key(create_widget_ticket.page ->> 'key');
  lifetime interval := (private.limits()).widget_ticket_lifetime;
begin
  perform private.open_widget(widget, create_widget_ticket.page ->> 'origin');
  if create_widget_ticket.page ->> 'address' is not null then
    perform private.take_rate_limit(
      private.address_key('widget-ticket', create_widget_ticket.page ->> 'address'),
      (private.limits()).widget_sessions_per_minute
    );
  end if;
  perform private.take_rate_limit(
    'widget-ticket:' || widget.id || ':'
      || private.token_hash(create_widget_ticket.page ->> 'origin'),
    widget.site_messages_per_minute
  );
  insert into private.widget_tickets (token_hash, widget_id, origin, expires_at)
  values (
    create_widget_ticket.token_hash, widget.id, create_widget_ticket.page ->> 'origin',
    now() + lifetime
  );
  return jsonb_build_object('expires_in', extract(epoch from lifetime)::integer);
end
$$;
comment on function public.create_widget_ticket(jsonb, text) is
  'Stores the hash of a ticket for a page {"key", "origin", "address"} and returns {"expires_in": '
  'seconds}. Backend only. Errors: PT404 widget_not_found, PT403 origin_not_allowed, PT429 '
  'rate_limit_exceeded.';
grant execute on function public.create_widget_ticket(jsonb, text) to service_role;

create function public.list_widget_secrets(key text, origin text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  widget public.widgets := private.widget_of_key(list_widget_secrets.key);
begin
  perform private.open_widget(widget, list_widget_secrets.origin);
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', secrets.id, 'widget_id', secrets.widget_id,
      'encrypted_secret', secrets.encrypted_secret
    ) order by secrets.created_at desc), '[]')
    from public.widget_secrets secrets
    where secrets.widget_id = widget.id
      and (secrets.expires_at is null or secrets.expires_at > now())
  );
end
$$;
comment on function public.list_widget_secrets(text, text) is
  'The secrets, as ciphertext, with which a website may sign who a visitor of this widget is; the '
  'current one first. Backend only. Errors: PT404 widget_not_found, PT403 origin_not_allowed.';
grant execute on function public.list_widget_secrets(text, text) to service_role;

create function private.take_ticket(key text, origin text, ticket_hash text)
returns public.widgets
language plpgsql
set search_path = ''
as $$
declare
  widget public.widgets := private.widget_of_key(take_ticket.key);
  taken uuid;
begin
  delete from private.widget_tickets tickets
  where tickets.token_hash = take_ticket.ticket_hash
    and tickets.widget_id = widget.id
    and tickets.origin = take_ticket.origin
    and tickets.expires_at > now()
  returning tickets.widget_id into taken;
  if taken is null then
    perform private.refuse(
      'ticket_not_valid', 'The ticket was used, has expired, or is not for this page.'
    );
  end if;
  return widget;
end
$$;
comment on function private.take_ticket(text, text, text) is
  'Takes a ticket, once, and returns its widget. Errors: PT401 ticket_not_valid.';
grant execute on function private.take_ticket(text, text, text) to service_role;

create function private.check_admission(
  widget public.widgets, agent public.agents, visitor jsonb
)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if private.needs_identity(check_admission.widget, check_admission.agent)
    and check_admission.visitor ->> 'user_id' is null
  then
    perform private.refuse(
      'identity_required', 'This widget is open to signed-in users of the website only.'
    );
  end if;
  if check_admission.widget.is_consent_required
    and (check_admission.visitor ->> 'consented')::boolean is not true
  then
    perform private.refuse('consent_required', 'The visitor has not accepted the consent text.');
  end if;
end
$$;
comment on function private.check_admission(public.widgets, public.agents, jsonb) is
  'Refuses a visitor without the identity or the consent that a widget or its agent requires. '
  'Errors: PT403 identity_required, PT400 consent_required.';
grant execute
  on function private.check_admission(public.widgets, public.agents, jsonb)
  to service_role;

create function public.start_visitor_session(
  page jsonb, ticket_hash text, token_hash text, visitor jsonb
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  widget public.widgets := private.take_ticket(
    start_visitor_session.page ->> 'key', start_visitor_session.page ->> 'origin',
    start_visitor_session.ticket_hash
  );
  agent public.agents := private.open_widget(widget, start_visitor_session.page ->> 'origin');
  behaviour jsonb := (private.agent_for_caller(agent)).config -> 'behaviour';
  session public.chat_sessions;
  expiry timestamptz := now() + least(
    (private.limits()).visitor_session_lifetime,
    make_interval(secs => (behaviour ->> 'max_duration_s')::numeric)
  );
begin
  perform private.check_admission(widget, agent, start_visitor_session.visitor);
  perform private.count_conversation(agent);
  insert into public.chat_sessions (
    user_id, org_id, agent_id, website_domain, ip_address, channel, metadata
  )
  values (
    null, private.payer_of_visitors(agent), agent.id,
    regexp_replace(start_visitor_session.page ->> 'origin', '^https?://', ''),
    private.truncated_address(start_visitor_session.page ->> 'address'), 'widget',
    jsonb_build_object('visitor', jsonb_strip_nulls(jsonb_build_object(
      'user_id', start_visitor_session.visitor -> 'user_id',
      'page_url', start_visitor_session.visitor -> 'page_url',
      'locale', start_visitor_session.visitor -> 'locale',
      'consented_at', case
        when (start_visitor_session.visitor ->> 'consented')::boolean then to_jsonb(now())
      end
    )))
  )
  returning * into session;
  insert into private.visitor_sessions (
    session_id, widget_id, origin, token_hash, expires_at, silence
  )
  values (
    session.id, widget.id, start_visitor_session.page ->> 'origin',
    start_visitor_session.token_hash, expiry,
    make_interval(secs => (behaviour ->> 'silence_end_ms')::numeric / 1000)
  );
  return jsonb_build_object('session_id', session.session_id, 'expires_at', expiry);
end
$$;
comment on function public.start_visitor_session(jsonb, text, text, jsonb) is
  'Exchanges a ticket of a page for a session of a visitor {"user_id" (as the website signed it), '
  '"page_url", "locale", "consented"}, which a token with this hash opens. Returns {"session_id", '
  '"expires_at"}. Backend only. Errors: PT401 ticket_not_valid, PT404 widget_not_found, PT403 '
  'origin_not_allowed, identity_required, PT400 consent_required, PT503 widget_unavailable.';
grant execute
  on function public.start_visitor_session(jsonb, text, text, jsonb)
  to service_role;

create type private.visit as (
  session public.chat_sessions,
  widget public.widgets,
  agent public.agents
);
comment on type private.visit is 'The session, widget and agent of a visitor''s token.';

create function private.open_visit(visitor jsonb)
returns private.visit
language plpgsql
set search_path = ''
as $$
declare
  visit private.visit;
  opened private.visitor_sessions;
  session public.chat_sessions;
begin
  select sessions.* into opened
  from private.visitor_sessions sessions
  where sessions.token_hash = open_visit.visitor ->> 'token_hash'
    and sessions.origin = open_visit.visitor ->> 'origin';
  visit.widget := private.widget_of_key(open_visit.visitor ->> 'key');
  if opened.session_id is null or opened.widget_id is distinct from (visit.widget).id then
    perform private.refuse(
      'visitor_token_not_valid', 'The token does not belong to this widget and page.'
    );
  end if;
  visit.agent := private.open_widget(visit.widget, opened.origin);
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = opened.session_id;
  visit.session := session;
  if not opened.is_open or opened.expires_at <= now() or session.status <> 'active'
    or session.last_activity_at < now() - private.silence_limit(visit.widget, opened)
    or session.agent_id is distinct from (visit.agent).id
  then
    perform private.refuse('visitor_session_ended', 'This session has ended.');
  end if;
  return visit;
end
$$;
comment on function private.open_visit(jsonb) is
  'What the token of a visitor {"key", "origin", "token_hash"} opens. Errors: PT401 '
  'visitor_token_not_valid, PT404 widget_not_found, PT403 origin_not_allowed, PT410 '
  'visitor_session_ended.';
grant execute on function private.open_visit(jsonb) to service_role;
