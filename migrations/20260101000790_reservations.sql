-- Reservations: the part of a budget that a running turn holds.

create table public.budget_reservations (
  id uuid primary key default gen_random_uuid(),
  budget_id uuid not null references public.budgets (id) on delete cascade,
  interaction_id uuid not null references private.running_turns (id) on delete cascade,
  amount_usd numeric(20, 10) not null,
  attempts integer not null default 1,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  unique (budget_id, interaction_id),
  constraint reservation_is_not_negative check (amount_usd >= 0),
  constraint reservation_is_for_an_attempt check (attempts >= 1)
);
comment on table public.budget_reservations is
  'What a running turn holds of a budget; deleted when the turn is settled.';
comment on column public.budget_reservations.id is 'Identifies the budget reservation.';
comment on column public.budget_reservations.budget_id is
  'The budget that the amount is held back from.';
comment on column public.budget_reservations.interaction_id is
  'The turn, whose interaction is written when it is settled.';
comment on column public.budget_reservations.amount_usd is 'US dollars reserved.';
comment on column public.budget_reservations.attempts is
  'For how many calls of a vendor, each of which could cost its share.';
comment on column public.budget_reservations.expires_at is
  'Released after this time if the turn was never settled.';
comment on column public.budget_reservations.created_at is 'When it was reserved.';

alter table public.budget_reservations enable row level security;
create policy "Members read what is reserved in budgets that they see"
  on public.budget_reservations
  for select to authenticated
  using (exists (select from public.budgets where budgets.id = budget_reservations.budget_id));
grant select on public.budget_reservations to authenticated;
grant select, insert, update, delete on public.budget_reservations to service_role;
create index budget_reservations_interaction_id_idx on public.budget_reservations (interaction_id);
create index budget_reservations_expires_at_idx on public.budget_reservations (expires_at);

create function private.refuse_full_budget(budget public.budgets)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.refuse_full_budget(public.budgets) is
  'Refuses a turn that could cost more than is left of a budget. Errors: PT402 budget_exceeded, '
  'whose data are budget_scope, period, limit_usd and resets_at.';
grant execute on function private.refuse_full_budget(public.budgets) to service_role;

create function private.reserve_budgets(turn private.running_turns, amount numeric)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.reserve_budgets(private.running_turns, numeric) is
  'Reserves an amount of US dollars in every budget of a turn, which lock_budgets() has locked, or '
  'refuses the turn. Errors: PT402 budget_exceeded, whose data are budget_scope, period, limit_usd '
  'and resets_at.';
grant execute on function private.reserve_budgets(private.running_turns, numeric) to service_role;

create function private.charge_budgets(turn public.ai_interactions, amount numeric)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.charge_budgets(public.ai_interactions, numeric) is
  'Adds what a turn cost to its budgets, where it began in their current period, and releases '
  'what was reserved for it. The caller has locked them with private.lock_budgets().';
grant execute on function private.charge_budgets(public.ai_interactions, numeric) to service_role;

create function private.reservations_to_release()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.reservations_to_release() is
  'Organizations whose budgets have reservations of turns that no longer run, for the job '
  'release-reservations.';

create function private.release_reservations(organization_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.release_reservations(uuid) is
  'Frees what an organization''s budgets reserved for turns that no longer run, and returns how '
  'many budgets it corrected. Turns release their own reservations: this corrects manual changes.';
