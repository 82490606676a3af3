-- The current state of what 000798_visitor_sessions.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_admission(widget public.widgets, agent public.agents, visitor jsonb)
returns void
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if private.needs_identity(check_admission.widget, check_admission.agent)
    and check_admission.visitor ->> 'user_id' is null
  then
    perform private.refuse(
      'identity_required', 'This widget is open to signed-in users of the website only.',
      'Send an identity that the website''s server signed.'
    );
  end if;
  if check_admission.widget.is_consent_required
    and (check_admission.visitor ->> 'consented')::boolean is not true
  then
    perform private.refuse(
      'consent_required', 'The visitor has not accepted the consent text.',
      'Send "consented": true once the visitor has accepted it.'
    );
  end if;
end
$body$;
grant execute on function private.check_admission(public.widgets,public.agents,jsonb) to service_role;

create function private.end_idle_visitors(organization_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  locked uuid[] := array(
    select sessions.id
    from public.chat_sessions sessions
    where sessions.id in (
      select idle_visitors.session_id
      from private.idle_visitors()
      where idle_visitors.organization_id = end_idle_visitors.organization_id
      limit end_idle_visitors.batch
    )
    order by sessions.id
    for update skip locked
  );
  -- A message may have been written before the lock.
  idle uuid[] := array(
    select idle_visitors.session_id
    from private.idle_visitors()
    where idle_visitors.session_id = any (locked)
  );
begin
  delete from public.chat_sessions
  where chat_sessions.id = any (idle) and chat_sessions.message_count = 0;
  update public.chat_sessions set status = 'expired'
  where chat_sessions.id = any (idle) and chat_sessions.status = 'active';
  update private.visitor_sessions set is_open = false
  where visitor_sessions.session_id = any (idle);
  return cardinality(idle);
end
$body$;

create function private.end_visits(kind text, organization_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deleted integer;
begin
  if end_visits.kind = 'visitor_sessions' then
    return private.end_idle_visitors(end_visits.organization_id, end_visits.batch);
  end if;
  delete from private.widget_tickets where token_hash in (
    select token_hash from private.widget_tickets
    where expires_at < now()
    limit end_visits.batch for update skip locked
  );
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;

create function private.idle_visitors()
returns TABLE(session_id uuid, organization_id uuid, since timestamp with time zone)
language sql stable security invoker
set search_path=""
as $body$
  select
    opened.session_id, sessions.org_id,
    least(
      opened.expires_at,
      sessions.last_activity_at + private.silence_limit(widgets, opened)
    )
  from private.visitor_sessions opened
  join public.chat_sessions sessions on sessions.id = opened.session_id
  join public.widgets on widgets.id = opened.widget_id
  where opened.is_open
    and (
      opened.expires_at < now()
      or sessions.status <> 'active'
      or sessions.last_activity_at < now() - private.silence_limit(widgets, opened)
    )
$body$;

create function private.open_visit(visitor jsonb)
returns private.visit
language plpgsql volatile security invoker
set search_path=""
as $body$
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
      'visitor_token_not_valid', 'The token does not belong to this widget and page.',
      'Start a new session.'
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
    perform private.refuse(
      'visitor_session_ended', 'This session has ended.', 'Start a new session.'
    );
  end if;
  return visit;
end
$body$;
grant execute on function private.open_visit(jsonb) to service_role;

create function private.take_ticket(key text, origin text, ticket_hash text)
returns public.widgets
language plpgsql volatile security invoker
set search_path=""
as $body$
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
      'ticket_not_valid', 'The ticket was used, has expired, or is not for this page.',
      'Fetch a new ticket.'
    );
  end if;
  return widget;
end
$body$;
grant execute on function private.take_ticket(text,text,text) to service_role;

create function public.create_widget_ticket(page jsonb, token_hash text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.create_widget_ticket(jsonb,text) to agentbase_functions;

create function public.delete_visitor_session(visitor jsonb)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  visit private.visit := private.open_visit(delete_visitor_session.visitor);
begin
  delete from public.chat_sessions where chat_sessions.id = (visit.session).id;
  return true;
end
$body$;
grant execute on function public.delete_visitor_session(jsonb) to agentbase_functions;

create function public.end_visitor_session(visitor jsonb)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  visit private.visit := private.open_visit(end_visitor_session.visitor);
begin
  update public.chat_sessions set status = 'ended' where chat_sessions.id = (visit.session).id;
  update private.visitor_sessions set is_open = false
  where visitor_sessions.session_id = (visit.session).id;
  return true;
end
$body$;
grant execute on function public.end_visitor_session(jsonb) to agentbase_functions;

create function public.list_visitor_messages(visitor jsonb, after bigint)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  visit private.visit := private.open_visit(list_visitor_messages.visitor);
begin
  return jsonb_build_object(
    'session_id', (visit.session).session_id,
    'is_answering', exists (
      select from private.running_turns turns
      where turns.session_id = (visit.session).id and turns.lease_expires_at > now()
    ),
    'messages', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', listed.id, 'seq', listed.seq, 'role', listed.role, 'content', listed.content,
        'is_complete', listed.status <> 'error', 'has_audio', listed.audio_path is not null,
        'created_at', listed.created_at
      ) order by listed.seq)
      from (
        select messages.*
        from public.chat_messages messages
        where messages.session_id = (visit.session).id
          and messages.seq > list_visitor_messages.after
          and messages.seq <@ (visit.session).current_branch
          and messages.role in ('user', 'assistant')
        order by messages.seq
        limit 500
      ) listed
    ), '[]')
  );
end
$body$;
grant execute on function public.list_visitor_messages(jsonb,bigint) to agentbase_functions;

create function public.list_widget_secrets(key text, origin text)
returns jsonb
language plpgsql stable security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.list_widget_secrets(text,text) to agentbase_functions;

create function public.start_visitor_session(page jsonb, ticket_hash text, token_hash text, visitor jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  widget public.widgets := private.take_ticket(
    start_visitor_session.page ->> 'key', start_visitor_session.page ->> 'origin',
    start_visitor_session.ticket_hash
  );
  agent public.agents := private.open_widget(widget, start_visitor_session.page ->> 'origin');
  behaviour jsonb := (private.as_answering(agent)).config -> 'behaviour';
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
$body$;
grant execute on function public.start_visitor_session(jsonb,text,text,jsonb) to agentbase_functions;
