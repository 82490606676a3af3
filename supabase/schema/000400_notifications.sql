-- The current state of what 000400_notifications.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.notification_types (
  id text not null,
  priority text default 'medium'::text not null,
  kept_for interval not null,
  meaning text not null,
  topic text,
  subject text[] default '{}'::text[] not null,
  constraint notification_types_pkey PRIMARY KEY (id),
  constraint notification_is_kept_from_an_hour_to_a_year CHECK (((kept_for >= '01:00:00'::interval) AND (kept_for <= '365 days'::interval))),
  constraint notification_type_is_lower_case CHECK ((id ~ '^[a-z][a-z0-9_]{2,63}$'::text)),
  constraint notification_type_meaning_is_a_sentence CHECK ((meaning ~ '^[A-Z].{1,150}\.$'::text)),
  constraint notification_type_priority_is_known CHECK ((priority = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text, 'critical'::text])))
);
alter table private.notification_types enable row level security;
grant select on private.notification_types to service_role;

create table public.notifications (
  id uuid default gen_random_uuid() not null,
  user_id uuid default auth.uid() not null,
  type text not null,
  title text not null,
  message text not null,
  data jsonb default '{}'::jsonb not null,
  priority text default 'medium'::text not null,
  read_at timestamp with time zone,
  expires_at timestamp with time zone,
  is_in_app boolean default true not null,
  topic text,
  occurrences integer default 1 not null,
  last_occurred_at timestamp with time zone default now() not null,
  sent jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint notification_data_is_at_most_256_kib_and_64_levels CHECK (private.is_document(data)),
  constraint notification_expires_after_it_is_made CHECK ((expires_at > created_at)),
  constraint notification_expires_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(expires_at)),
  constraint notification_message_is_at_most_64_kib CHECK (private.is_prose(message)),
  constraint notification_occurs_at_least_once CHECK ((occurrences > 0)),
  constraint notification_read_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(read_at)),
  constraint notification_sent_is_an_object CHECK ((jsonb_typeof(sent) = 'object'::text)),
  constraint notification_title_has_no_control_characters CHECK (private.is_plain(title)),
  constraint notification_title_is_at_most_255_characters CHECK (((char_length(title) >= 1) AND (char_length(title) <= 255))),
  constraint notification_type_has_no_control_characters CHECK (private.is_plain(type)),
  constraint notification_type_is_at_most_100_characters CHECK (((char_length(type) >= 1) AND (char_length(type) <= 100))),
  constraint priority_is_known CHECK ((priority = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text, 'critical'::text]))),
  constraint read_at_is_not_before_created_at CHECK ((read_at >= created_at))
);
alter table public.notifications enable row level security;
create policy "People delete their own notifications" on public.notifications
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND is_in_app));
create policy "People mark their own notifications" on public.notifications
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND is_in_app))
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND is_in_app));
create policy "People read their own notifications" on public.notifications
  as permissive for select to authenticated
  using (((user_id = ( SELECT private.my_id() AS my_id)) AND is_in_app));
create policy "People write notes to themselves" on public.notifications
  as permissive for insert to authenticated
  with check ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert (id, user_id, type, title, message, data, priority, expires_at), select, update (id, user_id, type, title, message, data, priority, read_at, expires_at) on public.notifications to authenticated;
grant delete, insert, select, update on public.notifications to service_role;
CREATE INDEX idx_notifications_created_at ON public.notifications USING brin (created_at);
CREATE INDEX idx_notifications_priority ON public.notifications USING btree (priority);
CREATE INDEX idx_notifications_user_id ON public.notifications USING btree (user_id, created_at DESC);
CREATE INDEX idx_unread_notifications ON public.notifications USING btree (user_id, created_at) WHERE (read_at IS NULL);
CREATE INDEX notifications_expires_at_idx ON public.notifications USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX notifications_topic_idx ON public.notifications USING btree (user_id, topic, created_at DESC) WHERE (topic IS NOT NULL);
CREATE UNIQUE INDEX notifications_replica_identity ON public.notifications USING btree (id, user_id);
CREATE UNIQUE INDEX one_unread_notification_per_topic ON public.notifications USING btree (user_id, topic) WHERE ((topic IS NOT NULL) AND (read_at IS NULL));
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, user_id, data, priority, is_in_app, occurrences, last_occurred_at, sent, created_at ON public.notifications FOR EACH ROW WHEN ((num_nulls(new.id, new.user_id, NULLIF(new.data, 'null'::jsonb), new.priority, new.is_in_app, new.occurrences, new.last_occurred_at, NULLIF(new.sent, 'null'::jsonb), new.created_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER close_topic BEFORE UPDATE OF read_at ON public.notifications FOR EACH ROW WHEN (((new.read_at IS NULL) AND (old.read_at IS NOT NULL))) EXECUTE FUNCTION private.close_topic();
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, user_id, type, title, message, data, priority, expires_at ON public.notifications FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((((((old.id IS DISTINCT FROM new.id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.type IS DISTINCT FROM new.type)) OR (old.title IS DISTINCT FROM new.title)) OR (old.message IS DISTINCT FROM new.message)) OR (old.data IS DISTINCT FROM new.data)) OR (old.priority IS DISTINCT FROM new.priority)) OR (old.expires_at IS DISTINCT FROM new.expires_at)))) EXECUTE FUNCTION private.refuse_change('id', 'user_id', 'type', 'title', 'message', 'data', 'priority', 'expires_at');
CREATE TRIGGER send_notification BEFORE INSERT ON public.notifications FOR EACH ROW WHEN ((CURRENT_USER <> ALL (ARRAY['anon'::name, 'authenticated'::name]))) EXECUTE FUNCTION private.send_notification();

-- Functions --------------------------------------------------------------------------------------

create function private.close_topic()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.topic = null;
  return new;
end
$body$;

create function private.notification_topic(type private.notification_types, data jsonb)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  -- A missing subject never equals another.
  select case when count(fields.value) = cardinality(notification_topic.type.subject) then
    concat_ws(':', notification_topic.type.topic, string_agg(fields.value, ':' order by place))
  end
  from unnest(notification_topic.type.subject) with ordinality as subject (field, place)
  cross join lateral (select notification_topic.data ->> subject.field as value) fields
  where notification_topic.type.topic is not null
  having notification_topic.type.topic is not null
$body$;
grant execute on function private.notification_topic(private.notification_types,jsonb) to service_role;

create function private.notify(user_id uuid, type text, title text, message text, data jsonb DEFAULT '{}'::jsonb, priority text DEFAULT NULL::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
-- The columns of a conflict cannot be qualified.
#variable_conflict use_column
declare
  registered private.notification_types := (
    select types from private.notification_types types where types.id = notify.type
  );
begin
  if registered.id is null then
    raise exception 'Notification type "%" is not in private.notification_types.', notify.type
      using errcode = 'undefined_object';
  end if;
  insert into public.notifications as kept (
    user_id, type, title, message, data, priority, expires_at, topic
  )
  values (
    notify.user_id, registered.id, notify.title, notify.message, notify.data,
    coalesce(notify.priority, registered.priority), now() + registered.kept_for,
    private.notification_topic(registered, notify.data)
  )
  on conflict (user_id, topic) where topic is not null and read_at is null do update set
    type = excluded.type, title = excluded.title, message = excluded.message,
    data = excluded.data, priority = excluded.priority, expires_at = excluded.expires_at,
    is_in_app = excluded.is_in_app, sent = excluded.sent,
    occurrences = kept.occurrences + 1, last_occurred_at = now();
end
$body$;
grant execute on function private.notify(uuid,text,text,text,jsonb,text) to service_role;

create function public.count_unread_notifications()
returns integer
language sql stable security invoker
set search_path=""
as $body$
  select count(*)::integer from public.notifications
  where notifications.user_id = (select auth.uid()) and notifications.read_at is null
$body$;
grant execute on function public.count_unread_notifications() to authenticated;

create function public.mark_notifications_read(before timestamp with time zone DEFAULT now(), batch integer DEFAULT 10000)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  marked integer;
begin
  update public.notifications
  set read_at = now()
  where notifications.id in (
    select unread.id from public.notifications unread
    where unread.user_id = (select auth.uid())
      and unread.read_at is null
      and unread.created_at <= mark_notifications_read.before
    order by unread.created_at
    limit least(greatest(mark_notifications_read.batch, 1), 10000)
  );
  get diagnostics marked = row_count;
  return jsonb_build_object('marked', marked, 'unread', public.count_unread_notifications());
end
$body$;
grant execute on function public.mark_notifications_read(timestamp with time zone,integer) to authenticated;
