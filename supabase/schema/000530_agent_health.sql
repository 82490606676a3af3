-- The current state of what 000530_agent_health.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.agent_health (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  status text default 'healthy'::text not null,
  last_check timestamp with time zone,
  latency_ms integer,
  consecutive_failures integer default 0 not null,
  circuit_state text default 'closed'::text not null,
  circuit_opened_at timestamp with time zone,
  circuit_retry_at timestamp with time zone,
  circuit_opens integer default 0 not null,
  is_alerted boolean default false not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint agent_health_pkey PRIMARY KEY (id),
  constraint agent_health_agent_id_key UNIQUE (agent_id),
  constraint agent_health_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint circuit_opens_is_not_negative CHECK ((circuit_opens >= 0)),
  constraint circuit_state_is_known CHECK ((circuit_state = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text]))),
  constraint consecutive_failures_is_not_negative CHECK ((consecutive_failures >= 0)),
  constraint health_latency_is_not_negative CHECK ((latency_ms >= 0)),
  constraint health_status_is_known CHECK ((status = ANY (ARRAY['healthy'::text, 'degraded'::text, 'unhealthy'::text]))),
  constraint open_circuit_says_since_when_and_until CHECK (((circuit_state = 'closed'::text) OR ((circuit_opened_at IS NOT NULL) AND (circuit_retry_at IS NOT NULL))))
);
alter table public.agent_health enable row level security;
create policy "People read the health of agents that they may use" on public.agent_health
  as permissive for select to authenticated
  using (((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = agent_health.agent_id))) OR (EXISTS ( SELECT
   FROM private.public_agents
  WHERE (public_agents.id = agent_health.agent_id)))));
grant delete, insert, select, update on public.agent_health to service_role;
grant select on public.agent_health to authenticated;
CREATE INDEX agent_health_status_idx ON public.agent_health USING btree (status);
CREATE TRIGGER update_agent_health_updated_at BEFORE UPDATE ON public.agent_health FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.agent_health_checks (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  status text not null,
  latency_ms integer,
  error_code text,
  error_message text,
  total_cost numeric(20,10),
  created_at timestamp with time zone default now() not null,
  constraint agent_health_checks_pkey PRIMARY KEY (id, created_at),
  constraint agent_health_checks_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint health_check_cost_is_not_negative CHECK ((total_cost >= (0)::numeric)),
  constraint health_check_latency_is_not_negative CHECK ((latency_ms >= 0)),
  constraint health_check_status_is_known CHECK ((status = ANY (ARRAY['healthy'::text, 'degraded'::text, 'unhealthy'::text])))
);
alter table public.agent_health_checks enable row level security;
create policy "People read the health checks of agents that they see" on public.agent_health_checks
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = agent_health_checks.agent_id) AND (NOT agents.is_platform)))));
grant delete, insert, select, update on public.agent_health_checks to service_role;
grant select on public.agent_health_checks to authenticated;
CREATE INDEX agent_health_checks_agent_id_idx ON ONLY public.agent_health_checks USING btree (agent_id, created_at DESC);

-- Functions --------------------------------------------------------------------------------------

create function private.add_agent_health()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into public.agent_health (agent_id) values (new.id);
  return new;
end
$body$;

create function private.notify_agent_owner(agent_id uuid, type text, title text, message text)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.notify(
    people.user_id,
    notify_agent_owner.type,
    notify_agent_owner.title,
    format(notify_agent_owner.message, private.name_to_quote(agents.name)),
    jsonb_build_object('agent_id', agents.id)
  )
  from public.agents,
  lateral (
    select agents.created_by as user_id
    where agents.organization_id is null and agents.created_by is not null
    union
    select members.user_id
    from public.organization_members members
    where members.organization_id = agents.organization_id
      and private.role_rank(members.role) >= private.role_rank('admin')
  ) people
  where agents.id = notify_agent_owner.agent_id
$body$;
grant execute on function private.notify_agent_owner(uuid,text,text,text) to service_role;
