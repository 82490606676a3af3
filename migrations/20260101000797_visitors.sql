-- Visitors of websites. A page of an allowed domain gets a ticket, and for the ticket a session
-- whose token is bound to this session, this widget and this origin. Tickets and tokens are made by
-- the edge function; here there are only their hashes. Every step asks again what the list of
-- domains allows, so that closing a widget ends its tokens.

create unlogged table private.widget_tickets (
  token_hash text primary key,
  widget_id uuid not null references public.widgets (id) on delete cascade,
  origin text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint ticket_hash_is_sha256 check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.widget_tickets is
  'Tickets for pages of allowed domains, each good for one session within a minute. Unlogged: '
  'after a crash a page fetches another one.';
comment on column private.widget_tickets.token_hash is 'SHA-256 of the ticket.';
comment on column private.widget_tickets.widget_id is 'The widget.';
comment on column private.widget_tickets.origin is 'The origin of the page that fetched it.';
comment on column private.widget_tickets.expires_at is 'When it stops working.';
comment on column private.widget_tickets.created_at is
  'When the visitor''s browser got the ticket.';
grant select, insert, update, delete on private.widget_tickets to service_role;
create index widget_tickets_widget_id_idx on private.widget_tickets (widget_id);
create index widget_tickets_expires_at_idx on private.widget_tickets (expires_at);

create table private.visitor_sessions (
  session_id uuid primary key references public.chat_sessions (id) on delete cascade,
  widget_id uuid not null references public.widgets (id) on delete cascade,
  origin text not null,
  token_hash text not null unique,
  is_open boolean not null default true,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint visitor_token_hash_is_sha256 check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.visitor_sessions is
  'Which token opens a visitor''s session, and for which widget and origin. It goes with its '
  'session, and with its widget.';
comment on column private.visitor_sessions.session_id is 'The session, by chat_sessions.id.';
comment on column private.visitor_sessions.widget_id is 'The only widget that takes the token.';
comment on column private.visitor_sessions.origin is
  'The only origin whose pages may send the token.';
comment on column private.visitor_sessions.token_hash is 'SHA-256 of the token.';
comment on column private.visitor_sessions.is_open is
  'False once the session has ended. An ended session never continues.';
comment on column private.visitor_sessions.expires_at is
  'When it ends, however busy it is.';
comment on column private.visitor_sessions.created_at is
  'When the visitor opened the conversation.';
grant select, insert, update, delete on private.visitor_sessions to service_role;
create index visitor_sessions_widget_id_idx on private.visitor_sessions (widget_id);
create index visitor_sessions_open_idx on private.visitor_sessions (created_at) where is_open;

create function private.acts_for_visitors(agent public.agents)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select profiles.id
    from public.profiles
    left join public.organization_members members
      on members.user_id = profiles.id
      and members.organization_id = acts_for_visitors.agent.organization_id
    where profiles.status = 'active'
      and case
        when acts_for_visitors.agent.organization_id is null
          then profiles.id = acts_for_visitors.agent.created_by
        else members.role = 'owner'
      end
    order by members.created_at, profiles.id
    limit 1
  );
end
$$;
comment on function private.acts_for_visitors(public.agents) is
  'The person by whose rights an agent answers visitors: its owner, or the longest-standing owner '
  'of its organization; null where none is active.';
grant execute on function private.acts_for_visitors(public.agents) to service_role;

create function private.open_widget(widget public.widgets, origin text)
returns public.agents
language plpgsql
stable
set search_path = ''
as $$
declare
  agent public.agents;
begin
  select agents.* into agent
  from public.agents
  where agents.id = open_widget.widget.agent_id
    and open_widget.widget.is_enabled
    and agents.is_published and agents.enabled and agents.status <> 'paused';
  if agent.id is null or private.payer_of_visitors(agent) is null then
    perform private.refuse(
      'widget_not_found', 'There is no open widget with this key.',
      'Check the key, and that widget and agent are enabled and the agent is published.'
    );
  end if;
  if not private.site_allows(agent.security -> 'allowed_domains', open_widget.origin) then
    perform private.refuse(
      'origin_not_allowed', 'This page may not use the widget.',
      'Someone who manages the agent can add the site to security.allowed_domains.'
    );
  end if;
  return agent;
end
$$;
comment on function private.open_widget(public.widgets, text) is
  'The agent of a widget, where the widget is open to pages of an origin. Errors: PT404 '
  'widget_not_found, PT403 origin_not_allowed.';
grant execute on function private.open_widget(public.widgets, text) to service_role;

create function private.widget_of_key(key text)
returns public.widgets
language plpgsql
stable
set search_path = ''
as $$
declare
  widget public.widgets;
begin
  select widgets.* into widget
  from public.widgets
  where widgets.key = widget_of_key.key;
  if widget.id is null then
    select widgets.* into widget
    from public.widgets
    where widgets.previous_key = widget_of_key.key and widgets.previous_key_until > now();
  end if;
  return widget;
end
$$;
comment on function private.widget_of_key(text) is
  'The widget of a key, or of one that was replaced within the last day; null for none.';
grant execute on function private.widget_of_key(text) to service_role;

create function private.address_key(kind text, address text)
returns text
language sql
immutable
set search_path = ''
as $$
  select address_key.kind || ':' || private.token_hash(
    -- One subscriber of IPv6 has 2^64 addresses.
    host(network(set_masklen(
      address_key.address::inet, case family(address_key.address::inet) when 4 then 32 else 64 end
    )))
  )
$$;
comment on function private.address_key(text, text) is
  'The key under which calls from a network address are counted: the hash of the address, of an '
  'IPv6 address its /64. Null for an unknown address, which would make all visitors share one '
  'limit.';
grant execute on function private.address_key(text, text) to service_role;

create function private.truncated_address(address text)
returns inet
language sql
immutable
set search_path = ''
as $$
  select network(set_masklen(
    truncated_address.address::inet,
    case family(truncated_address.address::inet) when 4 then 24 else 48 end
  ))::inet
$$;
comment on function private.truncated_address(text) is
  'What is stored of a visitor''s address: the /24 of IPv4, the /48 of IPv6.';
grant execute on function private.truncated_address(text) to service_role;

create function public.get_widget(key text, origin text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  widget public.widgets := private.widget_of_key(get_widget.key);
begin
  perform private.open_widget(widget, get_widget.origin);
  return jsonb_build_object(
    'name', widget.name, 'greeting', widget.greeting, 'consent_text', widget.consent_text,
    'is_consent_required', widget.is_consent_required,
    'is_identity_required', widget.is_identity_required, 'privacy_url', widget.privacy_url,
    'locale', widget.locale, 'texts', widget.texts, 'accent_color', widget.accent_color,
    'color_scheme', widget.color_scheme, 'placement', widget.placement,
    'idle_minutes', widget.idle_minutes
  );
end
$$;
comment on function public.get_widget(text, text) is
  'What pages of an allowed origin receive about a widget: these fields, and nothing about its '
  'agent. Backend only. Errors: PT404 widget_not_found, PT403 origin_not_allowed.';
grant execute on function public.get_widget(text, text) to service_role;

create function public.widget_allows(key text, origin text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  widget public.widgets := private.widget_of_key(widget_allows.key);
begin
  return coalesce((
    select private.site_allows(agents.security -> 'allowed_domains', widget_allows.origin)
    from public.agents
    where agents.id = widget.agent_id
  ), false);
end
$$;
comment on function public.widget_allows(text, text) is
  'Whether pages of an origin may read answers about a widget. Backend only.';
grant execute on function public.widget_allows(text, text) to service_role;
