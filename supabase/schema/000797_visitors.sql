-- The current state of what 000797_visitors.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.visitor_days (
  agent_id uuid not null,
  day date not null,
  conversations integer not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint visitor_days_pkey PRIMARY KEY (agent_id),
  constraint visitor_days_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint conversations_are_positive CHECK ((conversations > 0))
);
grant delete, insert, select, update on private.visitor_days to service_role;
CREATE TRIGGER update_visitor_days_updated_at BEFORE UPDATE ON private.visitor_days FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table private.visitor_sessions (
  session_id uuid not null,
  widget_id uuid not null,
  origin text not null,
  token_hash text not null,
  is_open boolean default true not null,
  expires_at timestamp with time zone not null,
  silence interval,
  created_at timestamp with time zone default now() not null,
  constraint visitor_sessions_pkey PRIMARY KEY (session_id),
  constraint visitor_sessions_token_hash_key UNIQUE (token_hash),
  constraint visitor_sessions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint visitor_sessions_widget_id_fkey FOREIGN KEY (widget_id) REFERENCES public.widgets(id) ON DELETE CASCADE,
  constraint visitor_token_hash_is_sha256 CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
grant delete, insert, select, update on private.visitor_sessions to service_role;
CREATE INDEX visitor_sessions_open_idx ON private.visitor_sessions USING btree (created_at) WHERE is_open;
CREATE INDEX visitor_sessions_widget_id_idx ON private.visitor_sessions USING btree (widget_id);

-- Functions --------------------------------------------------------------------------------------

create function private.address_key(kind text, address text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select address_key.kind || ':' || private.token_hash(
    -- An IPv6 subscriber has 2^64 addresses.
    host(network(set_masklen(
      address_key.address::inet, case family(address_key.address::inet) when 4 then 32 else 64 end
    )))
  )
$body$;
grant execute on function private.address_key(text,text) to service_role;

create function private.count_conversation(agent public.agents)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.count_conversation(public.agents) to service_role;

create function private.needs_identity(widget public.widgets, agent public.agents)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select (needs_identity.widget).is_identity_required
    or coalesce(((needs_identity.agent).security ->> 'identity_required')::boolean, false)
$body$;
grant execute on function private.needs_identity(public.widgets,public.agents) to service_role;

create function private.open_widget(widget public.widgets, origin text)
returns public.agents
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.open_widget(public.widgets,text) to service_role;

create function private.silence_limit(widget public.widgets, opened private.visitor_sessions)
returns interval
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return least(
    make_interval(mins => silence_limit.widget.idle_minutes), silence_limit.opened.silence
  );
end
$body$;
grant execute on function private.silence_limit(public.widgets,private.visitor_sessions) to service_role;

create function private.truncated_address(address text)
returns inet
language sql immutable security invoker
set search_path=""
as $body$
  select network(set_masklen(
    truncated_address.address::inet,
    case family(truncated_address.address::inet) when 4 then 24 else 48 end
  ))::inet
$body$;
grant execute on function private.truncated_address(text) to service_role;

create function private.user_acting_for_visitors(agent public.agents)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.user_acting_for_visitors(public.agents) to service_role;

create function private.visitors_of(agent_id uuid)
returns bigint
language sql stable security invoker
set search_path=""
as $body$
  select count(*)
  from public.widgets
  join private.visitor_sessions opened on opened.widget_id = widgets.id
  join public.chat_sessions sessions on sessions.id = opened.session_id
  where widgets.agent_id = visitors_of.agent_id
    and opened.is_open and opened.expires_at > now() and sessions.status = 'active'
    and sessions.last_activity_at > now() - private.silence_limit(widgets, opened)
$body$;
grant execute on function private.visitors_of(uuid) to service_role;

create function private.widget_of_key(key text)
returns public.widgets
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.widget_of_key(text) to service_role;

create function private.widget_settings(widget public.widgets, agent public.agents)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.widget_settings(public.widgets,public.agents) to service_role;

create function public.get_widget(key text, origin text)
returns jsonb
language plpgsql stable security definer
set search_path=""
as $body$
declare
  widget public.widgets := private.widget_of_key(get_widget.key);
  agent public.agents := private.open_widget(widget, get_widget.origin);
begin
  return private.widget_settings(widget, private.agent_for_caller(agent));
end
$body$;
grant execute on function public.get_widget(text,text) to agentbase_functions;

create function public.widget_allows(key text, origin text)
returns boolean
language plpgsql stable security definer
set search_path=""
as $body$
declare
  widget public.widgets := private.widget_of_key(widget_allows.key);
begin
  return coalesce((
    select private.site_allows(agents.security -> 'allowed_domains', widget_allows.origin)
    from public.agents
    where agents.id = widget.agent_id
  ), false);
end
$body$;
grant execute on function public.widget_allows(text,text) to agentbase_functions;
