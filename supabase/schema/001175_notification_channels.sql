-- The current state of what 001175_notification_channels.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.notification_preferences (
  user_id uuid default auth.uid() not null,
  type text not null,
  channel text not null,
  is_enabled boolean not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint notification_preferences_pkey PRIMARY KEY (user_id, type, channel),
  constraint notification_preferences_type_fkey FOREIGN KEY (type) REFERENCES private.notification_types(id) ON DELETE CASCADE,
  constraint notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint notification_channel_is_known CHECK ((channel = ANY (ARRAY['in_app'::text, 'webhook'::text, 'slack'::text]))),
  constraint notification_preference_type_is_a_label CHECK (private.is_label(type))
);
alter table public.notification_preferences enable row level security;
create policy "People change their own notification preferences" on public.notification_preferences
  as permissive for update to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)))
  with check ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People delete their own notification preferences" on public.notification_preferences
  as permissive for delete to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People read their own notification preferences" on public.notification_preferences
  as permissive for select to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People write their own notification preferences" on public.notification_preferences
  as permissive for insert to authenticated
  with check ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert (user_id, type, channel, is_enabled), select, update (user_id, type, channel, is_enabled) on public.notification_preferences to authenticated;
grant delete, insert, select, update on public.notification_preferences to service_role;
CREATE INDEX notification_preferences_type_idx ON public.notification_preferences USING btree (type);
CREATE TRIGGER refuse_change BEFORE UPDATE OF user_id, type, channel ON public.notification_preferences FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((old.user_id IS DISTINCT FROM new.user_id) OR (old.type IS DISTINCT FROM new.type)) OR (old.channel IS DISTINCT FROM new.channel)))) EXECUTE FUNCTION private.refuse_change('user_id', 'type', 'channel');
CREATE TRIGGER update_notification_preferences_updated_at BEFORE UPDATE ON public.notification_preferences FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.notification_settings (
  user_id uuid default auth.uid() not null,
  webhook_endpoint_id uuid,
  slack_endpoint_id uuid,
  quiet_from text,
  quiet_until text,
  timezone text default 'UTC'::text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint notification_settings_pkey PRIMARY KEY (user_id),
  constraint notification_settings_slack_endpoint_id_fkey FOREIGN KEY (slack_endpoint_id) REFERENCES public.webhook_endpoints(id) ON DELETE SET NULL,
  constraint notification_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint notification_settings_webhook_endpoint_id_fkey FOREIGN KEY (webhook_endpoint_id) REFERENCES public.webhook_endpoints(id) ON DELETE SET NULL,
  constraint notification_time_zone_exists CHECK (private.is_time_zone(timezone)),
  constraint quiet_from_is_a_time_of_the_day CHECK (((char_length(quiet_from) <= 5) AND private.is_plain(quiet_from) AND (quiet_from ~ '^([01]\d|2[0-3]):[0-5]\d$'::text))),
  constraint quiet_hours_begin_and_end CHECK ((((quiet_from IS NULL) = (quiet_until IS NULL)) AND COALESCE((quiet_from <> quiet_until), true))),
  constraint quiet_until_is_a_time_of_the_day CHECK (((char_length(quiet_until) <= 5) AND private.is_plain(quiet_until) AND (quiet_until ~ '^([01]\d|2[0-3]):[0-5]\d$'::text)))
);
alter table public.notification_settings enable row level security;
create policy "People change their own notification settings" on public.notification_settings
  as permissive for update to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)))
  with check ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People delete their own notification settings" on public.notification_settings
  as permissive for delete to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People read their own notification settings" on public.notification_settings
  as permissive for select to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People write their own notification settings" on public.notification_settings
  as permissive for insert to authenticated
  with check ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert (user_id, webhook_endpoint_id, slack_endpoint_id, quiet_from, quiet_until, timezone), select, update (user_id, webhook_endpoint_id, slack_endpoint_id, quiet_from, quiet_until, timezone) on public.notification_settings to authenticated;
grant delete, insert, select, update on public.notification_settings to service_role;
CREATE INDEX notification_settings_slack_endpoint_id_idx ON public.notification_settings USING btree (slack_endpoint_id);
CREATE INDEX notification_settings_webhook_endpoint_id_idx ON public.notification_settings USING btree (webhook_endpoint_id);
CREATE TRIGGER check_notification_settings BEFORE INSERT OR UPDATE OF webhook_endpoint_id, slack_endpoint_id ON public.notification_settings FOR EACH ROW EXECUTE FUNCTION private.check_notification_settings();
CREATE TRIGGER refuse_change BEFORE UPDATE OF user_id ON public.notification_settings FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (old.user_id IS DISTINCT FROM new.user_id))) EXECUTE FUNCTION private.refuse_change('user_id');
CREATE TRIGGER update_notification_settings_updated_at BEFORE UPDATE ON public.notification_settings FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.check_notification_settings()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.list_notification_types()
returns TABLE(type text, priority text, meaning text, in_app boolean, webhook boolean, slack boolean)
language sql stable security definer
set search_path=""
as $body$
  select
    types.id, types.priority, types.meaning,
    private.wants_notification((select auth.uid()), types.id, 'in_app'),
    private.wants_notification((select auth.uid()), types.id, 'webhook'),
    private.wants_notification((select auth.uid()), types.id, 'slack')
  from private.notification_types types
  order by types.id
$body$;
grant execute on function private.list_notification_types() to authenticated;

create function private.may_be_notified_at(user_id uuid, endpoint uuid, kind text)
returns boolean
language plpgsql stable security definer
set search_path=""
as $body$
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
$body$;
grant execute on function private.may_be_notified_at(uuid,uuid,text) to authenticated, service_role;

create function private.quiet_until(settings public.notification_settings, at timestamp with time zone)
returns timestamp with time zone
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.quiet_until(public.notification_settings,timestamp with time zone) to service_role;

create function private.send_notification()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

create function private.wants_notification(user_id uuid, type text, channel text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return coalesce((
    select preferences.is_enabled
    from public.notification_preferences preferences
    where preferences.user_id = wants_notification.user_id
      and preferences.type = wants_notification.type
      and preferences.channel = wants_notification.channel
  ), true);
end
$body$;
grant execute on function private.wants_notification(uuid,text,text) to service_role;

create function public.list_notification_types()
returns TABLE(type text, priority text, meaning text, in_app boolean, webhook boolean, slack boolean)
language sql stable security invoker
set search_path=""
as $body$
  select types.* from private.list_notification_types() types
$body$;
grant execute on function public.list_notification_types() to authenticated;
