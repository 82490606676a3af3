-- The current state of what 000795_widgets.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.widgets (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  key text default private.new_token('wk_'::text) not null,
  previous_key text,
  previous_key_until timestamp with time zone,
  name text not null,
  is_enabled boolean default true not null,
  greeting text,
  consent_text text,
  is_consent_required boolean default false not null,
  is_identity_required boolean default false not null,
  privacy_url text,
  locale text,
  texts jsonb default '{}'::jsonb not null,
  accent_color text,
  color_scheme text,
  placement text,
  messages_per_minute integer default 10 not null,
  address_messages_per_minute integer default 30 not null,
  site_messages_per_minute integer default 120 not null,
  messages_per_session integer default 200 not null,
  idle_minutes integer default 30 not null,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint widgets_pkey PRIMARY KEY (id),
  constraint widgets_key_key UNIQUE (key),
  constraint widgets_previous_key_key UNIQUE (previous_key),
  constraint widgets_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint widgets_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint accent_color_is_six_hex_digits CHECK ((accent_color ~ '^#[0-9a-fA-F]{6,6}$'::text)),
  constraint address_messages_per_minute_are_1_to_600 CHECK (((address_messages_per_minute >= 1) AND (address_messages_per_minute <= 600))),
  constraint color_scheme_is_known CHECK ((color_scheme = ANY (ARRAY['auto'::text, 'light'::text, 'dark'::text]))),
  constraint consent_text_is_at_most_16_kib CHECK ((private.is_prose(consent_text) AND (octet_length(consent_text) <= 16384))),
  constraint greeting_is_at_most_8_kib CHECK ((private.is_prose(greeting) AND (octet_length(greeting) <= 8192))),
  constraint idle_minutes_are_5_to_1440 CHECK (((idle_minutes >= 5) AND (idle_minutes <= 1440))),
  constraint messages_per_minute_are_1_to_60 CHECK (((messages_per_minute >= 1) AND (messages_per_minute <= 60))),
  constraint messages_per_session_are_2_to_2000 CHECK (((messages_per_session >= 2) AND (messages_per_session <= 2000))),
  constraint placement_is_known CHECK ((placement = ANY (ARRAY['right'::text, 'left'::text]))),
  constraint previous_key_has_an_end CHECK (((previous_key IS NULL) = (previous_key_until IS NULL))),
  constraint privacy_url_is_a_web_address CHECK (private.is_web_address(privacy_url)),
  constraint site_messages_per_minute_are_1_to_6000 CHECK (((site_messages_per_minute >= 1) AND (site_messages_per_minute <= 6000))),
  constraint widget_key_is_a_token CHECK ((key ~ '^wk_[0-9a-f]{64}$'::text)),
  constraint widget_locale_is_a_language_tag CHECK ((locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'::text)),
  constraint widget_name_is_1_to_255_characters CHECK ((((char_length(name) >= 1) AND (char_length(name) <= 255)) AND private.is_plain(name))),
  constraint widget_texts_are_an_object CHECK ((jsonb_typeof(texts) = 'object'::text)),
  constraint widget_texts_are_at_most_16_kib CHECK ((private.is_document(texts) AND (octet_length((texts)::text) <= 16384)))
);
alter table public.widgets enable row level security;
create policy "People read the widgets of agents that they read" on public.widgets
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = widgets.agent_id))));
create policy "Those who edit an agent add its widgets" on public.widgets
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = widgets.agent_id)))));
create policy "Those who edit an agent change its widgets" on public.widgets
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = widgets.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = widgets.agent_id))));
create policy "Those who edit an agent delete its widgets" on public.widgets
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = widgets.agent_id))));
grant delete, insert (id, agent_id, name, is_enabled, greeting, consent_text, is_consent_required, is_identity_required, privacy_url, locale, texts, accent_color, color_scheme, placement, messages_per_minute, address_messages_per_minute, site_messages_per_minute, messages_per_session, idle_minutes, created_by), select, update (id, agent_id, name, is_enabled, greeting, consent_text, is_consent_required, is_identity_required, privacy_url, locale, texts, accent_color, color_scheme, placement, messages_per_minute, address_messages_per_minute, site_messages_per_minute, messages_per_session, idle_minutes, created_by) on public.widgets to authenticated;
grant delete, insert, select, update on public.widgets to service_role;
CREATE INDEX widgets_agent_id_idx ON public.widgets USING btree (agent_id);
CREATE INDEX widgets_created_by_idx ON public.widgets USING btree (created_by);
CREATE TRIGGER add_visitor_budget AFTER INSERT ON public.widgets FOR EACH ROW EXECUTE FUNCTION private.add_visitor_budget();
CREATE TRIGGER check_consent_of_widget AFTER INSERT OR UPDATE OF is_consent_required, consent_text, agent_id ON public.widgets FOR EACH ROW WHEN (new.is_consent_required) EXECUTE FUNCTION private.check_consent_of_widget();
CREATE TRIGGER limit_widgets AFTER INSERT ON public.widgets FOR EACH ROW WHEN ((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name]))) EXECUTE FUNCTION private.limit_widgets();
CREATE TRIGGER record_audit_change AFTER UPDATE OF agent_id, name, is_enabled, is_consent_required, is_identity_required, privacy_url, messages_per_minute, address_messages_per_minute, site_messages_per_minute, messages_per_session, idle_minutes, previous_key_until, key ON public.widgets FOR EACH ROW WHEN (((((((((((((((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.is_enabled IS DISTINCT FROM new.is_enabled)) OR (old.is_consent_required IS DISTINCT FROM new.is_consent_required)) OR (old.is_identity_required IS DISTINCT FROM new.is_identity_required)) OR (old.privacy_url IS DISTINCT FROM new.privacy_url)) OR (old.messages_per_minute IS DISTINCT FROM new.messages_per_minute)) OR (old.address_messages_per_minute IS DISTINCT FROM new.address_messages_per_minute)) OR (old.site_messages_per_minute IS DISTINCT FROM new.site_messages_per_minute)) OR (old.messages_per_session IS DISTINCT FROM new.messages_per_session)) OR (old.idle_minutes IS DISTINCT FROM new.idle_minutes)) OR (old.previous_key_until IS DISTINCT FROM new.previous_key_until)) OR (old.key IS DISTINCT FROM new.key)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.widgets FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, agent_id, created_by ON public.widgets FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.created_by IS DISTINCT FROM new.created_by)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id', 'created_by');
CREATE TRIGGER update_widgets_updated_at BEFORE UPDATE ON public.widgets FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.add_visitor_budget()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into public.budgets (organization_id, agent_id, period, limit_usd, created_by)
  select
    private.payer_of_visitors(agents), agents.id, 'day',
    (private.limits()).widget_daily_budget_usd, auth.uid()
  from public.agents
  where agents.id = new.agent_id
    and private.payer_of_visitors(agents) is not null
    and not exists (
      select from public.budgets
      where budgets.agent_id = agents.id
        and budgets.organization_id = private.payer_of_visitors(agents)
    )
  on conflict on constraint one_budget_per_scope_and_period do nothing;
  return null;
end
$body$;

create function private.check_consent_of_agent()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.require_consent_text(widgets, new)
  from public.widgets
  where widgets.agent_id = new.id and widgets.is_consent_required;
  return null;
end
$body$;

create function private.check_consent_of_widget()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  agent public.agents;
begin
  -- Locked, so that the agent cannot lose its text at the same time.
  select agents.* into agent from public.agents where agents.id = new.agent_id
  for no key update;
  perform private.require_consent_text(new, agent);
  return null;
end
$body$;

create function private.limit_widgets()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Serializes requests about one agent, so that the count is exact.
  perform from public.agents where agents.id = new.agent_id for no key update;
  if (
    select count(*) > (private.limits()).widgets_per_agent
    from public.widgets where widgets.agent_id = new.agent_id
  ) then
    perform private.refuse(
      'too_many_widgets',
      format('This agent has %s widgets, the maximum.', (private.limits()).widgets_per_agent)
    );
  end if;
  return null;
end
$body$;

create function private.payer_of_visitors(agent public.agents)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select organizations.id from public.organizations
    where organizations.id = private.agent_organization(payer_of_visitors.agent)
      and organizations.deleted_at is null
  );
end
$body$;
grant execute on function private.payer_of_visitors(public.agents) to service_role;

create function private.require_consent_text(widget public.widgets, agent public.agents)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if (require_consent_text.widget).is_consent_required
    and coalesce(btrim(coalesce(
      (require_consent_text.widget).consent_text,
      (require_consent_text.agent).security ->> 'consent_text'
    )), '') = ''
  then
    perform private.refuse(
      'consent_text_missing',
      format(
        'The widget "%s" requires consent, and neither it nor its agent has a consent text.',
        (require_consent_text.widget).name
      ),
      'Set consent_text of the widget or security.consent_text of the agent, or do not require '
      'consent.'
    );
  end if;
end
$body$;

create function private.rotate_widget_key(widget_id uuid)
returns text
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  made text;
begin
  update public.widgets
  set key = private.new_token('wk_'),
      previous_key = widgets.key,
      previous_key_until = now() + (private.limits()).widget_key_grace
  where widgets.id = rotate_widget_key.widget_id
    and exists (
      select from private.editable_agents where editable_agents.id = widgets.agent_id
    )
  returning widgets.key into made;
  if made is null then
    perform private.refuse(
      'widget_not_found', 'Widget not found, or you may not change it.',
      'Use an id from the table widgets.'
    );
  end if;
  return made;
end
$body$;
grant execute on function private.rotate_widget_key(uuid) to authenticated;

create function public.rotate_widget_key(widget_id uuid)
returns text
language sql volatile security invoker
set search_path=""
as $body$
  select private.rotate_widget_key(rotate_widget_key.widget_id)
$body$;
grant execute on function public.rotate_widget_key(uuid) to authenticated;
