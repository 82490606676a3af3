-- Notifications: the registry of types, and the one way to send one. Seed 003. Notifications from
-- triggers and jobs have a type of this registry; users may write notes of any type to themselves.

create table private.notification_types (
  id text primary key,
  priority text not null default 'medium',
  kept_for interval not null,
  meaning text not null,
  topic text,
  subject text[] not null default '{}',
  constraint notification_type_is_lower_case check (id ~ '^[a-z][a-z0-9_]{2,63}$'),
  constraint notification_type_priority_is_known
    check (priority in ('low', 'medium', 'high', 'critical')),
  constraint notification_is_kept_from_an_hour_to_a_year
    check (kept_for between interval '1 hour' and interval '365 days'),
  constraint notification_type_meaning_is_a_sentence check (meaning ~ '^[A-Z].{1,150}\.$')
);
alter table private.notification_types enable row level security;
comment on table private.notification_types is
  'Types of the notifications that the backend sends with private.notify().';
comment on column private.notification_types.id is 'The type, notifications.type.';
comment on column private.notification_types.priority is
  'Priority where the sender names none.';
comment on column private.notification_types.kept_for is
  'Time after which a notification of this type is deleted.';
comment on column private.notification_types.meaning is
  'What happened when one is sent, in one sentence, for settings pages.';
comment on column private.notification_types.topic is
  'Notifications of one topic about the same subject are one row until the user reads it, which '
  'counts them; null for types that are not grouped.';
comment on column private.notification_types.subject is
  'The fields of notifications.data that name the subject.';
grant select on private.notification_types to service_role;

insert into private.notification_types (id, priority, kept_for, meaning) values
  ('agent_degraded', 'medium', '30 days', 'Probes of an agent are slow or fail in part.'),
  ('agent_error', 'high', '30 days', 'Calls to an agent or its probes fail.'),
  ('agent_recovered', 'medium', '30 days', 'An agent that failed answers again.'),
  ('agent_status_change', 'low', '30 days', 'The status of an agent was changed.'),
  ('api_key_out_of_credit', 'high', '30 days',
   'The account of a stored key has no credit or quota left at its vendor.'),
  ('api_key_rejected', 'high', '90 days',
   'The vendor rejected a stored key, which was disabled.'),
  ('api_key_undecryptable', 'high', '90 days',
   'A stored key cannot be decrypted and was disabled.'),
  ('budget_warning', 'medium', '30 days', 'Half, four fifths or all of a budget has been spent.'),
  ('deployment_failed', 'high', '30 days', 'An agent could not be deployed.'),
  ('deployment_success', 'medium', '30 days', 'An agent was deployed.'),
  ('invitation_accepted', 'low', '30 days', 'An invitation that the user sent was accepted.'),
  ('oauth_connection_expired', 'medium', '30 days',
   'The tokens of a connection were removed, because it was not used.'),
  ('oauth_needs_reauth', 'high', '30 days',
   'The tokens of a connection are no longer valid; the user must connect again.'),
  ('rate_limit_warning', 'medium', '1 day',
   'Four fifths of a rate limit were used within a minute.'),
  ('service_ending', 'medium', '90 days',
   'The vendor will soon end a model that an agent uses.'),
  ('webhook_disabled', 'high', '90 days',
   'A webhook was disabled, because it is gone or failed for days.'),
  ('webhook_failed', 'high', '30 days', 'An event could not be delivered to a webhook.'),
  ('workflow_error', 'high', '30 days', 'An execution of a workflow failed.');
update private.notification_types
set topic = grouped.topic, subject = grouped.subject
from (values
  ('agent_degraded', 'agent_health', '{agent_id}'::text[]),
  ('agent_error', 'agent_health', '{agent_id}'),
  ('agent_recovered', 'agent_health', '{agent_id}'),
  ('agent_status_change', 'agent_status', '{agent_id,new_status}'),
  ('api_key_out_of_credit', 'api_key_credit', '{key_id}'),
  ('budget_warning', 'budget', '{budget_id,percent}'),
  ('deployment_failed', 'deployment', '{agent_id}'),
  ('deployment_success', 'deployment', '{agent_id}'),
  ('invitation_accepted', 'invitation', '{organization_id}'),
  ('webhook_failed', 'webhook_failed', '{webhook_endpoint_id}'),
  ('workflow_error', 'workflow_error', '{workflow_id}')
) as grouped (id, topic, subject)
where notification_types.id = grouped.id;

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  type text not null,
  title text not null,
  message text not null,
  data jsonb not null default '{}',
  priority text not null default 'medium',
  read_at timestamptz,
  expires_at timestamptz,
  is_in_app boolean not null default true,
  topic text,
  occurrences integer not null default 1,
  last_occurred_at timestamptz not null default now(),
  sent jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint notification_type_is_at_most_100_characters
    check (char_length(type) between 1 and 100),
  constraint notification_title_is_at_most_255_characters
    check (char_length(title) between 1 and 255),
  constraint priority_is_known check (priority in ('low', 'medium', 'high', 'critical')),
  constraint read_at_is_not_before_created_at check (read_at >= created_at),
  constraint notification_occurs_at_least_once check (occurrences > 0),
  -- Sizes of columns that clients write.
  constraint notification_type_has_no_control_characters check (private.is_plain(type)),
  constraint notification_title_has_no_control_characters check (private.is_plain(title)),
  constraint notification_message_is_at_most_64_kib check (private.is_prose(message)),
  constraint notification_data_is_at_most_256_kib_and_64_levels check (private.is_document(data)),
  constraint notification_read_at_is_from_1970_to_2199 check (private.is_calendar_time(read_at)),
  constraint notification_sent_is_an_object check (jsonb_typeof(sent) = 'object'),
  constraint notification_expires_after_it_is_made check (expires_at > created_at),
  constraint notification_expires_at_is_from_1970_to_2199 check (
    private.is_calendar_time(expires_at)
  )
);
comment on table public.notifications is
  'Notifications of users, for instance that an agent changed its status.';
comment on column public.notifications.id is 'Identifies the notification.';
comment on column public.notifications.user_id is 'Whom it is for.';
comment on column public.notifications.type is
  'A type of private.notification_types, such as agent_error; free in notes to oneself.';
comment on column public.notifications.title is 'The notification in one line.';
comment on column public.notifications.message is
  'The notification in one or two sentences, with what to do.';
comment on column public.notifications.data is
  'Ids and figures of what happened, as JSON for programs; keys depend on the type.';
comment on column public.notifications.priority is 'low, medium, high or critical.';
comment on column public.notifications.read_at is 'When the person read it; null while unread.';
comment on column public.notifications.expires_at is
  'After this time it is obsolete and may be removed.';
comment on column public.notifications.is_in_app is
  'False for one that its user gets on other channels only: it is not shown, and prevents sending '
  'the same again.';
comment on column public.notifications.topic is
  'Key by which further notifications are grouped while this one is unread, and by which webhook '
  'and Slack are limited to one an hour; null for none.';
comment on column public.notifications.occurrences is
  'How many notifications it stands for: an agent that fails and recovers ten times is one row.';
comment on column public.notifications.last_occurred_at is 'When the last of them happened.';
comment on column public.notifications.sent is
  'When each type of them last went to webhook or Slack, such as {"agent_error": "2026-01-01…"}; '
  'a type that occurs more often goes out once an hour.';
comment on column public.notifications.created_at is 'When the first of them was written.';

alter table public.notifications enable row level security;
create policy "People read their own notifications" on public.notifications
  for select to authenticated using (user_id = (select private.my_id()) and is_in_app);
create policy "People write notes to themselves" on public.notifications
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "People mark their own notifications" on public.notifications
  for update to authenticated
  using (user_id = (select auth.uid()) and is_in_app)
  with check (user_id = (select auth.uid()) and is_in_app);
create policy "People delete their own notifications" on public.notifications
  for delete to authenticated using (user_id = (select auth.uid()) and is_in_app);
grant select on public.notifications to authenticated;
grant insert (user_id, type, title, message, data, priority, expires_at)
  on public.notifications
  to authenticated;
grant update (read_at) on public.notifications to authenticated;
grant delete on public.notifications to authenticated;
grant select, insert, update, delete on public.notifications to service_role;

create index idx_notifications_user_id on public.notifications (user_id, created_at desc);
-- A BRIN index: with the order of a b-tree, the planner would search a person's latest among those
-- of all users.
create index idx_notifications_created_at on public.notifications using brin (created_at);
create index idx_notifications_priority on public.notifications (priority);
create index idx_unread_notifications
  on public.notifications (user_id, created_at)
  where read_at is null;
create unique index one_unread_notification_per_topic
  on public.notifications (user_id, topic)
  where topic is not null and read_at is null;
create index notifications_topic_idx
  on public.notifications (user_id, topic, created_at desc)
  where topic is not null;
create unique index notifications_replica_identity on public.notifications (id, user_id);
create index notifications_expires_at_idx
  on public.notifications (expires_at)
  where expires_at is not null;

create function private.close_topic()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.topic = null;
  return new;
end
$$;
comment on function private.close_topic() is
  'Trigger: a read notification groups no further ones, even if it becomes unread again.';
create trigger close_topic before update of read_at on public.notifications
  for each row when (new.read_at is null and old.read_at is not null)
  execute function private.close_topic();

create function private.notification_topic(type private.notification_types, data jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  -- A missing subject never equals another.
  select case when count(fields.value) = cardinality(notification_topic.type.subject) then
    concat_ws(':', notification_topic.type.topic, string_agg(fields.value, ':' order by place))
  end
  from unnest(notification_topic.type.subject) with ordinality as subject (field, place)
  cross join lateral (select notification_topic.data ->> subject.field as value) fields
  where notification_topic.type.topic is not null
  having notification_topic.type.topic is not null
$$;
comment on function private.notification_topic(private.notification_types, jsonb) is
  'The key by which notifications of a type with this data are grouped; null for none.';
grant execute on function private.notification_topic(private.notification_types, jsonb)
  to service_role;

create function private.notify(
  user_id uuid, type text, title text, message text, data jsonb default '{}',
  priority text default null
)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.notify(uuid, text, text, text, jsonb, text) is
  'Notifies a user. The type gives the priority, unless one is named, and the time after which the '
  'notification is deleted; while one of the same topic is unread, that one counts instead. Names '
  'that others chose are quoted with private.name_to_quote(). Raises 42704 for a type that is not '
  'registered.';
grant execute on function private.notify(uuid, text, text, text, jsonb, text) to service_role;

create function public.count_unread_notifications()
returns integer
language sql
stable
set search_path = ''
as $$
  select count(*)::integer from public.notifications
  where notifications.user_id = (select auth.uid()) and notifications.read_at is null
$$;
comment on function public.count_unread_notifications() is
  'The number of the caller''s unread notifications.';
grant execute on function public.count_unread_notifications() to authenticated;

create function public.mark_notifications_read(
  before timestamptz default now(), batch integer default 10000
)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.mark_notifications_read(timestamptz, integer) is
  'Marks the caller''s notifications up to a time as read, the oldest 10,000 at most. Returns '
  '{"marked", "unread"}; call it again while marked equals the batch.';
grant execute on function public.mark_notifications_read(timestamptz, integer) to authenticated;
