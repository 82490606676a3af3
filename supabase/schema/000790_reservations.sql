-- The current state of what 000790_reservations.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.budget_reservations (
  id uuid default gen_random_uuid() not null,
  budget_id uuid not null,
  interaction_id uuid not null,
  amount_usd numeric(20,10) not null,
  attempts integer default 1 not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint budget_reservations_pkey PRIMARY KEY (id),
  constraint budget_reservations_budget_id_interaction_id_key UNIQUE (budget_id, interaction_id),
  constraint budget_reservations_budget_id_fkey FOREIGN KEY (budget_id) REFERENCES public.budgets(id) ON DELETE CASCADE,
  constraint budget_reservations_interaction_id_fkey FOREIGN KEY (interaction_id) REFERENCES private.running_turns(id) ON DELETE CASCADE,
  constraint reservation_is_for_an_attempt CHECK ((attempts >= 1)),
  constraint reservation_is_not_negative CHECK ((amount_usd >= (0)::numeric))
);
alter table public.budget_reservations enable row level security;
create policy "Members read what is reserved in budgets that they see" on public.budget_reservations
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.budgets
  WHERE (budgets.id = budget_reservations.budget_id))));
grant delete, insert, select, update on public.budget_reservations to service_role;
grant select on public.budget_reservations to authenticated;
CREATE INDEX budget_reservations_expires_at_idx ON public.budget_reservations USING btree (expires_at);
CREATE INDEX budget_reservations_interaction_id_idx ON public.budget_reservations USING btree (interaction_id);

-- Functions --------------------------------------------------------------------------------------

create function private.charge_budgets(turn public.ai_interactions, amount numeric)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  with released as (
    delete from public.budget_reservations
    where interaction_id = charge_budgets.turn.id
    returning budget_id, amount_usd
  )
  update public.budgets
  set reserved_usd = reserved_usd - coalesce(
    (select released.amount_usd from released where released.budget_id = budgets.id), 0
  ),
      spent_usd = spent_usd + case
        when charge_budgets.turn.started_at >= budgets.period_started_at
          then coalesce(charge_budgets.amount, 0)
        else 0
      end
  where budgets.id in (
    select mine.id
    from private.budgets_of(
      charge_budgets.turn.organization_id, charge_budgets.turn.user_id,
      charge_budgets.turn.agent_id, charge_budgets.turn.access_key_id
    ) mine
  );
end
$body$;
grant execute on function private.charge_budgets(public.ai_interactions,numeric) to service_role;

create function private.refuse_full_budget(budget public.budgets)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  zone text := (
    select organizations.timezone
    from public.organizations
    where organizations.id = refuse_full_budget.budget.organization_id
  );
  scope text := case
    when refuse_full_budget.budget.user_id is not null then 'user'
    when refuse_full_budget.budget.agent_id is not null then 'agent'
    when refuse_full_budget.budget.access_key_id is not null then 'access_key'
    else 'organization'
  end;
begin
  perform private.refuse(
    'budget_exceeded',
    format(
      'Cannot run the request: it could cost more than is left of the %s''s %s budget.',
      case scope when 'user' then 'member' else replace(scope, '_', ' ') end,
      case refuse_full_budget.budget.period
        when 'day' then 'daily' when 'month' then 'monthly' else refuse_full_budget.budget.period
      end
    ),
    'Wait for the next period, or ask an admin to raise the budget.',
    jsonb_build_object(
      'budget_scope', scope,
      'period', refuse_full_budget.budget.period,
      'limit_usd', trim_scale(refuse_full_budget.budget.limit_usd)::text,
      'resets_at', private.period_end(refuse_full_budget.budget.period, zone, now())
    )
  );
end
$body$;
grant execute on function private.refuse_full_budget(public.budgets) to service_role;

create function private.release_reservations(organization_id uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  changed integer;
begin
  perform private.lock_budgets(release_reservations.organization_id);
  delete from public.budget_reservations
  where budget_id in (
    select budgets.id
    from public.budgets
    where budgets.organization_id = release_reservations.organization_id
  )
    and interaction_id not in (
      select turns.id from private.running_turns turns
      where turns.organization_id = release_reservations.organization_id
    );
  update public.budgets
  set reserved_usd = sums.amount
  from (
    select budgets.id, coalesce(sum(reservations.amount_usd), 0) as amount
    from public.budgets
    left join public.budget_reservations reservations on reservations.budget_id = budgets.id
    where budgets.organization_id = release_reservations.organization_id
    group by budgets.id
  ) sums
  where budgets.id = sums.id and budgets.reserved_usd <> sums.amount;
  get diagnostics changed = row_count;
  return changed;
end
$body$;

create function private.reservations_to_release()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select wrong.organization_id::text, 1::bigint, min(wrong.since)
  from (
    select
      budgets.organization_id,
      coalesce(min(reservations.created_at), budgets.updated_at) as since
    from public.budgets
    left join public.budget_reservations reservations on reservations.budget_id = budgets.id
    left join private.running_turns turns on turns.id = reservations.interaction_id
    where budgets.reserved_usd > 0 or reservations.id is not null
    group by budgets.id
    having budgets.reserved_usd <> coalesce(
      sum(reservations.amount_usd) filter (where turns.id is not null), 0
    )
  ) wrong
  group by wrong.organization_id
$body$;

create function private.reserve_budgets(turn private.running_turns, amount numeric)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  full_budget public.budgets;
begin
  select budgets.* into full_budget
  from private.budgets_of(
    reserve_budgets.turn.organization_id, reserve_budgets.turn.user_id,
    reserve_budgets.turn.agent_id, reserve_budgets.turn.access_key_id
  ) budgets
  where budgets.is_active
    and (
      budgets.spent_usd >= budgets.limit_usd
      or budgets.spent_usd + budgets.reserved_usd + reserve_budgets.amount > budgets.limit_usd
    )
  order by budgets.limit_usd - budgets.spent_usd - budgets.reserved_usd
  limit 1;
  if full_budget.id is not null then
    perform private.refuse_full_budget(full_budget);
  end if;

  with mine as (
    update public.budgets
    set reserved_usd = reserved_usd + reserve_budgets.amount
    where budgets.id in (
      select scoped.id
      from private.budgets_of(
        reserve_budgets.turn.organization_id, reserve_budgets.turn.user_id,
        reserve_budgets.turn.agent_id, reserve_budgets.turn.access_key_id
      ) scoped
    )
    returning budgets.id
  )
  insert into public.budget_reservations (budget_id, interaction_id, amount_usd, expires_at)
  select
    mine.id, reserve_budgets.turn.id, reserve_budgets.amount, reserve_budgets.turn.lease_expires_at
  from mine;
end
$body$;
grant execute on function private.reserve_budgets(private.running_turns,numeric) to service_role;
