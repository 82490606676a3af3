-- The current state of what 001020_usage_deltas.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.usage_watermark (
  is_only boolean default true not null,
  rolled_up_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  next_until timestamp with time zone,
  next_transaction xid8,
  created_at timestamp with time zone default now() not null,
  constraint usage_watermark_pkey PRIMARY KEY (is_only),
  constraint there_is_one_watermark CHECK (is_only)
);

create table public.usage_deltas (
  id bigint generated always as identity not null,
  started_at timestamp with time zone not null,
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  interactions bigint default 0 not null,
  failed bigint default 0 not null,
  unpriced bigint default 0 not null,
  recorded bigint default 0 not null,
  input_tokens numeric default 0 not null,
  output_tokens numeric default 0 not null,
  total_cost numeric default 0 not null,
  recorded_cost numeric default 0 not null,
  duration_minutes bigint default 0 not null,
  satisfaction_sum bigint default 0 not null,
  satisfaction_count bigint default 0 not null,
  usefulness_sum bigint default 0 not null,
  usefulness_count bigint default 0 not null,
  created_at timestamp with time zone default now() not null,
  constraint usage_deltas_pkey PRIMARY KEY (id),
  constraint usage_deltas_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
alter table public.usage_deltas enable row level security;
create policy "Members read their organizations' deltas" on public.usage_deltas
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant select on public.usage_deltas to authenticated;
grant select on public.usage_deltas to service_role;
CREATE INDEX usage_deltas_agent_id_idx ON public.usage_deltas USING btree (agent_id);
CREATE INDEX usage_deltas_organization_id_idx ON public.usage_deltas USING btree (organization_id, started_at);
CREATE INDEX usage_deltas_user_id_idx ON public.usage_deltas USING btree (user_id);

-- Functions --------------------------------------------------------------------------------------

create function private.current_watermark()
returns timestamp with time zone
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return (select usage_watermark.rolled_up_until from private.usage_watermark);
end
$body$;
grant execute on function private.current_watermark() to authenticated, service_role;

create function private.record_usage_delta(changed public.ai_interactions, sign integer)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.record_usage_deltas()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
