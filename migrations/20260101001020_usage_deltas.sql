-- Changes of the ledger that were made after it was rolled up, and the watermark.

create table public.usage_deltas (
  id bigint primary key generated always as identity,
  started_at timestamptz not null,
  like private.usage_dimensions including comments,
  like private.usage_measures including comments including defaults,
  created_at timestamptz not null default now(),
  foreign key (organization_id) references public.organizations (id) on delete cascade
-- Rows are short-lived: without frequent vacuums, reads would scan dead rows.
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
comment on table public.usage_deltas is
  'Changes of interactions that may be rolled up already: a row that subtracts what the '
  'interaction was, and one that adds what it is. Read through daily_usage.';
comment on column public.usage_deltas.id is 'Identifies the usage delta.';
comment on column public.usage_deltas.started_at is
  'Start of the interaction that changed, which decides the day.';
comment on column public.usage_deltas.created_at is 'When the interaction was changed.';

alter table public.usage_deltas enable row level security;
create policy "Members read their organizations' deltas" on public.usage_deltas
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.usage_deltas to authenticated, service_role;
create index usage_deltas_organization_id_idx on public.usage_deltas (organization_id, started_at);
create index usage_deltas_agent_id_idx on public.usage_deltas (agent_id);
create index usage_deltas_user_id_idx on public.usage_deltas (user_id);

create table private.usage_watermark (
  is_only boolean primary key default true,
  rolled_up_until timestamptz not null default '-infinity',
  next_until timestamptz,
  next_transaction xid8,
  created_at timestamptz not null default now(),
  constraint there_is_one_watermark check (is_only)
);
comment on table private.usage_watermark is
  'Up to which moment the ledger is rolled up. One row, which every rollup locks.';
comment on column private.usage_watermark.is_only is 'True: there is one row.';
comment on column private.usage_watermark.rolled_up_until is
  'Usage before this moment is in usage_daily_rollup, changes of it in usage_deltas; later usage '
  'is read from the ledger.';
comment on column private.usage_watermark.next_until is
  'The next watermark, once every transaction before next_transaction has ended.';
comment on column private.usage_watermark.next_transaction is
  'The transaction that proposed next_until.';
comment on column private.usage_watermark.created_at is 'When the usage watermark was created.';
insert into private.usage_watermark default values;

create function private.current_watermark()
returns timestamptz
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select usage_watermark.rolled_up_until from private.usage_watermark);
end
$$;
comment on function private.current_watermark() is
  'Usage before this moment is rolled up; later usage is read from the ledger.';
grant execute on function private.current_watermark() to authenticated, service_role;

create function private.record_usage_delta(changed public.ai_interactions, sign integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.usage_deltas (
    started_at, organization_id, user_id, agent_id, vendor_id, model_name,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    interaction.started_at, interaction.organization_id, interaction.user_id,
    interaction.agent_id, interaction.vendor_id, left(interaction.model_name, 255),
    -- each measure: record_usage_delta.sign * {of}
    record_usage_delta.sign * 1::bigint,
    record_usage_delta.sign * (interaction.turn_state is not distinct from
      'failed')::integer::bigint,
    record_usage_delta.sign * ( interaction.source <> 'manual' and interaction.total_cost is null
      and interaction.input_tokens + interaction.output_tokens > 0 )::integer::bigint,
    record_usage_delta.sign * (interaction.source = 'manual')::integer::bigint,
    record_usage_delta.sign * interaction.input_tokens::numeric,
    record_usage_delta.sign * interaction.output_tokens::numeric,
    record_usage_delta.sign * case when interaction.source = 'manual' then 0 else
      coalesce(interaction.total_cost, 0) end,
    record_usage_delta.sign * case when interaction.source = 'manual' then
      coalesce(interaction.total_cost, 0) else 0 end,
    record_usage_delta.sign * coalesce(interaction.duration_minutes, 0)::bigint,
    record_usage_delta.sign * coalesce(interaction.satisfaction_rating, 0)::bigint,
    record_usage_delta.sign * (interaction.satisfaction_rating is not null)::integer::bigint,
    record_usage_delta.sign * coalesce(interaction.usefulness_rating, 0)::bigint,
    record_usage_delta.sign * (interaction.usefulness_rating is not null)::integer::bigint
    -- end
  from (select (record_usage_delta.changed).*) interaction
  -- Usage of an organization that is being deleted is not kept.
  join public.organizations on organizations.id = interaction.organization_id
  where interaction.status <> 'deleted';
end
$$;
comment on function private.record_usage_delta(public.ai_interactions, integer) is
  'Records that an interaction adds to usage (sign 1) or no longer does (-1).';

create function private.record_usage_deltas()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Restored rows are in usage_archive_rollup.
  if tg_op = 'INSERT' and current_setting('agentbase.is_retention', true) = 'on' then
    return null;
  end if;
  if tg_op <> 'INSERT' then
    perform private.record_usage_delta(old, -1);
  end if;
  if tg_op <> 'DELETE' then
    perform private.record_usage_delta(new, 1);
  end if;
  return null;
end
$$;
comment on function private.record_usage_deltas() is
  'Trigger: records changes of interactions that began more than twenty minutes ago. The watermark '
  'never passes younger ones, whose changes only cost a check of the clock.';

-- Twenty minutes by the clock, not by the transaction: private.safe_watermark() relies on it.
create trigger record_late_insert after insert on public.ai_interactions
  for each row when (new.started_at < clock_timestamp() - interval '20 minutes')
  execute function private.record_usage_deltas();
create trigger record_late_update after update on public.ai_interactions
  for each row when (
    (
      old.started_at < clock_timestamp() - interval '20 minutes'
      or new.started_at < clock_timestamp() - interval '20 minutes'
    )
    and (
      old.started_at, old.organization_id, old.user_id, old.agent_id, old.vendor_id,
      old.model_name, old.status,
      -- each source: old.{name}
      old.turn_state, old.source, old.total_cost, old.input_tokens, old.output_tokens,
      old.duration_minutes, old.satisfaction_rating, old.usefulness_rating
      -- end
    ) is distinct from (
      new.started_at, new.organization_id, new.user_id, new.agent_id, new.vendor_id,
      new.model_name, new.status,
      -- each source: new.{name}
      new.turn_state, new.source, new.total_cost, new.input_tokens, new.output_tokens,
      new.duration_minutes, new.satisfaction_rating, new.usefulness_rating
      -- end
    )
  )
  execute function private.record_usage_deltas();
-- Rows that retention removes are in usage_archive_rollup.
create trigger record_late_delete after delete on public.ai_interactions
  for each row when (
    old.started_at < clock_timestamp() - interval '20 minutes'
    and current_setting('agentbase.is_retention', true) is distinct from 'on'
  )
  execute function private.record_usage_deltas();
