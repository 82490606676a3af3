-- The current state of what 000797_visitors.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.visitor_sessions (
  session_id uuid not null,
  widget_id uuid not null,
  origin text not null,
  token_hash text not null,
  is_open boolean default true not null,
  expires_at timestamp with time zone not null,
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

create function private.acts_for_visitors(agent public.agents)
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
$body$;
grant execute on function private.acts_for_visitors(public.agents) to service_role;

create function private.address_key(kind text, address text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select address_key.kind || ':' || private.token_hash(
    -- One subscriber of IPv6 has 2^64 addresses.
    host(network(set_masklen(
      address_key.address::inet, case family(address_key.address::inet) when 4 then 32 else 64 end
    )))
  )
$body$;
grant execute on function private.address_key(text,text) to service_role;

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

create function public.get_widget(key text, origin text)
returns jsonb
language plpgsql stable security definer
set search_path=""
as $body$
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
