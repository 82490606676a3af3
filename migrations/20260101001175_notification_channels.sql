-- Channels of notifications: in the app, to a webhook, to Slack. Each user chooses per type and
-- channel; notifications to webhooks and Slack are deliveries, which are sent asynchronously.

create table public.notification_settings (
  user_id uuid primary key default auth.uid() references public.profiles (id) on delete cascade,
  webhook_endpoint_id uuid references public.webhook_endpoints (id) on delete set null,
  slack_endpoint_id uuid references public.webhook_endpoints (id) on delete set null,
  quiet_from text,
  quiet_until text,
  timezone text not null default 'UTC',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint quiet_hours_begin_and_end check (
    (quiet_from is null) = (quiet_until is null) and coalesce(quiet_from <> quiet_until, true)
  ),
  constraint quiet_from_is_a_time_of_the_day
    check (
      char_length(quiet_from) <= 5 and private.is_plain(quiet_from)
      and quiet_from ~ '^([01]\d|2[0-3]):[0-5]\d$'
    ),
  constraint quiet_until_is_a_time_of_the_day
    check (
      char_length(quiet_until) <= 5 and private.is_plain(quiet_until)
      and quiet_until ~ '^([01]\d|2[0-3]):[0-5]\d$'
    ),
  constraint notification_time_zone_exists check (private.is_time_zone(timezone))
);
comment on table public.notification_settings is
  'The channels on which a user is notified besides the app, and quiet hours.';
comment on column public.notification_settings.user_id is 'The user whose settings they are.';
comment on column public.notification_settings.webhook_endpoint_id is
  'The webhook that receives the user''s notifications; null for none.';
comment on column public.notification_settings.slack_endpoint_id is
  'The Slack webhook that receives them; null for none.';
comment on column public.notification_settings.quiet_from is
  'Beginning of the quiet hours, such as 22:00, in which webhook and Slack wait, except for '
  'critical ones; null for none.';
comment on column public.notification_settings.quiet_until is
  'End of the quiet hours, which may be on the next day.';
comment on column public.notification_settings.timezone is 'The time zone of these times.';
comment on column public.notification_settings.created_at is 'When they were first set.';
comment on column public.notification_settings.updated_at is
  'When the notification settings were last changed.';

create table public.notification_preferences (
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  type text not null references private.notification_types (id) on delete cascade,
  channel text not null,
  is_enabled boolean not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, type, channel),
  constraint notification_channel_is_known check (channel in ('in_app', 'webhook', 'slack')),
  constraint notification_preference_type_is_a_label check (private.is_label(type))
);
comment on table public.notification_preferences is
  'Which types of notifications a user gets on which channel. Without a row a type is enabled.';
comment on column public.notification_preferences.user_id is 'The user who chose.';
comment on column public.notification_preferences.type is
  'One of the types of list_notification_types().';
comment on column public.notification_preferences.channel is 'in_app, webhook or slack.';
comment on column public.notification_preferences.is_enabled is
  'Whether the type is sent on the channel.';
comment on column public.notification_preferences.created_at is 'When it was first chosen.';
comment on column public.notification_preferences.updated_at is
  'When the preference was last changed.';

alter table public.notification_settings enable row level security;
create policy "People read their own notification settings" on public.notification_settings
  for select to authenticated using (user_id = (select auth.uid()));
create policy "People write their own notification settings" on public.notification_settings
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "People change their own notification settings" on public.notification_settings
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "People delete their own notification settings" on public.notification_settings
  for delete to authenticated using (user_id = (select auth.uid()));
alter table public.notification_preferences enable row level security;
create policy "People read their own notification preferences" on public.notification_preferences
  for select to authenticated using (user_id = (select auth.uid()));
create policy "People write their own notification preferences" on public.notification_preferences
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "People change their own notification preferences" on public.notification_preferences
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "People delete their own notification preferences" on public.notification_preferences
  for delete to authenticated using (user_id = (select auth.uid()));
grant select, delete on public.notification_settings, public.notification_preferences
  to authenticated;
grant insert (
  user_id, webhook_endpoint_id, slack_endpoint_id, quiet_from, quiet_until, timezone
) on public.notification_settings to authenticated;
grant update (webhook_endpoint_id, slack_endpoint_id, quiet_from, quiet_until, timezone)
  on public.notification_settings to authenticated;
grant insert (user_id, type, channel, is_enabled), update (is_enabled)
  on public.notification_preferences to authenticated;
grant select, insert, update, delete
  on public.notification_settings, public.notification_preferences to service_role;
create index notification_settings_webhook_endpoint_id_idx
  on public.notification_settings (webhook_endpoint_id);
create index notification_settings_slack_endpoint_id_idx
  on public.notification_settings (slack_endpoint_id);
create index notification_preferences_type_idx on public.notification_preferences (type);
create trigger update_notification_settings_updated_at
  before update on public.notification_settings
  for each row execute function public.update_updated_at_column();
create trigger update_notification_preferences_updated_at
  before update on public.notification_preferences
  for each row execute function public.update_updated_at_column();

create function private.may_be_notified_at(user_id uuid, endpoint uuid, kind text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (
    select from public.webhook_endpoints endpoints
    join public.organization_members members
      on members.organization_id = endpoints.organization_id
      and members.user_id = may_be_notified_at.user_id
      and private.role_rank(members.role) >= private.role_rank('agent_manager')
    where endpoints.id = may_be_notified_at.endpoint and endpoints.kind = may_be_notified_at.kind
  );
end
$$;
comment on function private.may_be_notified_at(uuid, uuid, text) is
  'Whether a user manages an endpoint of a kind now, and so may have notifications sent there.';
grant execute on function private.may_be_notified_at(uuid, uuid, text)
  to authenticated, service_role;

create function private.check_notification_settings()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if not (
    (
      new.webhook_endpoint_id is null
      or private.may_be_notified_at(new.user_id, new.webhook_endpoint_id, 'webhook')
    )
    and (
      new.slack_endpoint_id is null
      or private.may_be_notified_at(new.user_id, new.slack_endpoint_id, 'slack')
    )
  ) then
    perform private.refuse(
      'webhook_not_found', 'Webhook not found, or not of this kind, or you do not manage it.',
      'Create one in your personal organization with POST /webhooks.'
    );
  end if;
  return new;
end
$$;
comment on function private.check_notification_settings() is
  'Trigger: refuses webhooks that the user does not manage. Errors: PT404 webhook_not_found.';
create trigger check_notification_settings
  before insert or update of webhook_endpoint_id, slack_endpoint_id
  on public.notification_settings
  for each row execute function private.check_notification_settings();

create function private.quiet_until(settings public.notification_settings, at timestamptz)
returns timestamptz
language plpgsql
immutable
set search_path = ''
as $$
declare
  zone text := (quiet_until.settings).timezone;
  -- In UTC, where arithmetic is independent of the session's time zone.
  now_utc timestamp := quiet_until.at at time zone 'UTC';
  local timestamp := quiet_until.at at time zone zone;
  starts time := (quiet_until.settings).quiet_from::time;
  ends time := (quiet_until.settings).quiet_until::time;
  ends_at timestamp := local::date + case when local::time >= ends then 1 else 0 end + ends;
begin
  if (
    case when starts < ends then local::time >= starts and local::time < ends
      else local::time >= starts or local::time < ends end
  ) then
    -- When clocks change, the end may occur twice or not at all, as may the hour around it. It is
    -- the first moment at which the clock shows it or more; clocks change at a quarter of an hour.
    return (
      select min(moments.utc) at time zone 'UTC'
      from (
        select now_utc + (ends_at - local)
        union all select (ends_at at time zone zone) at time zone 'UTC'
        union all select date_trunc('hour', now_utc) + steps * interval '15 minutes'
        from generate_series(1, 112) as steps
      ) as moments (utc)
      where moments.utc > now_utc and moments.utc at time zone 'UTC' at time zone zone >= ends_at
    );
  end if;
  return null;
end
$$;
comment on function private.quiet_until(public.notification_settings, timestamptz) is
  'The end of the quiet hours that contain a moment; null for a moment outside of them.';
grant execute on function private.quiet_until(public.notification_settings, timestamptz)
  to service_role;

create function private.wants_notification(user_id uuid, type text, channel text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce((
    select preferences.is_enabled
    from public.notification_preferences preferences
    where preferences.user_id = wants_notification.user_id
      and preferences.type = wants_notification.type
      and preferences.channel = wants_notification.channel
  ), true);
end
$$;
comment on function private.wants_notification(uuid, text, text) is
  'Whether a user gets a type of notifications on a channel: yes, unless the user disabled it.';
grant execute on function private.wants_notification(uuid, text, text) to service_role;

create function private.send_notification()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  settings public.notification_settings := (
    select known from public.notification_settings known where known.user_id = new.user_id
  );
  quiet_until timestamptz := case
    when new.priority <> 'critical' then private.quiet_until(settings, now())
  end;
  last_sent timestamptz;
  deliveries bigint := 0;
begin
  -- Serializes concurrent notifications, so that the second one sees what the first has sent.
  perform pg_advisory_xact_lock(
    private.lock_namespace('notifications'), hashtext(new.user_id || ' ' || new.topic)
  )
  where settings.user_id is not null and new.topic is not null;
  -- The latest of the topic, which counts this one unless it was read.
  select latest.sent, (latest.sent ->> new.type)::timestamptz into new.sent, last_sent
  from public.notifications latest
  where latest.user_id = new.user_id and latest.topic = new.topic
  order by latest.created_at desc
  limit 1;
  new.sent := coalesce(new.sent, '{}');
  -- A critical one is not delayed by one that waits for the end of quiet hours.
  if settings.user_id is not null and (
    last_sent is null or last_sent <= now() - interval '1 hour'
    or new.priority = 'critical' and last_sent > now()
  ) then
    select count(private.enqueue_webhook(
      channels.endpoint, 'notification.' || new.type,
      jsonb_build_object(
        'type', new.type, 'title', new.title, 'message', new.message,
        'priority', new.priority, 'data', new.data, 'text', new.title || ': ' || new.message
      ),
      not_before => quiet_until
    )) into deliveries
    from (
      values ('webhook', settings.webhook_endpoint_id), ('slack', settings.slack_endpoint_id)
    ) as channels (name, endpoint)
    where channels.endpoint is not null
      -- Notifications about a failing webhook are not sent to webhooks.
      and new.type not in ('webhook_disabled', 'webhook_failed')
      and private.may_be_notified_at(new.user_id, channels.endpoint, channels.name)
      and private.wants_notification(new.user_id, new.type, channels.name);
  end if;
  if deliveries > 0 then
    new.sent := new.sent || jsonb_build_object(new.type, coalesce(quiet_until, now()));
  end if;
  new.is_in_app = private.wants_notification(new.user_id, new.type, 'in_app');
  return new;
end
$$;
comment on function private.send_notification() is
  'Trigger: writes the deliveries of a notification to webhook and Slack that its user has '
  'enabled, at most one an hour for a type and topic, and hides the row if the user has disabled '
  'it in the app.';
create trigger send_notification before insert on public.notifications
  for each row when (current_user not in ('anon', 'authenticated'))
  execute function private.send_notification();

create function private.list_notification_types()
returns table (
  type text, priority text, meaning text, in_app boolean, webhook boolean, slack boolean
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    types.id, types.priority, types.meaning,
    private.wants_notification((select auth.uid()), types.id, 'in_app'),
    private.wants_notification((select auth.uid()), types.id, 'webhook'),
    private.wants_notification((select auth.uid()), types.id, 'slack')
  from private.notification_types types
  order by types.id
$$;
comment on function private.list_notification_types() is
  'Body of public.list_notification_types(): reads private.notification_types, which no client '
  'may.';
grant execute on function private.list_notification_types() to authenticated;

create function public.list_notification_types()
returns table (
  type text, priority text, meaning text, in_app boolean, webhook boolean, slack boolean
)
language sql
stable
set search_path = ''
as $$
  select types.* from private.list_notification_types() types
$$;
comment on function public.list_notification_types() is
  'The types of notifications, and on which channels the caller gets them.';
grant execute on function public.list_notification_types() to authenticated;
