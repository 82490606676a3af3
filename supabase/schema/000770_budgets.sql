-- The current state of what 000770_budgets.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.budgets (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  access_key_id uuid,
  period text not null,
  limit_usd numeric(20,10) not null,
  spent_usd numeric(20,10) default 0 not null,
  reserved_usd numeric(20,10) default 0 not null,
  period_started_at timestamp with time zone default now() not null,
  is_active boolean default true not null,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint budgets_pkey PRIMARY KEY (id),
  constraint one_budget_per_scope_and_period UNIQUE NULLS NOT DISTINCT (organization_id, user_id, agent_id, access_key_id, period),
  constraint budget_is_for_a_member FOREIGN KEY (organization_id, user_id) REFERENCES public.organization_members(organization_id, user_id) ON DELETE CASCADE,
  constraint budget_is_for_an_access_key_of_the_organization FOREIGN KEY (organization_id, access_key_id) REFERENCES public.access_keys(organization_id, id) ON DELETE CASCADE,
  constraint budgets_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint budgets_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint budgets_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint budget_is_for_one_person_agent_or_key CHECK ((num_nonnulls(user_id, agent_id, access_key_id) <= 1)),
  constraint budget_limit_is_positive CHECK (((limit_usd > (0)::numeric) AND (limit_usd <> 'NaN'::numeric))),
  constraint budget_period_is_known CHECK ((period = ANY (ARRAY['day'::text, 'month'::text, 'total'::text]))),
  constraint reserved_is_not_negative CHECK ((reserved_usd >= (0)::numeric)),
  constraint spent_is_not_negative CHECK ((spent_usd >= (0)::numeric))
);
alter table public.budgets enable row level security;
create policy "Admins change budgets, owners of access keys what they set" on public.budgets
  as permissive for update to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((created_by = ( SELECT auth.uid() AS uid)) AND (access_key_id = ANY (ARRAY( SELECT private.my_access_keys() AS my_access_keys))))))
  with check (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((created_by = ( SELECT auth.uid() AS uid)) AND (access_key_id = ANY (ARRAY( SELECT private.my_access_keys() AS my_access_keys))))));
create policy "Admins lift budgets, owners of access keys what they set" on public.budgets
  as permissive for delete to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((created_by = ( SELECT auth.uid() AS uid)) AND (access_key_id = ANY (ARRAY( SELECT private.my_access_keys() AS my_access_keys))))));
create policy "Admins set budgets, owners of access keys the keys'" on public.budgets
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND ((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR (access_key_id = ANY (ARRAY( SELECT private.my_access_keys() AS my_access_keys)))) AND ((agent_id IS NULL) OR private.sees_agent(agent_id, 'viewer'::text))));
create policy "Members read their organizations' budgets" on public.budgets
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant delete, insert (id, organization_id, user_id, agent_id, access_key_id, period, limit_usd, is_active, created_by), select, update (id, organization_id, user_id, agent_id, access_key_id, period, limit_usd, is_active, created_by) on public.budgets to authenticated;
grant delete, insert, select, update on public.budgets to service_role;
CREATE INDEX budgets_access_key_id_idx ON public.budgets USING btree (access_key_id, organization_id);
CREATE INDEX budgets_agent_id_idx ON public.budgets USING btree (agent_id);
CREATE INDEX budgets_created_by_idx ON public.budgets USING btree (created_by);
CREATE TRIGGER begin_budget_period BEFORE INSERT ON public.budgets FOR EACH ROW WHEN (private.may_set_budget(new.organization_id, new.access_key_id)) EXECUTE FUNCTION private.begin_budget_period();
CREATE TRIGGER record_audit_change AFTER UPDATE OF user_id, agent_id, access_key_id, period, limit_usd, is_active ON public.budgets FOR EACH ROW WHEN ((((((((old.user_id IS DISTINCT FROM new.user_id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.access_key_id IS DISTINCT FROM new.access_key_id)) OR (old.period IS DISTINCT FROM new.period)) OR (old.limit_usd IS DISTINCT FROM new.limit_usd)) OR (old.is_active IS DISTINCT FROM new.is_active)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.budgets FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, organization_id, user_id, agent_id, access_key_id, period, created_by ON public.budgets FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.access_key_id IS DISTINCT FROM new.access_key_id)) OR (old.period IS DISTINCT FROM new.period)) OR (old.created_by IS DISTINCT FROM new.created_by)))) EXECUTE FUNCTION private.refuse_change('id', 'organization_id', 'user_id', 'agent_id', 'access_key_id', 'period', 'created_by');
CREATE TRIGGER update_budgets_updated_at BEFORE UPDATE ON public.budgets FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER warn_of_budget AFTER UPDATE OF spent_usd ON public.budgets FOR EACH ROW WHEN ((new.is_active AND (new.spent_usd > (0)::numeric) AND (new.spent_usd >= (new.limit_usd * 0.5)))) EXECUTE FUNCTION private.warn_of_budget();

-- Functions --------------------------------------------------------------------------------------

create function private.begin_budget_period()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  zone text;
begin
  -- A turn that is charged concurrently would neither see this budget nor be part of its sum, so
  -- the two are serialized.
  perform pg_advisory_xact_lock(
    private.lock_namespace('budgets'), hashtext(new.organization_id::text)
  );
  select organizations.timezone into zone
  from public.organizations
  where organizations.id = new.organization_id;
  new.period_started_at = coalesce(
    private.period_start(new.period, zone, clock_timestamp()), now()
  );
  new.spent_usd = private.spent_of(new);
  return new;
end
$body$;

create function private.budgets_of(organization_id uuid, user_id uuid, agent_id uuid, access_key_id uuid)
returns SETOF public.budgets
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select budgets.*
  from public.budgets
  where budgets.organization_id = budgets_of.organization_id
    and (budgets.user_id is null or budgets.user_id = budgets_of.user_id)
    and (budgets.agent_id is null or budgets.agent_id = budgets_of.agent_id)
    and (budgets.access_key_id is null or budgets.access_key_id = budgets_of.access_key_id);
end
$body$;
grant execute on function private.budgets_of(uuid,uuid,uuid,uuid) to service_role;

create function private.lock_budgets(organization_id uuid)
returns boolean
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- A concurrent insert of a budget commits before this, or waits for it.
  perform pg_advisory_xact_lock_shared(
    private.lock_namespace('budgets'), hashtext(lock_budgets.organization_id::text)
  );
  -- All of them, always in the same order, whichever a turn counts against, so that transactions
  -- that settle several turns cannot deadlock.
  perform
  from public.budgets
  where budgets.organization_id = lock_budgets.organization_id
  order by budgets.id
  for no key update;
  if not found then
    return false;
  end if;
  update public.budgets
  set
    spent_usd = 0,
    period_started_at = private.period_start(budgets.period, organizations.timezone, now())
  from public.organizations
  where organizations.id = budgets.organization_id
    and budgets.organization_id = lock_budgets.organization_id
    and budgets.period_started_at < private.period_start(
      budgets.period, organizations.timezone, now()
    );
  return true;
end
$body$;
grant execute on function private.lock_budgets(uuid) to service_role;

create function private.may_set_budget(organization_id uuid, access_key_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return not row_security_active('public.budgets')
    or may_set_budget.organization_id = any (array(select private.my_organizations('admin')))
    or exists (
      select from public.access_keys keys
      where keys.id = may_set_budget.access_key_id
        and keys.organization_id = may_set_budget.organization_id
        and keys.id = any (array(select private.my_access_keys()))
    );
end
$body$;
grant execute on function private.may_set_budget(uuid,uuid) to authenticated, service_role;

create function private.period_end(period text, timezone text, at timestamp with time zone)
returns timestamp with time zone
language sql stable security invoker
set search_path=""
as $body$
  select case when period_end.period <> 'total' then
    private.day_start(
      (
        date_trunc(
          period_end.period, period_end.at at time zone period_end.timezone
        ) + ('1 ' || period_end.period)::interval
      )::date,
      period_end.timezone
    )
  end
$body$;
grant execute on function private.period_end(text,text,timestamp with time zone) to authenticated, service_role;

create function private.period_start(period text, timezone text, at timestamp with time zone)
returns timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case period_start.period
    when 'total' then '-infinity'::timestamptz
    when 'day'
      then private.day_start(
        (period_start.at at time zone period_start.timezone)::date, period_start.timezone
      )
    when 'month'
      then private.day_start(
        date_trunc('month', period_start.at at time zone period_start.timezone)::date,
        period_start.timezone
      )
  end;
end
$body$;
grant execute on function private.period_start(text,text,timestamp with time zone) to authenticated, service_role;

create function private.spent_of(budget public.budgets)
returns numeric
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select coalesce(sum(turns.total_cost), 0)
    from public.ai_interactions turns
    where turns.organization_id = spent_of.budget.organization_id
      and turns.source not in ('manual', 'import')
      and turns.started_at >= spent_of.budget.period_started_at
      and (spent_of.budget.user_id is null or turns.user_id = spent_of.budget.user_id)
      and (spent_of.budget.agent_id is null or turns.agent_id = spent_of.budget.agent_id)
      and (
        spent_of.budget.access_key_id is null
        or turns.access_key_id = spent_of.budget.access_key_id
      )
  ) + (
    -- Including rows that retention removed.
    select coalesce(sum(past.total_cost), 0)
    from public.usage_archive_rollup past
    where past.organization_id = spent_of.budget.organization_id
      and past.started_at >= spent_of.budget.period_started_at
      and (spent_of.budget.user_id is null or past.user_id = spent_of.budget.user_id)
      and (spent_of.budget.agent_id is null or past.agent_id = spent_of.budget.agent_id)
      and (
        spent_of.budget.access_key_id is null or past.access_key_id = spent_of.budget.access_key_id
      )
  );
end
$body$;
grant execute on function private.spent_of(public.budgets) to service_role;
