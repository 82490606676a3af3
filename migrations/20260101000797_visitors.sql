-- Visitors of websites. A page of an allowed domain gets a ticket, and for the ticket a session
-- whose token is bound to this session, this widget and this origin. Tickets and tokens are made by
-- the edge function; here there are only their hashes. Every step checks the list of domains again,
-- so that closing a widget ends its tokens.

create unlogged table private.widget_tickets (
  token_hash text primary key,
  widget_id uuid not null references public.widgets (id) on delete cascade,
  origin text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint ticket_hash_is_sha256 check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.widget_tickets is
  'Tickets for pages of allowed domains, each valid for one session within a minute. Unlogged: '
  'after a crash a page fetches a new one.';
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
  silence interval,
  created_at timestamptz not null default now(),
  constraint visitor_token_hash_is_sha256 check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.visitor_sessions is
  'The token of a visitor''s session, with its widget and origin. Deleted with its session or '
  'widget.';
comment on column private.visitor_sessions.session_id is 'The session, by chat_sessions.id.';
comment on column private.visitor_sessions.widget_id is 'The only widget that takes the token.';
comment on column private.visitor_sessions.origin is
  'The only origin whose pages may send the token.';
comment on column private.visitor_sessions.token_hash is 'SHA-256 of the token.';
comment on column private.visitor_sessions.is_open is
  'False once the session has ended. An ended session never continues.';
comment on column private.visitor_sessions.expires_at is
  'When it ends, however busy it is.';
comment on column private.visitor_sessions.silence is
  'How long without a message ends it by the agent''s behaviour.silence_end_ms; null where the '
  'widget alone decides.';
comment on column private.visitor_sessions.created_at is
  'When the visitor opened the conversation.';
grant select, insert, update, delete on private.visitor_sessions to service_role;
create index visitor_sessions_widget_id_idx on private.visitor_sessions (widget_id);
create index visitor_sessions_open_idx on private.visitor_sessions (created_at) where is_open;

create function private.user_acting_for_visitors(agent public.agents)
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
      and members.organization_id = user_acting_for_visitors.agent.organization_id
    where profiles.status = 'active'
      and case
        when user_acting_for_visitors.agent.organization_id is null
          then profiles.id = user_acting_for_visitors.agent.created_by
        else members.role = 'owner'
      end
    order by members.created_at, profiles.id
    limit 1
  );
end
$$;
comment on function private.user_acting_for_visitors(public.agents) is
  'The person by whose rights an agent answers visitors: its owner, or the longest-standing owner '
  'of its organization; null where none is active.';
grant execute on function private.user_acting_for_visitors(public.agents) to service_role;

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
    -- An IPv6 subscriber has 2^64 addresses.
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

create function private.needs_identity(widget public.widgets, agent public.agents)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select (needs_identity.widget).is_identity_required
    or coalesce(((needs_identity.agent).security ->> 'identity_required')::boolean, false)
$$;
comment on function private.needs_identity(public.widgets, public.agents) is
  'Whether only visitors may chat whom their website identifies: as the widget or the agent says.';
grant execute on function private.needs_identity(public.widgets, public.agents) to service_role;

create table private.visitor_days (
  agent_id uuid primary key references public.agents (id) on delete cascade,
  day date not null,
  conversations integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint conversations_are_positive check (conversations > 0)
);
comment on table private.visitor_days is
  'How many conversations visitors began with an agent on the latest day on which one did, for '
  'agents that limit them. A deleted conversation still counts. A row goes with its agent.';
comment on column private.visitor_days.agent_id is 'The agent.';
comment on column private.visitor_days.day is 'The day, of UTC.';
comment on column private.visitor_days.conversations is 'How many began on it.';
comment on column private.visitor_days.created_at is 'When the first one began.';
comment on column private.visitor_days.updated_at is 'When the latest one began.';
grant select, insert, update, delete on private.visitor_days to service_role;
create trigger update_visitor_days_updated_at before update on private.visitor_days
  for each row execute function public.update_updated_at_column();

create function private.silence_limit(widget public.widgets, opened private.visitor_sessions)
returns interval
language plpgsql
immutable
set search_path = ''
as $$
begin
  return least(
    make_interval(mins => silence_limit.widget.idle_minutes), silence_limit.opened.silence
  );
end
$$;
comment on function private.silence_limit(public.widgets, private.visitor_sessions) is
  'The time without a message after which a visitor''s session ends, by its widget and agent.';
grant execute
  on function private.silence_limit(public.widgets, private.visitor_sessions)
  to service_role;

create function private.visitors_of(agent_id uuid)
returns bigint
language sql
stable
set search_path = ''
as $$
  select count(*)
  from public.widgets
  join private.visitor_sessions opened on opened.widget_id = widgets.id
  join public.chat_sessions sessions on sessions.id = opened.session_id
  where widgets.agent_id = visitors_of.agent_id
    and opened.is_open and opened.expires_at > now() and sessions.status = 'active'
    and sessions.last_activity_at > now() - private.silence_limit(widgets, opened)
$$;
comment on function private.visitors_of(uuid) is
  'The number of open conversations of visitors with an agent.';
grant execute on function private.visitors_of(uuid) to service_role;

create function private.count_conversation(agent public.agents)
returns void
language plpgsql
set search_path = ''
as $$
declare
  daily integer := ((count_conversation.agent).security ->> 'daily_limit')::numeric::integer;
  at_once integer := (
    (count_conversation.agent).security ->> 'concurrency_limit'
  )::numeric::integer;
  today constant date := (now() at time zone 'utc')::date;
  begun integer;
begin
  if daily is null and at_once is null then
    return;
  end if;
  -- Its row lock serializes the beginnings of conversations with one agent.
  insert into private.visitor_days as days (agent_id, day, conversations)
  values ((count_conversation.agent).id, today, 1)
  on conflict on constraint visitor_days_pkey do update
  set day = excluded.day,
      conversations = case days.day when excluded.day then days.conversations else 0 end + 1
  returning days.conversations into begun;
  if begun > daily or private.visitors_of((count_conversation.agent).id) >= at_once then
    perform private.refuse(
      'widget_unavailable', 'The agent has as many conversations as it may have.',
      'Try again later.'
    );
  end if;
end
$$;
comment on function private.count_conversation(public.agents) is
  'Counts a conversation that begins against security.daily_limit and concurrency_limit. Errors: '
  'PT503 widget_unavailable.';
grant execute on function private.count_conversation(public.agents) to service_role;

create function private.widget_settings(widget public.widgets, agent public.agents)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'name', (widget_settings.widget).name,
    'greeting', coalesce(
      (widget_settings.widget).greeting, (widget_settings.agent).config #>> '{prompt,first_message}'
    ),
    'consent_text', coalesce(
      (widget_settings.widget).consent_text, (widget_settings.agent).security ->> 'consent_text'
    ),
    'is_consent_required', (widget_settings.widget).is_consent_required,
    'is_identity_required', private.needs_identity(widget_settings.widget, widget_settings.agent),
    'privacy_url', coalesce(
      (widget_settings.widget).privacy_url, (widget_settings.agent).security ->> 'privacy_url'
    ),
    'locale', coalesce(
      (widget_settings.widget).locale, stated.deployment ->> 'widget_language', 'en'
    ),
    'texts', (widget_settings.widget).texts,
    'accent_color', coalesce(
      (widget_settings.widget).accent_color,
      regexp_replace(
        stated.deployment ->> 'widget_color', '^#(.)(.)(.)$', '#\1\1\2\2\3\3'
      ),
      '#1a56db'
    ),
    'color_scheme', coalesce(
      (widget_settings.widget).color_scheme, stated.deployment ->> 'widget_theme', 'auto'
    ),
    'placement', coalesce(
      (widget_settings.widget).placement,
      replace(stated.deployment ->> 'widget_position', 'bottom_', ''), 'right'
    ),
    'suggestions', coalesce(nullif(stated.deployment -> 'widget_suggestions', 'null'), '[]'),
    'has_ai_notice', coalesce((stated.deployment ->> 'ai_notice')::boolean, true),
    'idle_minutes', least(
      (widget_settings.widget).idle_minutes,
      ceil(((widget_settings.agent).config #>> '{behaviour,silence_end_ms}')::numeric / 60000)
    )
  )
  from (select (widget_settings.agent).deployment_config as deployment) stated
$$;
comment on function private.widget_settings(public.widgets, public.agents) is
  'What pages receive about a widget, and of its agent what it leaves to the agent.';
grant execute on function private.widget_settings(public.widgets, public.agents) to service_role;

create function public.get_widget(key text, origin text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  widget public.widgets := private.widget_of_key(get_widget.key);
  agent public.agents := private.open_widget(widget, get_widget.origin);
begin
  return private.widget_settings(widget, private.agent_for_caller(agent));
end
$$;
comment on function public.get_widget(text, text) is
  'What pages of an allowed origin receive about a widget: widget_settings(), and nothing else '
  'about its agent. Backend only. Errors: PT404 widget_not_found, PT403 origin_not_allowed.';
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
