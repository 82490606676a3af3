-- Notifications. Seed 003.

-- Notifications: what a person should hear about. Seed 003. Rows are written by
-- triggers and jobs; the person reads, marks and deletes them.

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
  created_at timestamptz not null default now(),
  constraint notification_type_is_at_most_100_characters
    check (char_length(type) between 1 and 100),
  constraint notification_title_is_at_most_255_characters
    check (char_length(title) between 1 and 255),
  constraint priority_is_known check (priority in ('low', 'medium', 'high', 'critical')),
  constraint read_at_is_not_before_created_at check (read_at >= created_at),
  -- What clients write is bounded.
  constraint notification_type_has_no_control_characters check (private.is_plain(type)),
  constraint notification_title_has_no_control_characters check (private.is_plain(title)),
  constraint notification_message_is_at_most_64_kib check (private.is_prose(message)),
  constraint notification_data_is_at_most_256_kib_and_64_levels check (private.is_document(data)),
  constraint notification_read_at_is_from_1970_to_2199 check (private.is_calendar_time(read_at)),
  constraint notification_expires_after_it_is_made check (expires_at > created_at),
  constraint notification_expires_at_is_from_1970_to_2199 check (
    private.is_calendar_time(expires_at)
  )
);
comment on table public.notifications is
  'What a person should hear about, such as an agent that changed its status.';
comment on column public.notifications.id is 'Primary key.';
comment on column public.notifications.user_id is 'Whom it is for.';
comment on column public.notifications.type is
  'Kind, such as agent_status_change, agent_error, deployment_success, rate_limit_warning.';
comment on column public.notifications.title is 'One line.';
comment on column public.notifications.message is 'A sentence or two.';
comment on column public.notifications.data is 'What it is about, for programs.';
comment on column public.notifications.priority is 'low, medium, high or critical.';
comment on column public.notifications.read_at is 'When the person read it; null while unread.';
comment on column public.notifications.expires_at is
  'After this time it is of no more interest and may be removed.';
comment on column public.notifications.created_at is 'When it was written.';

alter table public.notifications enable row level security;
create policy "People read their own notifications" on public.notifications
  for select to authenticated using (user_id = (select auth.uid()));
create policy "People write notes to themselves" on public.notifications
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "People mark their own notifications" on public.notifications
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "People delete their own notifications" on public.notifications
  for delete to authenticated using (user_id = (select auth.uid()));
grant select on public.notifications to authenticated;
grant insert (user_id, type, title, message, data, priority, expires_at)
  on public.notifications
  to authenticated;
grant update (read_at) on public.notifications to authenticated;
grant delete on public.notifications to authenticated;
grant select, insert, update, delete on public.notifications to service_role;

create index idx_notifications_user_id on public.notifications (user_id, created_at desc);
-- By range: in the order of a b-tree the planner would look for a person's latest among
-- everybody's.
create index idx_notifications_created_at on public.notifications using brin (created_at);
create index idx_notifications_priority on public.notifications (priority);
create index idx_unread_notifications
  on public.notifications (user_id, created_at)
  where read_at is null;
create index notifications_expires_at_idx
  on public.notifications (expires_at)
  where expires_at is not null;
