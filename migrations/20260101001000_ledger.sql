-- Ledger: what was used and what it cost, one row per turn of chat or per
-- interaction recorded by hand, and one row per attempt at an upstream call.
-- Seed 002; every analysis counts these rows. docs/decisions/ledger-writes.md
-- says who may write what.

-- The agent has no foreign key: agents are deleted, and what they cost stays theirs.
-- Vendors, services and prices with turns are not: they are taken out of use instead.
create table public.ai_interactions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid,
  session_id uuid references public.chat_sessions (id) on delete set null,
  model_id uuid references public.models (id) on delete set null,
  vendor_id text references public.vendors (id) on delete restrict,
  service_id text references public.vendor_services (id) on delete restrict,
  price_id uuid references public.service_prices (id) on delete restrict,
  access_key_id uuid references public.access_keys (id) on delete set null,
  source text not null default 'manual',
  title text not null,
  description text,
  interaction_type_id text not null default 'conversation' references public.interaction_types (id) on delete restrict,
  external_link text,
  external_id text,
  external_metadata jsonb not null default '{}',
  content_preview text,
  full_content text,
  model_name text,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  usage_is_estimated boolean not null default false,
  total_cost numeric(20, 10),
  cost_breakdown jsonb,
  provider_cost numeric(20, 10),
  tags text[] not null default '{}',
  keywords text[] not null default '{}',
  satisfaction_rating integer,
  usefulness_rating integer,
  feedback_notes text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  duration_minutes integer,
  latency_ms integer,
  first_token_ms integer,
  finish_reason text,
  status text not null default 'active',
  turn_state text,
  lease_expires_at timestamptz,
  request_id text unique,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint source_is_known check (source in ('manual', 'chat', 'embedding')),
  constraint interaction_title_is_1_to_500_characters check (char_length(title) between 1 and 500),
  constraint tokens_are_not_negative check (
    input_tokens >= 0 and output_tokens >= 0 and cached_input_tokens >= 0 and cache_write_tokens >= 0 and reasoning_tokens >= 0
  ),
  -- So that no sum of them overflows.
  constraint tokens_are_at_most_a_trillion check (greatest(input_tokens, output_tokens) <= 1000000000000),
  constraint costs_are_not_negative check (total_cost >= 0 and provider_cost >= 0),
  -- More than any number, says Postgres; and every sum with it is none.
  constraint costs_are_numbers check (total_cost <> 'NaN' and provider_cost <> 'NaN'),
  -- What people say it cost is no bill: a typing error, or an invention, stays small.
  constraint recorded_costs_are_at_most_1000_dollars check (source <> 'manual' or total_cost <= 1000),
  constraint recorded_tokens_are_at_most_a_hundred_million check (
    source <> 'manual' or greatest(input_tokens, output_tokens) <= 100000000
  ),
  constraint recorded_durations_are_at_most_31_days check (
    source <> 'manual' or duration_minutes <= 44640
  ),
  constraint satisfaction_rating_is_1_to_5 check (satisfaction_rating between 1 and 5),
  constraint usefulness_rating_is_1_to_5 check (usefulness_rating between 1 and 5),
  -- Days of every time zone can be made of them, and they can be reckoned with.
  constraint interaction_times_are_from_1970_to_2199 check (
    started_at >= '1970-01-01 00:00:00+00' and started_at < '2200-01-01 00:00:00+00' and ended_at < '2200-01-01 00:00:00+00'
  ),
  constraint interaction_ends_after_it_starts check (ended_at >= started_at),
  constraint duration_is_not_negative check (duration_minutes >= 0),
  constraint interaction_latency_is_not_negative check (latency_ms >= 0 and first_token_ms >= 0),
  constraint interaction_status_is_known check (status in ('active', 'completed', 'archived', 'deleted')),
  constraint turns_are_not_deleted check (source = 'manual' or status <> 'deleted'),
  constraint turn_state_is_known check (turn_state in ('running', 'succeeded', 'partial', 'failed')),
  constraint only_a_turn_has_a_state check ((source <> 'manual') = (turn_state is not null)),
  constraint a_running_turn_has_a_lease check ((turn_state is not distinct from 'running') = (lease_expires_at is not null)),
  -- What clients write is bounded.
  constraint interaction_title_has_no_control_characters check (private.is_plain(title)),
  constraint interaction_description_is_at_most_64_kib check (private.is_prose(description)),
  constraint external_link_is_a_web_address check (private.is_web_address(external_link)),
  constraint external_id_is_one_line_of_at_most_255_characters check (
    private.is_label(external_id)
  ),
  constraint external_metadata_is_at_most_256_kib_and_64_levels check (
    private.is_document(external_metadata)
  ),
  constraint content_preview_is_at_most_64_kib check (private.is_prose(content_preview)),
  constraint full_content_is_at_most_1_mib check (private.is_content(full_content)),
  constraint interaction_model_name_is_one_line_of_at_most_255_characters check (
    private.is_label(model_name)
  ),
  constraint interaction_tags_are_at_most_100_of_255_characters check (private.is_word_list(tags)),
  constraint interaction_keywords_are_at_most_100_of_255_characters check (
    private.is_word_list(keywords)
  ),
  constraint feedback_notes_are_at_most_64_kib check (private.is_prose(feedback_notes))
);
comment on table public.ai_interactions is 'The ledger: one row per turn of chat, or per interaction recorded by hand. Tokens, cost, ratings.';
comment on column public.ai_interactions.id is 'Primary key; the id of a turn.';
comment on column public.ai_interactions.user_id is 'Who had it; null once that person''s account is gone.';
comment on column public.ai_interactions.organization_id is 'The organization that pays: the agent''s where the person is a member, else the person''s current one. Set by the database.';
comment on column public.ai_interactions.agent_id is 'The agent; it may be gone.';
comment on column public.ai_interactions.session_id is 'The conversation; null when recorded by hand, or once it is deleted.';
comment on column public.ai_interactions.model_id is 'The model that was asked for.';
comment on column public.ai_interactions.vendor_id is 'Who was called.';
comment on column public.ai_interactions.service_id is 'Which service was called; its price makes the cost. A service with history is taken out of use (is_active), not deleted.';
comment on column public.ai_interactions.price_id is 'The price that made total_cost, of the last attempt that was sold. One that made a cost is ended (valid_during), not deleted.';
comment on column public.ai_interactions.access_key_id is 'The access key that the call came with; null for a person''s token.';
comment on column public.ai_interactions.source is 'chat for turns, embedding for calls of /embeddings, manual for what people record by hand.';
comment on column public.ai_interactions.title is 'Title to show. Of a turn it says no more than the agent''s name: what was said stays in chat_messages.';
comment on column public.ai_interactions.description is 'What it was about, recorded by hand.';
comment on column public.ai_interactions.interaction_type_id is 'Kind of interaction.';
comment on column public.ai_interactions.external_link is 'Where it happened, if elsewhere.';
comment on column public.ai_interactions.external_id is 'Its id there.';
comment on column public.ai_interactions.external_metadata is 'What is known of it there.';
comment on column public.ai_interactions.content_preview is 'Beginning of its content, recorded by hand: every member of the organization reads it.';
comment on column public.ai_interactions.full_content is 'Its content, recorded by hand: every member of the organization reads it.';
comment on column public.ai_interactions.model_name is 'The model that answered, as the vendor reported it.';
comment on column public.ai_interactions.input_tokens is 'Prompt tokens of all attempts that were sold, cached and cache-write ones included.';
comment on column public.ai_interactions.output_tokens is 'Tokens of the answer, reasoning included.';
comment on column public.ai_interactions.cached_input_tokens is 'Prompt tokens read from the vendor''s cache.';
comment on column public.ai_interactions.cache_write_tokens is 'Prompt tokens written to the vendor''s cache.';
comment on column public.ai_interactions.reasoning_tokens is 'Tokens of the answer spent on reasoning.';
comment on column public.ai_interactions.usage_is_estimated is 'Some of the tokens are not the vendor''s: they were estimated, because an answer came without its usage, broke off, or was never settled.';
comment on column public.ai_interactions.total_cost is 'US dollars, rounded once to ten decimals; null while no price is known. Of a turn what it cost, the sum of all attempts that were sold; recorded by hand, what the person said: figures have that as recorded_cost, and budgets leave it out.';
comment on column public.ai_interactions.cost_breakdown is 'Dollars per class of tokens, unrounded.';
comment on column public.ai_interactions.provider_cost is 'US dollars that the vendor itself reported.';
comment on column public.ai_interactions.tags is 'Words to find it by.';
comment on column public.ai_interactions.keywords is 'Words drawn from its content.';
comment on column public.ai_interactions.satisfaction_rating is 'How satisfied the person was, 1 to 5.';
comment on column public.ai_interactions.usefulness_rating is 'How useful it was, 1 to 5.';
comment on column public.ai_interactions.feedback_notes is 'What the person said about it: every member of the organization reads it.';
comment on column public.ai_interactions.started_at is 'When it began.';
comment on column public.ai_interactions.ended_at is 'When it ended; null while it runs.';
comment on column public.ai_interactions.duration_minutes is 'Full minutes from start to end; computed where both are known.';
comment on column public.ai_interactions.latency_ms is 'Milliseconds from request to the end of the answer.';
comment on column public.ai_interactions.first_token_ms is 'Milliseconds from request to the first part of the answer.';
comment on column public.ai_interactions.finish_reason is 'Why the answer ended, as the vendor said.';
comment on column public.ai_interactions.status is 'active, completed, archived or deleted. Only what was recorded by hand can be deleted: it is left out of every figure. A turn cannot.';
comment on column public.ai_interactions.turn_state is 'Of a turn: running, then succeeded, partial or failed.';
comment on column public.ai_interactions.lease_expires_at is 'A turn still running after this time is given up by sweep_chat_turns().';
comment on column public.ai_interactions.request_id is 'The x-request-id of the call.';
comment on column public.ai_interactions.error_code is 'Why a turn failed, for programs.';
comment on column public.ai_interactions.error_message is 'Why a turn failed, for people.';
comment on column public.ai_interactions.created_at is 'When the row was made.';
comment on column public.ai_interactions.updated_at is 'Last change.';

alter table public.ai_interactions enable row level security;
create policy "Members read their organizations' interactions" on public.ai_interactions
  for select to authenticated using (organization_id = any (array(select private.my_organizations('viewer'))));
create policy "Members record interactions" on public.ai_interactions
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and organization_id = any (array(select private.my_organizations('member')))
    and agent_id in (select private.visible_agents('member'))
  );
create policy "People rate and describe their own interactions" on public.ai_interactions
  for update to authenticated
  using (user_id = (select auth.uid()) and organization_id = any (array(select private.my_organizations('member'))))
  with check (user_id = (select auth.uid()) and organization_id = any (array(select private.my_organizations('member'))));
grant select on public.ai_interactions to authenticated;
grant insert (
  user_id, agent_id, title, description, interaction_type_id, external_link, external_id, external_metadata,
  content_preview, full_content, model_name, input_tokens, output_tokens, total_cost, tags, keywords,
  satisfaction_rating, usefulness_rating, feedback_notes, started_at, ended_at, duration_minutes, status
) on public.ai_interactions to authenticated;
grant update (
  title, description, interaction_type_id, external_link, external_id, external_metadata, content_preview,
  full_content, tags, keywords, satisfaction_rating, usefulness_rating, feedback_notes, status
) on public.ai_interactions to authenticated;
grant select, insert, update, delete on public.ai_interactions to service_role;

create unique index one_running_turn_per_session on public.ai_interactions (session_id) where turn_state = 'running';
-- With the organization, which the policy asks for: of what somebody else did with a busy agent, only the index is read.
create index idx_ai_interactions_user_id on public.ai_interactions (user_id, started_at desc, organization_id);
create index ai_interactions_agent_id_idx on public.ai_interactions (agent_id, started_at desc, organization_id);
create index ai_interactions_organization_id_idx on public.ai_interactions (organization_id, started_at desc);
create index ai_interactions_session_id_idx on public.ai_interactions (session_id);
create index ai_interactions_model_id_idx on public.ai_interactions (model_id);
create index ai_interactions_vendor_id_idx on public.ai_interactions (vendor_id);
create index ai_interactions_service_id_idx on public.ai_interactions (service_id);
create index ai_interactions_price_id_idx on public.ai_interactions (price_id);
create index ai_interactions_access_key_id_idx on public.ai_interactions (access_key_id, started_at desc) where access_key_id is not null;
create index ai_interactions_interaction_type_id_idx on public.ai_interactions (interaction_type_id);
create index idx_ai_interactions_created_at on public.ai_interactions (created_at);
create index idx_ai_interactions_cost on public.ai_interactions (total_cost);
create index ai_interactions_lease_idx on public.ai_interactions (lease_expires_at) where turn_state = 'running';
create index ai_interactions_tags_idx on public.ai_interactions using gin (tags);
create index ai_interactions_keywords_idx on public.ai_interactions using gin (keywords);
create index ai_interactions_external_metadata_idx on public.ai_interactions using gin (external_metadata jsonb_path_ops);

alter table public.chat_messages
  add constraint chat_messages_interaction_id_fkey
  foreign key (interaction_id) references public.ai_interactions (id) on delete set null;

create trigger update_ai_interactions_updated_at before update on public.ai_interactions
  for each row execute function public.update_updated_at_column();

create function private.organization_for_record(agent_id uuid, user_id uuid)
returns uuid
language sql
stable
set search_path = ''
as $$
  -- A client's own, or those of the person for whom a backend records.
  with memberships as (
    select mine.id from private.my_organizations('member') mine (id)
    union all
    select members.organization_id
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where (select auth.uid()) is null
      and members.user_id = organization_for_record.user_id
      and private.role_rank(members.role) >= private.role_rank('member')
      and organizations.deleted_at is null
  )
  select coalesce(
    (
      select agents.organization_id from public.agents
      where agents.id = organization_for_record.agent_id
        and (
          agents.organization_id in (select memberships.id from memberships)
          -- A backend that records for nobody: the agent's organization is all there is.
          or (select auth.uid()) is null and organization_for_record.user_id is null
        )
    ),
    private.my_organization(),
    (
      select profiles.current_organization_id from public.profiles
      where profiles.id = organization_for_record.user_id
        and profiles.current_organization_id in (select memberships.id from memberships)
    ),
    (
      select organizations.id from public.organizations
      where organizations.created_by = organization_for_record.user_id and organizations.is_personal
    )
  )
$$;
comment on function private.organization_for_record(uuid, uuid) is 'For which organization an interaction is recorded: the agent''s where the person may chat there, else the one in which the person works, else the personal one.';

create function private.complete_interaction()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.organization_id is null then
    new.organization_id = private.organization_for_record(new.agent_id, new.user_id);
  end if;
  -- What the agent calls later on changes nothing of what it called now.
  new.vendor_id = coalesce(new.vendor_id, (select agents.vendor_id from public.agents where agents.id = new.agent_id));
  return new;
end
$$;
comment on function private.complete_interaction() is 'Trigger: fills in the organization that pays and the agent''s vendor.';
create trigger complete_interaction before insert on public.ai_interactions
  for each row when (
    (new.organization_id is null or (new.vendor_id is null and new.agent_id is not null))
    -- What comes back from an archive is as it was.
    and current_setting('agentbase.keeps_figures', true) is distinct from 'on'
  )
  execute function private.complete_interaction();

create function private.refuse_far_interaction()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.refuse(
    400, 'date_out_of_range', 'Cannot record the interaction: it begins or ends more than ten years ago or more than a day ahead.',
    'Check "started_at" and "ended_at".'
  );
  return null;
end
$$;
comment on function private.refuse_far_interaction() is 'Trigger: refuses an interaction that a person records under a day that no figures are asked for. Each day costs the jobs a step. Errors: PT400 date_out_of_range.';
create trigger refuse_far_interaction before insert on public.ai_interactions
  for each row when (
    current_user in ('anon', 'authenticated')
    and not (
      new.started_at between now() - interval '10 years' and now() + interval '1 day'
      and coalesce(new.ended_at <= now() + interval '1 day', true)
    )
  )
  execute function private.refuse_far_interaction();

create function private.measure_interaction()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.duration_minutes = floor(extract(epoch from new.ended_at - new.started_at) / 60);
  return new;
end
$$;
comment on function private.measure_interaction() is 'Trigger: computes the duration of an interaction whose start and end are known.';
create trigger measure_interaction before insert or update of started_at, ended_at, duration_minutes on public.ai_interactions
  for each row when (new.ended_at >= new.started_at)
  execute function private.measure_interaction();

create function private.check_agent()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform from public.agents where agents.id = new.agent_id for key share;
  if not found then
    perform private.refuse(404, 'agent_not_found', 'There is no such agent, or it is not yours to see.');
  end if;
  return null;
end
$$;
comment on function private.check_agent() is 'Trigger: an interaction names an agent that is there, although the agent may be deleted later.';
-- After the policies, so that it tells nobody which agents there are.
create trigger check_agent after insert or update of agent_id on public.ai_interactions
  for each row when (
    new.agent_id is not null
    -- What comes back from an archive is as it was.
    and current_setting('agentbase.keeps_figures', true) is distinct from 'on'
  )
  execute function private.check_agent();

create function public.agents(interaction public.ai_interactions)
returns setof public.agents
language sql
stable
rows 1
set search_path = ''
as $$
  select agents.* from public.agents where agents.id = interaction.agent_id
$$;
comment on function public.agents(public.ai_interactions) is 'The agent of an interaction, for the Data API''s select=agents(…): there is no foreign key that says it.';
grant execute on function public.agents(public.ai_interactions) to authenticated, service_role;

create function public.ai_interactions(agent public.agents)
returns setof public.ai_interactions
language sql
stable
set search_path = ''
as $$
  select interactions.* from public.ai_interactions interactions
  where interactions.agent_id = agent.id
$$;
comment on function public.ai_interactions(public.agents) is 'The interactions with an agent that the caller sees, for the Data API''s select=ai_interactions(…).';
grant execute on function public.ai_interactions(public.agents) to authenticated, service_role;

create function private.is_use_of(
  agent public.agents, source text, organization_id uuid, user_id uuid
)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  return is_use_of.source <> 'manual'
    or agent.organization_id = is_use_of.organization_id is true
    or (agent.organization_id is null and agent.created_by = is_use_of.user_id) is true;
end
$$;
comment on function private.is_use_of(public.agents, text, uuid, uuid) is 'Whether an interaction counts in usage_count, last_used_at and activity_score of its agent: every turn does, what is recorded by hand only where it is recorded by those whose agent it is.';

create function private.count_new_interactions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  added record;
begin
  for added in
    select new_interactions.agent_id, count(*) as interactions, max(new_interactions.started_at) as latest
    from new_interactions
    join public.agents
      on agents.id = new_interactions.agent_id
      and private.is_use_of(
        agents, new_interactions.source, new_interactions.organization_id, new_interactions.user_id
      )
    group by new_interactions.agent_id
    order by new_interactions.agent_id
  loop
    -- The time to a minute: it is indexed, and a busy agent's row is written with
    -- every turn, which is far cheaper while no indexed column changes.
    update public.agents
    set usage_count = usage_count + added.interactions,
        last_used_at = case
          when last_used_at > added.latest - interval '1 minute' then last_used_at
          else least(added.latest, now())
        end
    where agents.id = added.agent_id;
  end loop;
  return null;
end
$$;
comment on function private.count_new_interactions() is 'Trigger: adds new interactions to their agent''s usage_count and moves last_used_at, as far as they are uses of it.';
create trigger count_new_interactions after insert on public.ai_interactions
  referencing new table as new_interactions
  -- What comes back from an archive was counted before it went.
  for each statement when (current_setting('agentbase.keeps_figures', true) is distinct from 'on')
  execute function private.count_new_interactions();

create function private.count_deleted_interactions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  removed record;
begin
  for removed in
    select old_interactions.agent_id, count(*) as interactions
    from old_interactions
    join public.agents
      on agents.id = old_interactions.agent_id
      and private.is_use_of(
        agents, old_interactions.source, old_interactions.organization_id, old_interactions.user_id
      )
    group by old_interactions.agent_id
    order by old_interactions.agent_id
  loop
    -- Set to less by hand, it must not keep an interaction or an organization from being deleted.
    update public.agents
    set usage_count = greatest(0, usage_count - removed.interactions)
    where agents.id = removed.agent_id;
  end loop;
  return null;
end
$$;
comment on function private.count_deleted_interactions() is 'Trigger: takes deleted interactions off their agent''s usage_count.';
create trigger count_deleted_interactions after delete on public.ai_interactions
  referencing old table as old_interactions
  -- What retention removes was used all the same.
  for each statement when (current_setting('agentbase.keeps_figures', true) is distinct from 'on')
  execute function private.count_deleted_interactions();

create function private.count_changed_interaction()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.agents
  set usage_count = greatest(0, usage_count + changes.added - changes.removed),
      last_used_at = case
        when changes.added = 1 then greatest(last_used_at, least(new.started_at, now()))
        else last_used_at
      end
  from (
    select
      counted.id,
      (
        counted.id is not distinct from new.agent_id
        and private.is_use_of(counted, new.source, new.organization_id, new.user_id)
      )::integer as added,
      (
        counted.id is not distinct from old.agent_id
        and private.is_use_of(counted, old.source, old.organization_id, old.user_id)
      )::integer as removed
    from public.agents counted
    where counted.id in (old.agent_id, new.agent_id)
  ) changes
  where agents.id = changes.id and changes.added is distinct from changes.removed;
  return null;
end
$$;
comment on function private.count_changed_interaction() is 'Trigger: an interaction that is attributed to another agent leaves the one''s usage_count for the other''s.';
create trigger count_changed_interaction
  after update of agent_id, source, organization_id, user_id on public.ai_interactions
  for each row when (
    old.agent_id is distinct from new.agent_id or old.source <> new.source
    or (new.source = 'manual' and (old.organization_id, old.user_id) is distinct from (new.organization_id, new.user_id))
  )
  execute function private.count_changed_interaction();

create function private.mark_member_active()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- To five minutes: a busy member's row is not written with every turn. Nobody
  -- waits for it either: whoever holds the row does the same.
  update public.organization_members
  set last_active_at = now()
  where (organization_members.organization_id, organization_members.user_id) in (
    select members.organization_id, members.user_id
    from public.organization_members members
    where members.organization_id = new.organization_id
      and members.user_id = new.user_id
      and (members.last_active_at is null or members.last_active_at < now() - interval '5 minutes')
    for no key update skip locked
  );
  return null;
end
$$;
comment on function private.mark_member_active() is 'Trigger: keeps last_active_at of members, to five minutes.';
create trigger mark_member_active after insert on public.ai_interactions
  for each row when (current_setting('agentbase.keeps_figures', true) is distinct from 'on')
  execute function private.mark_member_active();

create function private.scrub_interactions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.ai_interactions
  set title = 'Deleted', description = null, content_preview = null, full_content = null, feedback_notes = null,
      external_link = null, external_id = null, external_metadata = '{}', tags = '{}', keywords = '{}'
  where ai_interactions.user_id = old.id;
  return old;
end
$$;
comment on function private.scrub_interactions() is 'Trigger on auth.users: when a person goes, an organization keeps its numbers and loses what that person wrote.';

-- Attempts -----------------------------------------------------------------------

create table public.agent_executions (
  id uuid primary key default gen_random_uuid(),
  interaction_id uuid not null references public.ai_interactions (id) on delete cascade,
  agent_id uuid references public.agents (id) on delete set null,
  vendor_id text references public.vendors (id) on delete restrict,
  service_id text references public.vendor_services (id) on delete restrict,
  price_id uuid references public.service_prices (id) on delete restrict,
  api_key_id uuid,
  attempt integer not null default 1,
  status text not null,
  upstream_status integer,
  counts_against_agent boolean not null default false,
  error_code text,
  error_message text,
  first_byte_ms integer,
  latency_ms integer,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  usage_is_estimated boolean not null default false,
  cost_breakdown jsonb,
  total_cost numeric(20, 10),
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  unique (interaction_id, attempt),
  constraint attempt_counts_from_1 check (attempt >= 1),
  constraint execution_status_is_known check (status in ('succeeded', 'failed')),
  constraint only_a_failure_counts_against_the_agent check (not counts_against_agent or status = 'failed'),
  constraint upstream_status_is_an_http_status check (upstream_status between 100 and 599),
  constraint execution_latency_is_not_negative check (latency_ms >= 0 and first_byte_ms >= 0),
  constraint execution_tokens_are_not_negative check (
    least(input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens) >= 0
  ),
  constraint execution_cost_is_not_negative check (total_cost >= 0 and total_cost <> 'NaN'),
  constraint execution_completes_after_it_starts check (completed_at >= started_at)
);
comment on table public.agent_executions is 'One attempt at an upstream call. A turn that was retried has several.';
comment on column public.agent_executions.id is 'Primary key.';
comment on column public.agent_executions.interaction_id is 'The turn.';
comment on column public.agent_executions.agent_id is 'The agent.';
comment on column public.agent_executions.vendor_id is 'Who was called.';
comment on column public.agent_executions.service_id is 'Which service was called.';
comment on column public.agent_executions.api_key_id is 'The person''s key that the call was made with, which may be gone; null for the platform''s credential.';
comment on column public.agent_executions.attempt is 'First, second, … attempt of the turn.';
comment on column public.agent_executions.status is 'succeeded or failed.';
comment on column public.agent_executions.upstream_status is 'HTTP status of the vendor''s answer; null when there was none.';
comment on column public.agent_executions.counts_against_agent is 'The agent''s upstream was at fault: it broke, timed out or was overloaded. Not the caller''s bad request, not a refused key.';
comment on column public.agent_executions.error_code is 'What went wrong, for programs.';
comment on column public.agent_executions.error_message is 'What went wrong, for people.';
comment on column public.agent_executions.first_byte_ms is 'Milliseconds to the first byte of the answer.';
comment on column public.agent_executions.latency_ms is 'Milliseconds to its end.';
comment on column public.agent_executions.input_tokens is 'Prompt tokens that the vendor sold with it, cached and cache-write ones included.';
comment on column public.agent_executions.output_tokens is 'Tokens of its answer, reasoning included.';
comment on column public.agent_executions.cached_input_tokens is 'Prompt tokens read from the vendor''s cache.';
comment on column public.agent_executions.cache_write_tokens is 'Prompt tokens written to the vendor''s cache.';
comment on column public.agent_executions.reasoning_tokens is 'Tokens of its answer spent on reasoning.';
comment on column public.agent_executions.usage_is_estimated is 'The tokens are an estimate: the call was sent, and the vendor did not say what it sold.';
comment on column public.agent_executions.price_id is 'The price that made total_cost.';
comment on column public.agent_executions.cost_breakdown is 'Dollars per class of tokens, unrounded.';
comment on column public.agent_executions.total_cost is 'US dollars, rounded to ten decimals; 0 where nothing was sold, null while no price is known.';
comment on column public.agent_executions.started_at is 'When the call was made.';
comment on column public.agent_executions.completed_at is 'When it was over.';
comment on column public.agent_executions.created_at is 'When the row was made.';

alter table public.agent_executions enable row level security;
create policy "People read the attempts of interactions that they see" on public.agent_executions
  for select to authenticated
  using (interaction_id in (select ai_interactions.id from public.ai_interactions));
grant select on public.agent_executions to authenticated;
grant select, insert, update, delete on public.agent_executions to service_role;
create index agent_executions_agent_id_idx on public.agent_executions (agent_id, started_at desc);
create index agent_executions_failures_idx on public.agent_executions (agent_id, started_at desc) where counts_against_agent;
create index agent_executions_vendor_id_idx on public.agent_executions (vendor_id);
create index agent_executions_service_id_idx on public.agent_executions (service_id);
create index agent_executions_price_id_idx on public.agent_executions (price_id);
