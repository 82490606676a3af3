-- What changed in the ledger since it was counted, and up to where it is.

create table public.usage_changes (
  id bigint primary key generated always as identity,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  started_at timestamptz not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  interactions integer not null default 0,
  failed integer not null default 0,
  unpriced integer not null default 0,
  recorded integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  total_cost numeric not null default 0,
  recorded_cost numeric not null default 0,
  duration_minutes bigint not null default 0,
  satisfaction_sum integer not null default 0,
  satisfaction_count integer not null default 0,
  usefulness_sum integer not null default 0,
  usefulness_count integer not null default 0,
  created_at timestamptz not null default now()
-- Rows come and go: without a vacuum soon after, each look at them would meet all that are gone.
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
comment on table public.usage_changes is
  'What changed in the ledger so late that it may have been counted already: a row to take away '
  'what was, a row to add what is. Read through daily_usage.';
comment on column public.usage_changes.id is 'Primary key.';
comment on column public.usage_changes.organization_id is 'The organization that pays.';
comment on column public.usage_changes.started_at is 'When the interaction began.';
comment on column public.usage_changes.user_id is 'The person; null once the account is gone.';
comment on column public.usage_changes.agent_id is 'The agent; null once it is gone.';
comment on column public.usage_changes.vendor_id is 'Who was called; null where nobody is known.';
comment on column public.usage_changes.model_name is
  'The model that answered, its first 255 characters; null where none is known.';
comment on column public.usage_changes.interactions is 'Interactions; deleted ones do not count.';
comment on column public.usage_changes.failed is 'Turns among them that failed.';
comment on column public.usage_changes.unpriced is
  'Turns among them that used tokens and have no cost, because no price is known.';
comment on column public.usage_changes.recorded is
  'Those among them that a person recorded by hand.';
comment on column public.usage_changes.input_tokens is 'Prompt tokens.';
comment on column public.usage_changes.output_tokens is 'Tokens of the answers.';
comment on column public.usage_changes.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column public.usage_changes.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.usage_changes.duration_minutes is 'Minutes, where they are known.';
comment on column public.usage_changes.satisfaction_sum is 'Sum of the ratings given.';
comment on column public.usage_changes.satisfaction_count is 'How many were given.';
comment on column public.usage_changes.usefulness_sum is 'Sum of the ratings given.';
comment on column public.usage_changes.usefulness_count is 'How many were given.';
comment on column public.usage_changes.created_at is 'When the row was made.';

alter table public.usage_changes enable row level security;
create policy "Members read their organizations' late changes" on public.usage_changes
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.usage_changes to authenticated, service_role;
create index usage_changes_organization_id_idx
  on public.usage_changes (organization_id, started_at);
create index usage_changes_agent_id_idx on public.usage_changes (agent_id);
create index usage_changes_user_id_idx on public.usage_changes (user_id);

create table private.usage_progress (
  is_only boolean primary key default true,
  counted_until timestamptz not null default '-infinity',
  next_until timestamptz,
  next_transaction xid8,
  created_at timestamptz not null default now(),
  constraint there_is_one_progress check (is_only)
);
comment on table private.usage_progress is
  'How far the ledger is counted. One row; whoever counts locks it.';
comment on column private.usage_progress.is_only is 'True: there is no second row.';
comment on column private.usage_progress.counted_until is
  'Interactions that began before are in usage_counts, late changes in usage_changes; the others '
  'are read from the ledger.';
comment on column private.usage_progress.next_until is
  'How far it may be counted once every transaction before next_transaction is over.';
comment on column private.usage_progress.next_transaction is 'See next_until.';
comment on column private.usage_progress.created_at is 'When the row was made.';
insert into private.usage_progress default values;

create function private.usage_boundary()
returns timestamptz
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select progress.counted_until from private.usage_progress progress);
end
$$;
comment on function private.usage_boundary() is
  'Interactions that began before this moment are counted; the others are read from the ledger.';
grant execute on function private.usage_boundary() to authenticated, service_role;

create function private.add_usage_change(interaction public.ai_interactions, sign integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.usage_changes (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name,
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum,
    satisfaction_count, usefulness_sum, usefulness_count
  )
  select
    interaction.organization_id, interaction.started_at, interaction.user_id, interaction.agent_id,
    interaction.vendor_id,
    left(interaction.model_name, 255),
    sign,
    sign * (interaction.turn_state is not distinct from 'failed')::integer,
    sign * (
      interaction.source <> 'manual' and interaction.total_cost is null
      and interaction.input_tokens + interaction.output_tokens > 0
    )::integer,
    sign * (interaction.source = 'manual')::integer,
    sign * interaction.input_tokens, sign * interaction.output_tokens,
    case
      when interaction.source = 'manual' then 0
      else sign * coalesce(interaction.total_cost, 0)
    end,
    case
      when interaction.source = 'manual' then sign * coalesce(interaction.total_cost, 0)
      else 0
    end,
    sign * coalesce(interaction.duration_minutes, 0),
    sign * coalesce(interaction.satisfaction_rating, 0),
    sign * (interaction.satisfaction_rating is not null)::integer,
    sign * coalesce(interaction.usefulness_rating, 0),
    sign * (interaction.usefulness_rating is not null)::integer
  from public.organizations
  -- An organization that is being deleted is not counted any more.
  where organizations.id = interaction.organization_id and interaction.status <> 'deleted';
end
$$;
comment on function private.add_usage_change(public.ai_interactions, integer) is
  'Notes that an interaction adds to the figures (1) or no longer does (-1).';

create function private.note_late_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' then
    perform private.add_usage_change(old, -1);
  end if;
  if tg_op <> 'DELETE' then
    perform private.add_usage_change(new, 1);
  end if;
  return null;
end
$$;
comment on function private.note_late_change() is
  'Trigger: notes changes of interactions that began a while ago. What is younger costs no more '
  'than a look at the clock, and advancing the boundary leaves it alone.';

-- Twenty minutes, by the clock and not by the transaction: advancing the boundary relies on it.
create trigger note_late_insert after insert on public.ai_interactions
  for each row when (
    new.started_at < clock_timestamp() - interval '20 minutes'
    and current_setting('agentbase.keeps_figures', true) is distinct from 'on'
  )
  execute function private.note_late_change();
create trigger note_late_update after update on public.ai_interactions
  for each row when (
    (
      old.started_at < clock_timestamp() - interval '20 minutes'
      or new.started_at < clock_timestamp() - interval '20 minutes'
    )
    and (
      old.organization_id, old.started_at, old.user_id, old.agent_id, old.vendor_id,
      old.model_name, old.source,
      old.status, old.turn_state, old.input_tokens, old.output_tokens, old.total_cost,
      old.duration_minutes, old.satisfaction_rating, old.usefulness_rating
    ) is distinct from (
      new.organization_id, new.started_at, new.user_id, new.agent_id, new.vendor_id,
      new.model_name, new.source,
      new.status, new.turn_state, new.input_tokens, new.output_tokens, new.total_cost,
      new.duration_minutes, new.satisfaction_rating, new.usefulness_rating
    )
  )
  execute function private.note_late_change();
create trigger note_late_delete after delete on public.ai_interactions
  for each row when (
    old.started_at < clock_timestamp() - interval '20 minutes'
    -- What retention removes is in past_usage.
    and current_setting('agentbase.keeps_figures', true) is distinct from 'on'
  )
  execute function private.note_late_change();
