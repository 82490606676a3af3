-- Widgets: how a published agent appears on websites. The agent's security.allowed_domains lists
-- the websites; the widget's key, which is public and part of the page, identifies the agent.

create table public.widgets (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  key text not null unique default private.new_token('wk_'),
  previous_key text unique,
  previous_key_until timestamptz,
  name text not null,
  is_enabled boolean not null default true,
  greeting text,
  consent_text text,
  is_consent_required boolean not null default false,
  is_identity_required boolean not null default false,
  privacy_url text,
  locale text,
  texts jsonb not null default '{}',
  accent_color text,
  color_scheme text,
  placement text,
  messages_per_minute integer not null default 10,
  address_messages_per_minute integer not null default 30,
  site_messages_per_minute integer not null default 120,
  messages_per_session integer not null default 200,
  idle_minutes integer not null default 30,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint widget_key_is_a_token check (key ~ '^wk_[0-9a-f]{64}$'),
  constraint previous_key_has_an_end check (
    (previous_key is null) = (previous_key_until is null)
  ),
  constraint privacy_url_is_a_web_address check (private.is_web_address(privacy_url)),
  constraint widget_locale_is_a_language_tag check (
    locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'
  ),
  constraint widget_texts_are_an_object check (jsonb_typeof(texts) = 'object'),
  constraint accent_color_is_six_hex_digits check (accent_color ~ '^#[0-9a-fA-F]{6,6}$'),
  constraint color_scheme_is_known check (color_scheme in ('auto', 'light', 'dark')),
  constraint placement_is_known check (placement in ('right', 'left')),
  constraint messages_per_minute_are_1_to_60 check (messages_per_minute between 1 and 60),
  constraint address_messages_per_minute_are_1_to_600 check (
    address_messages_per_minute between 1 and 600
  ),
  constraint site_messages_per_minute_are_1_to_6000 check (
    site_messages_per_minute between 1 and 6000
  ),
  constraint messages_per_session_are_2_to_2000 check (messages_per_session between 2 and 2000),
  constraint idle_minutes_are_5_to_1440 check (idle_minutes between 5 and 1440),
  -- Sizes of columns that clients write.
  constraint widget_name_is_1_to_255_characters check (
    char_length(name) between 1 and 255 and private.is_plain(name)
  ),
  constraint greeting_is_at_most_8_kib check (
    private.is_prose(greeting) and octet_length(greeting) <= 8192
  ),
  constraint consent_text_is_at_most_16_kib check (
    private.is_prose(consent_text) and octet_length(consent_text) <= 16384
  ),
  constraint widget_texts_are_at_most_16_kib check (
    private.is_document(texts) and octet_length(texts::text) <= 16384
  )
);
comment on table public.widgets is
  'How an agent appears on the websites that its security.allowed_domains lists. All of it is '
  'shown to visitors. An agent may have several.';
comment on column public.widgets.id is 'Identifies the widget.';
comment on column public.widgets.agent_id is
  'The agent that visitors chat with. It must be published.';
comment on column public.widgets.key is
  'Names the widget in the pages of websites. Public: it is of no use outside of allowed domains. '
  'rotate_widget_key() replaces it.';
comment on column public.widgets.previous_key is 'The key before the current one.';
comment on column public.widgets.previous_key_until is 'Until when the previous key works.';
comment on column public.widgets.name is 'Name that visitors see.';
comment on column public.widgets.is_enabled is
  'False closes the widget immediately, also for running conversations.';
comment on column public.widgets.greeting is
  'What visitors read before they write, as Markdown; null for the agent''s prompt.first_message.';
comment on column public.widgets.consent_text is
  'Notice to visitors about the processing of their messages; null for the agent''s '
  'security.consent_text.';
comment on column public.widgets.is_consent_required is
  'Whether a visitor must accept the consent text before the first message. The widget or its '
  'agent must have one.';
comment on column public.widgets.is_identity_required is
  'Whether only visitors that the website identifies by a signature may chat. The agent''s '
  'security.identity_required requires it as well.';
comment on column public.widgets.privacy_url is
  'Address of the website''s privacy notice; null for the agent''s security.privacy_url.';
comment on column public.widgets.locale is
  'Language of the texts, as a BCP 47 tag, such as en or pt-BR; null for the agent''s '
  'deployment.widget_language, else en.';
comment on column public.widgets.texts is
  'Texts of the interface that replace the built-in ones, by name.';
comment on column public.widgets.accent_color is
  'Color of buttons and of the visitor''s messages, as #rrggbb; null for the agent''s '
  'deployment.widget_color, else #1a56db.';
comment on column public.widgets.color_scheme is
  'auto (as the visitor''s system), light or dark; null for the agent''s deployment.widget_theme, '
  'else auto.';
comment on column public.widgets.placement is
  'Side of the window: right or left; null for that of the agent''s deployment.widget_position, '
  'else right.';
comment on column public.widgets.messages_per_minute is 'Messages of one visitor in a minute.';
comment on column public.widgets.address_messages_per_minute is
  'Messages from one network address in a minute.';
comment on column public.widgets.site_messages_per_minute is
  'Messages from all visitors of one website in a minute.';
comment on column public.widgets.messages_per_session is
  'Messages in one conversation, answers included.';
comment on column public.widgets.idle_minutes is
  'Minutes without a message after which a visitor''s session ends.';
comment on column public.widgets.created_by is
  'The user who created it; null once that account is deleted.';
comment on column public.widgets.created_at is 'When the widget was created.';
comment on column public.widgets.updated_at is 'When the widget was last changed.';

alter table public.widgets enable row level security;
create policy "People read the widgets of agents that they read" on public.widgets
  for select to authenticated
  using (exists (select from public.agents where agents.id = widgets.agent_id));
create policy "Those who edit an agent add its widgets" on public.widgets
  for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and exists (select from private.editable_agents where editable_agents.id = widgets.agent_id)
  );
create policy "Those who edit an agent change its widgets" on public.widgets
  for update to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = widgets.agent_id)
  )
  with check (
    exists (select from private.editable_agents where editable_agents.id = widgets.agent_id)
  );
create policy "Those who edit an agent delete its widgets" on public.widgets
  for delete to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = widgets.agent_id)
  );
grant select, delete on public.widgets to authenticated;
grant insert (
  agent_id, name, is_enabled, greeting, consent_text, is_consent_required, is_identity_required,
  privacy_url, locale, texts, accent_color, color_scheme, placement, messages_per_minute,
  address_messages_per_minute, site_messages_per_minute, messages_per_session, idle_minutes,
  created_by
) on public.widgets to authenticated;
grant update (
  name, is_enabled, greeting, consent_text, is_consent_required, is_identity_required,
  privacy_url, locale, texts, accent_color, color_scheme, placement, messages_per_minute,
  address_messages_per_minute, site_messages_per_minute, messages_per_session, idle_minutes
) on public.widgets to authenticated;
grant select, insert, update, delete on public.widgets to service_role;
create index widgets_agent_id_idx on public.widgets (agent_id);
create index widgets_created_by_idx on public.widgets (created_by);
create trigger update_widgets_updated_at before update on public.widgets
  for each row execute function public.update_updated_at_column();

create function private.payer_of_visitors(agent public.agents)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select organizations.id from public.organizations
    where organizations.id = private.agent_organization(payer_of_visitors.agent)
      and organizations.deleted_at is null
  );
end
$$;
comment on function private.payer_of_visitors(public.agents) is
  'The organization that pays for the visitors of an agent: the agent''s, unless it was deleted; '
  'null where there is none, as for a platform agent.';
grant execute on function private.payer_of_visitors(public.agents) to service_role;

create function private.require_consent_text(widget public.widgets, agent public.agents)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.require_consent_text(public.widgets, public.agents) is
  'Refuses a widget that requires consent without a text to consent to. Errors: PT400 '
  'consent_text_missing.';

create function private.check_consent_of_widget()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  agent public.agents;
begin
  -- Locked, so that the agent cannot lose its text at the same time.
  select agents.* into agent from public.agents where agents.id = new.agent_id
  for no key update;
  perform private.require_consent_text(new, agent);
  return null;
end
$$;
comment on function private.check_consent_of_widget() is
  'Trigger: refuses a widget that requires consent if neither it nor its agent has a text. Errors: '
  'PT400 consent_text_missing.';
create trigger check_consent_of_widget
  after insert or update of is_consent_required, consent_text, agent_id on public.widgets
  for each row when (new.is_consent_required)
  execute function private.check_consent_of_widget();

create function private.check_consent_of_agent()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.require_consent_text(widgets, new)
  from public.widgets
  where widgets.agent_id = new.id and widgets.is_consent_required;
  return null;
end
$$;
comment on function private.check_consent_of_agent() is
  'Trigger: refuses to remove a consent text that a widget of the agent requires. Errors: PT400 '
  'consent_text_missing.';
create trigger check_consent_of_agent after update of security on public.agents
  for each row
  when (old.security ->> 'consent_text' is distinct from new.security ->> 'consent_text')
  execute function private.check_consent_of_agent();

create function private.limit_widgets()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.limit_widgets() is
  'Trigger: limits the number of widgets of an agent. Errors: PT409 too_many_widgets.';
create trigger limit_widgets after insert on public.widgets
  for each row when (current_user in ('anon', 'authenticated'))
  execute function private.limit_widgets();

create function private.add_visitor_budget()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.add_visitor_budget() is
  'Trigger: an agent that gets a widget has a daily budget, unless it has one already. '
  'Without a budget of the agent no visitor is answered.';
create trigger add_visitor_budget after insert on public.widgets
  for each row execute function private.add_visitor_budget();

create function private.rotate_widget_key(widget_id uuid)
returns text
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.rotate_widget_key(uuid) is
  'Body of public.rotate_widget_key(): writes a random key, which clients may not choose.';
grant execute on function private.rotate_widget_key(uuid) to authenticated;

create function public.rotate_widget_key(widget_id uuid)
returns text
language sql
set search_path = ''
as $$
  select private.rotate_widget_key(rotate_widget_key.widget_id)
$$;
comment on function public.rotate_widget_key(uuid) is
  'Replaces the key of a widget and returns the new one; the old key works for another 24 hours. '
  'For those who edit its agent. Errors: PT404 widget_not_found.';
grant execute on function public.rotate_widget_key(uuid) to authenticated;
