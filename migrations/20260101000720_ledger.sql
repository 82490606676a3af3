-- The ledger: what was used and what it cost, one row per turn or per interaction recorded by hand.
-- A turn is written once, complete, when it is settled (private.running_turns has those that run).
-- Seed 002; every analysis counts these rows. docs/decisions/ledger-writes.md says who may write
-- what.

create function private.turn_kinds()
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  return array['chat', 'embedding', 'image', 'moderation', 'speech', 'transcription'];
end
$$;
comment on function private.turn_kinds() is
  'The kinds of turns. The kind of a turn is the source of its interaction.';
grant execute on function private.turn_kinds() to authenticated, service_role;

create function private.scope_of_turn(kind text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case scope_of_turn.kind
    when 'embedding' then 'embeddings'
    when 'image' then 'images'
    when 'moderation' then 'moderations'
    when 'speech' then 'audio'
    when 'transcription' then 'audio'
    else scope_of_turn.kind
  end;
end
$$;
comment on function private.scope_of_turn(text) is
  'The scope that an access key needs for turns of a kind.';
grant execute on function private.scope_of_turn(text) to service_role;

-- Agents and models have no foreign key: they can be deleted, and their costs stay attributed to
-- them. Vendors, services, prices and kinds with turns cannot: they are disabled instead
-- (private.keep_named_row()).
create table public.ai_interactions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid,
  session_id uuid references public.chat_sessions (id) on delete set null,
  model_id uuid,
  vendor_id text,
  service_id text,
  price_id uuid,
  access_key_id uuid references public.access_keys (id) on delete set null,
  source text not null default 'manual',
  title text not null,
  description text,
  interaction_type_id text not null default 'conversation',
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
  request_id text unique,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint source_is_known
    check (source in ('manual', 'import') or source = any (private.turn_kinds())),
  constraint interaction_title_is_1_to_500_characters check (char_length(title) between 1 and 500),
  -- Postgres prepares every check for every statement, so they are kept short.
  constraint tokens_are_not_negative check (
    least(
      input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens
    ) >= 0
  ),
  -- So that sums do not overflow.
  constraint tokens_are_at_most_a_trillion
    check (greatest(input_tokens, output_tokens) <= 1000000000000),
  constraint costs_are_not_negative check (least(total_cost, provider_cost) >= 0),
  -- NaN compares as greater than any number, and makes every sum NaN.
  constraint costs_are_numbers check (greatest(total_cost, provider_cost) <> 'NaN'),
  -- Costs that people enter are not bills; the limit bounds typing errors and invented values.
  constraint recorded_costs_are_at_most_1000_dollars
    check (source <> 'manual' or total_cost <= 1000),
  constraint recorded_tokens_are_at_most_a_hundred_million check (
    source <> 'manual' or greatest(input_tokens, output_tokens) <= 100000000
  ),
  constraint recorded_durations_are_at_most_31_days check (
    source <> 'manual' or duration_minutes <= 44640
  ),
  constraint satisfaction_rating_is_1_to_5 check (satisfaction_rating between 1 and 5),
  constraint usefulness_rating_is_1_to_5 check (usefulness_rating between 1 and 5),
  -- Times that can be converted to every time zone and used in arithmetic.
  constraint interaction_times_are_from_1970_to_2199 check (
    private.is_calendar_time(started_at) and private.is_calendar_time(ended_at)
  ),
  constraint interaction_ends_after_it_starts check (ended_at >= started_at),
  constraint duration_is_not_negative check (duration_minutes >= 0),
  constraint interaction_latency_is_not_negative check (least(latency_ms, first_token_ms) >= 0),
  constraint interaction_status_is_known
    check (status in ('active', 'completed', 'archived', 'deleted')),
  constraint turns_are_not_deleted check (source = 'manual' or status <> 'deleted'),
  constraint turn_state_is_known
    check (turn_state in ('succeeded', 'partial', 'failed')),
  constraint only_a_turn_has_a_state check ((source <> 'manual') = (turn_state is not null)),
  -- Sizes of columns that clients write.
  constraint interaction_title_has_no_control_characters check (private.is_plain(title)),
  constraint interaction_description_is_at_most_64_kib check (private.is_prose(description)),
  constraint external_link_is_a_web_address check (private.is_web_address(external_link)),
  constraint interaction_type_id_is_a_label check (private.is_label(interaction_type_id)),
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
comment on table public.ai_interactions is
  'The ledger: one row per turn, written when it is settled, or per interaction recorded by hand. '
  'Tokens, cost, ratings.';
comment on column public.ai_interactions.id is 'Primary key; the id of a turn.';
comment on column public.ai_interactions.user_id is
  'The user; null once the account is deleted.';
comment on column public.ai_interactions.organization_id is
  'The organization that pays: the agent''s where the person is a member, else the person''s '
  'current one. Set by the database.';
comment on column public.ai_interactions.agent_id is
  'The agent that was used. No foreign key: the row outlives the agent.';
comment on column public.ai_interactions.session_id is
  'The conversation; null when recorded by hand, or once it is deleted.';
comment on column public.ai_interactions.model_id is
  'The requested model; it may have been deleted.';
comment on column public.ai_interactions.vendor_id is
  'The vendor that was called; null for an interaction recorded by hand without one.';
comment on column public.ai_interactions.service_id is
  'The service that was called; its price determines the cost. A service with history is disabled '
  '(is_active), not deleted.';
comment on column public.ai_interactions.price_id is
  'The price from which total_cost was computed, of the last billed attempt. A price that was used '
  'is ended (valid_during), not deleted.';
comment on column public.ai_interactions.access_key_id is
  'The access key that the call came with; null for a person''s token.';
comment on column public.ai_interactions.source is
  'The kind of a turn, one of private.turn_kinds(); manual for entries by hand; import for the '
  'turns of an imported system, which count in usage but in no budget.';
comment on column public.ai_interactions.title is
  'Title to show. For a turn it is the agent''s name; its content is in chat_messages only.';
comment on column public.ai_interactions.description is 'What it was about, recorded by hand.';
comment on column public.ai_interactions.interaction_type_id is 'Kind of interaction.';
comment on column public.ai_interactions.external_link is 'Where it happened, if elsewhere.';
comment on column public.ai_interactions.external_id is 'Its id there.';
comment on column public.ai_interactions.external_metadata is 'What is known of it there.';
comment on column public.ai_interactions.content_preview is
  'Beginning of its content, recorded by hand: every member of the organization reads it.';
comment on column public.ai_interactions.full_content is
  'Its content, recorded by hand: every member of the organization reads it.';
comment on column public.ai_interactions.model_name is
  'The model that answered, as the vendor reported it.';
comment on column public.ai_interactions.input_tokens is
  'Prompt tokens of all billed attempts, including cached and cache-write ones.';
comment on column public.ai_interactions.output_tokens is
  'Tokens of the answer, reasoning included.';
comment on column public.ai_interactions.cached_input_tokens is
  'Prompt tokens read from the vendor''s cache.';
comment on column public.ai_interactions.cache_write_tokens is
  'Prompt tokens written to the vendor''s cache.';
comment on column public.ai_interactions.reasoning_tokens is
  'Tokens of the answer spent on reasoning.';
comment on column public.ai_interactions.usage_is_estimated is
  'Some of the tokens were estimated, because an answer came without usage, was interrupted, or '
  'was never settled.';
comment on column public.ai_interactions.total_cost is
  'US dollars, rounded once to ten decimals; null while no price is known. For a turn, the sum of '
  'all billed attempts; for an entry by hand, the amount that the person entered: figures have it '
  'as recorded_cost, and budgets leave it out.';
comment on column public.ai_interactions.cost_breakdown is
  'Dollars per class of tokens, unrounded.';
comment on column public.ai_interactions.provider_cost is
  'US dollars that the vendor itself reported.';
comment on column public.ai_interactions.tags is 'Words by which the interaction is found.';
comment on column public.ai_interactions.keywords is 'Words drawn from its content.';
comment on column public.ai_interactions.satisfaction_rating is
  'How satisfied the person was, 1 to 5.';
comment on column public.ai_interactions.usefulness_rating is 'How useful it was, 1 to 5.';
comment on column public.ai_interactions.feedback_notes is
  'The person''s comment: every member of the organization reads it.';
comment on column public.ai_interactions.started_at is
  'When the turn, or what was recorded by hand, began.';
comment on column public.ai_interactions.ended_at is 'When it ended, where that is known.';
comment on column public.ai_interactions.duration_minutes is
  'Full minutes from start to end; computed where both are known.';
comment on column public.ai_interactions.latency_ms is
  'Milliseconds from request to the end of the answer.';
comment on column public.ai_interactions.first_token_ms is
  'Milliseconds from request to the first part of the answer.';
comment on column public.ai_interactions.finish_reason is
  'Why the answer ended, in OpenAI''s words: stop, length, tool_calls, function_call or '
  'content_filter.';
comment on column public.ai_interactions.status is
  'active, completed, archived or deleted. Only entries by hand can be deleted, which removes them '
  'from every figure; turns cannot.';
comment on column public.ai_interactions.turn_state is
  'How a turn ended: succeeded, partial or failed; null for what was recorded by hand.';
comment on column public.ai_interactions.request_id is 'The x-request-id of the call.';
comment on column public.ai_interactions.error_code is 'Why a turn failed, for programs.';
comment on column public.ai_interactions.error_message is 'Why a turn failed, for people.';
comment on column public.ai_interactions.created_at is 'When the interaction was recorded.';
comment on column public.ai_interactions.updated_at is 'When the interaction was last changed.';

alter table public.ai_interactions enable row level security;
create policy "Members read their organizations' interactions" on public.ai_interactions
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
create policy "Members record interactions" on public.ai_interactions
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and organization_id = any (array(select private.my_organizations('member')))
    and private.sees_agent(agent_id, 'member')
  );
create policy "People rate and describe their own interactions" on public.ai_interactions
  for update to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any (array(select private.my_organizations('member')))
  )
  with check (
    user_id = (select auth.uid())
    and organization_id = any (array(select private.my_organizations('member')))
  );
grant select on public.ai_interactions to authenticated;
grant insert (
  user_id, agent_id, title, description, interaction_type_id, external_link, external_id,
  external_metadata,
  content_preview, full_content, model_name, input_tokens, output_tokens, total_cost, tags,
  keywords,
  satisfaction_rating, usefulness_rating, feedback_notes, started_at, ended_at, duration_minutes,
  status
) on public.ai_interactions to authenticated;
grant update (
  title, description, interaction_type_id, external_link, external_id, external_metadata,
  content_preview,
  full_content, tags, keywords, satisfaction_rating, usefulness_rating, feedback_notes, status
) on public.ai_interactions to authenticated;
grant select, insert, update, delete on public.ai_interactions to service_role;

-- Services, prices and types with history are disabled, not deleted, so that no index is needed on
-- the columns that reference them (docs/decisions/turn-rows.md). These serve deletions and reads:
-- vendor_id filters of lists, session_id the turns of a conversation. With the organization, which
-- the policy checks: for other users' rows of a busy agent, only the index is read.
create index idx_ai_interactions_user_id
  on public.ai_interactions (user_id, started_at desc, organization_id);
create index ai_interactions_agent_id_idx
  on public.ai_interactions (agent_id, started_at desc, organization_id);
create index ai_interactions_organization_id_idx
  on public.ai_interactions (organization_id, started_at desc);
create index ai_interactions_session_id_idx on public.ai_interactions (session_id);
create index ai_interactions_vendor_id_idx on public.ai_interactions (vendor_id);
create index ai_interactions_access_key_id_idx
  on public.ai_interactions (access_key_id, started_at desc)
  where access_key_id is not null;
create index idx_ai_interactions_created_at on public.ai_interactions (created_at);
create index idx_ai_interactions_cost on public.ai_interactions (total_cost);
-- Without fastupdate: turns have none of these values, and one empty entry costs less than the
-- pending list.
create index ai_interactions_tags_idx
  on public.ai_interactions using gin (tags) with (fastupdate = off);
create index ai_interactions_keywords_idx
  on public.ai_interactions using gin (keywords) with (fastupdate = off);
create index ai_interactions_external_metadata_idx
  on public.ai_interactions using gin (external_metadata jsonb_path_ops) with (fastupdate = off);

create trigger update_ai_interactions_updated_at before update on public.ai_interactions
  for each row execute function public.update_updated_at_column();
