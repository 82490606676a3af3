-- Sessions: conversations with agents. Seeds 000, 001 and 004. A session belongs to a person, or to
-- no person if it is a website visitor's; its organization pays.

create table public.chat_sessions (
  id uuid primary key default gen_random_uuid(),
  session_id text not null unique default private.new_token('sess_'),
  user_id uuid default auth.uid() references public.profiles (id) on delete cascade,
  org_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid references public.agents (id) on delete set null,
  model_id uuid references public.models (id) on delete set null,
  title text,
  metadata jsonb not null default '{}',
  website_domain text,
  ip_address inet,
  channel text not null default 'api',
  message_count integer not null default 0,
  context_data jsonb not null default '{}',
  current_branch int8multirange not null default '{(,)}',
  prompt_limit integer,
  status text not null default 'active',
  started_at timestamptz not null default now(),
  last_activity_at timestamptz not null default now(),
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint session_id_is_1_to_255_characters check (char_length(session_id) between 1 and 255),
  constraint session_title_is_at_most_255_characters check (char_length(title) <= 255),
  constraint website_domain_is_a_host_name
    check (website_domain ~ '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$'),
  constraint channel_is_1_to_50_characters check (char_length(channel) between 1 and 50),
  constraint message_count_is_not_negative check (message_count >= 0),
  constraint current_branch_is_not_empty check (not isempty(current_branch)),
  constraint prompt_limit_is_positive check (prompt_limit > 0),
  constraint context_data_is_an_object check (jsonb_typeof(context_data) = 'object'),
  constraint session_metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint session_status_is_known check (
    status in ('active', 'ended', 'expired', 'closed', 'completed', 'inactive')
  ),
  constraint session_ends_after_it_starts check (ended_at >= started_at),
  -- A telephone call has no site.
  constraint session_without_person_names_its_site check (
    user_id is not null or website_domain is not null or channel in ('voice', 'phone')
  ),
  -- Sizes of columns that clients write.
  constraint session_id_has_no_control_characters check (private.is_plain(session_id)),
  constraint session_title_has_no_control_characters check (private.is_plain(title)),
  constraint session_metadata_is_at_most_256_kib_and_64_levels check (
    private.is_document(metadata)
  ),
  constraint context_data_is_at_most_256_kib_and_64_levels check (
    private.is_document(context_data)
  ),
  constraint channel_has_no_control_characters check (private.is_plain(channel)),
  constraint session_ended_at_is_from_1970_to_2199 check (private.is_calendar_time(ended_at))
-- Free space for HOT updates: each message updates the row's counters.
) with (fillfactor = 85);
comment on table public.chat_sessions is 'A conversation. Seed 004 calls it agent_sessions.';
comment on column public.chat_sessions.id is 'Identifies the chat session.';
comment on column public.chat_sessions.session_id is
  'Public name: the x-session-id of chat. Unguessable unless the client chose its own.';
comment on column public.chat_sessions.user_id is
  'Whose conversation; null for a visitor of a website.';
comment on column public.chat_sessions.org_id is
  'The organization that pays for it; by default the agent''s or the person''s.';
comment on column public.chat_sessions.agent_id is 'The agent it began with.';
comment on column public.chat_sessions.model_id is 'The model it began with.';
comment on column public.chat_sessions.title is 'Title of the conversation; null until one is set.';
comment on column public.chat_sessions.metadata is 'What the client keeps with it.';
comment on column public.chat_sessions.website_domain is
  'The site on which a visitor chats, in lower case, with its port where it has one.';
comment on column public.chat_sessions.ip_address is 'The visitor''s address.';
comment on column public.chat_sessions.channel is 'Way in, such as api, web, widget or voice.';
comment on column public.chat_sessions.message_count is
  'Number of its messages. Kept by the database.';
comment on column public.chat_sessions.context_data is
  'What the agent knows about the conversation.';
comment on column public.chat_sessions.current_branch is
  'Its current messages, as ranges of chat_messages.seq: all, except those replaced by an edit or '
  'another answer. Kept by the database.';
comment on column public.chat_sessions.prompt_limit is
  'Estimated tokens of a prompt that a vendor accepted after it had refused a longer one; null for '
  'none. Later prompts are limited to it.';
comment on column public.chat_sessions.status is
  'active, ended or expired, or what another system calls its end: closed, completed, inactive. '
  'Only an active session continues.';
comment on column public.chat_sessions.started_at is 'When the chat session began.';
comment on column public.chat_sessions.last_activity_at is
  'When its latest message was written; answers within a minute of the previous message do not '
  'change it. Kept by the database.';
comment on column public.chat_sessions.ended_at is
  'When the conversation was ended; null while it can continue.';
comment on column public.chat_sessions.created_at is 'When the chat session was recorded.';
comment on column public.chat_sessions.updated_at is 'When the chat session was last changed.';

alter table public.chat_sessions enable row level security;
create policy "People read their own sessions, members those of visitors" on public.chat_sessions
  for select to authenticated
  using (
    org_id = any (array(select private.my_organizations('viewer')))
    and (user_id is null or user_id = (select private.my_id()))
  );
create policy "Members begin sessions" on public.chat_sessions
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and org_id = any (array(select private.my_organizations('member')))
    and (agent_id is null or private.sees_agent(agent_id, 'member'))
    and (
      model_id is null
      or exists (select from public.models where models.id = chat_sessions.model_id)
    )
  );
create policy "People change their own sessions" on public.chat_sessions
  for update to authenticated
  using (
    user_id = (select auth.uid())
    and org_id = any (array(select private.my_organizations('member')))
  )
  with check (
    user_id = (select auth.uid())
    and org_id = any (array(select private.my_organizations('member')))
  );
create policy "People delete their own sessions" on public.chat_sessions
  for delete to authenticated
  using (
    user_id = (select auth.uid())
    and org_id = any (array(select private.my_organizations('viewer')))
  );
grant select, delete on public.chat_sessions to authenticated;
grant insert (
  session_id, user_id, org_id, agent_id, model_id, title, metadata, website_domain, ip_address,
  channel, context_data
) on public.chat_sessions to authenticated;
grant update (title, metadata, context_data, status, ended_at)
  on public.chat_sessions
  to authenticated;
grant select, insert, update, delete on public.chat_sessions to service_role;
create index chat_sessions_user_id_idx on public.chat_sessions (user_id, last_activity_at desc);
create index chat_sessions_org_id_idx on public.chat_sessions (org_id, last_activity_at desc);
create index chat_sessions_visitors_idx
  on public.chat_sessions (org_id, last_activity_at desc)
  where user_id is null;
create index chat_sessions_agent_id_idx
  on public.chat_sessions (agent_id, org_id, last_activity_at);
create index chat_sessions_model_id_idx on public.chat_sessions (model_id);
create index chat_sessions_last_activity_at_idx
  on public.chat_sessions (last_activity_at)
  where status = 'active';
create trigger update_chat_sessions_updated_at before update on public.chat_sessions
  for each row execute function public.update_updated_at_column();

create function private.complete_session()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- A backend that creates a visitor's session acts for no user: the agent's organization pays. For
  -- a person it pays if the person is a member.
  new.org_id = coalesce(
    (
      select agents.organization_id
      from public.agents
      where agents.id = new.agent_id
        and (
          new.user_id is null
          or agents.organization_id = any (array(select private.my_organizations('member')))
        )
    ),
    private.my_organization(),
    (select profiles.current_organization_id from public.profiles where profiles.id = new.user_id)
  );
  return new;
end
$$;
comment on function private.complete_session() is
  'Trigger: fills in the organization that pays for a session.';
create trigger complete_session before insert on public.chat_sessions
  for each row when (new.org_id is null)
  execute function private.complete_session();

create trigger check_session_id before insert on public.chat_sessions
  for each row
  when (current_user in ('anon', 'authenticated') and char_length(new.session_id) < 16)
  execute function private.check_session_id();

create function private.end_session()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.ended_at = case when new.status <> 'active' then now() end;
  return new;
end
$$;
comment on function private.end_session() is
  'Trigger: sets ended_at of a session that stops being active, and clears it when the session '
  'becomes active again.';
create trigger end_session before update of status on public.chat_sessions
  for each row
  when (
    (new.status = 'active') <> (old.status = 'active')
    and new.ended_at is not distinct from old.ended_at
  )
  execute function private.end_session();

create function private.expire_chat_sessions(organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  expired integer;
begin
  update public.chat_sessions set status = 'expired' where id in (
    select id from public.chat_sessions
    where org_id = expire_chat_sessions.organization_id
      and status = 'active' and last_activity_at < now() - (private.limits()).session_idle_time
    order by last_activity_at limit expire_chat_sessions.batch for update skip locked
  );
  get diagnostics expired = row_count;
  return expired;
end
$$;
comment on function private.expire_chat_sessions(uuid, integer) is
  'Ends sessions of an organization that were inactive for 30 days, at most batch of them; their '
  'users can reactivate them. Returns how many.';

create function public.list_sessions(
  page_size integer default 50, before timestamptz default 'infinity', before_id uuid default null
)
returns setof public.chat_sessions
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  perform private.refuse_page_size(page_size);
  return query
  select listed.*
  from (
    (
      select sessions.* from public.chat_sessions sessions
      where sessions.user_id = (select auth.uid())
        and sessions.last_activity_at <= list_sessions.before
        and (sessions.last_activity_at < list_sessions.before
          or sessions.id > list_sessions.before_id)
      order by sessions.last_activity_at desc, sessions.id
      limit list_sessions.page_size
    )
    union all
    select visitors.*
    from private.my_organizations('viewer') mine (id)
    cross join lateral (
      select sessions.* from public.chat_sessions sessions
      where sessions.org_id = mine.id and sessions.user_id is null
        and sessions.last_activity_at <= list_sessions.before
        and (sessions.last_activity_at < list_sessions.before
          or sessions.id > list_sessions.before_id)
      order by sessions.last_activity_at desc, sessions.id
      limit list_sessions.page_size
    ) visitors
  ) listed
  order by listed.last_activity_at desc, listed.id
  limit list_sessions.page_size;
end
$$;
comment on function public.list_sessions(integer, timestamptz, uuid) is
  'The sessions that the caller sees, their own and those of visitors, latest activity first, page '
  'by page: before and before_id are last_activity_at and id of the last row of the page before. '
  'Without a filter on user_id, an order of chat_sessions reads all of them. Errors: PT400 '
  'page_size_out_of_range.';
grant execute on function public.list_sessions(integer, timestamptz, uuid)
  to authenticated, service_role;
