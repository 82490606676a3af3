-- The current state of what 000730_attempts.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.agent_executions (
  id uuid default gen_random_uuid() not null,
  interaction_id uuid not null,
  agent_id uuid,
  vendor_id text,
  service_id text,
  price_id uuid,
  api_key_id uuid,
  attempt integer default 1 not null,
  status text not null,
  upstream_status integer,
  counts_against_agent boolean default false not null,
  error_code text,
  error_message text,
  first_byte_ms integer,
  latency_ms integer,
  input_tokens bigint default 0 not null,
  output_tokens bigint default 0 not null,
  cached_input_tokens bigint default 0 not null,
  cache_write_tokens bigint default 0 not null,
  reasoning_tokens bigint default 0 not null,
  usage_details jsonb,
  usage_is_estimated boolean default false not null,
  cost_breakdown jsonb,
  total_cost numeric(20,10),
  started_at timestamp with time zone default now() not null,
  completed_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint agent_executions_pkey PRIMARY KEY (id),
  constraint agent_executions_interaction_id_attempt_key UNIQUE (interaction_id, attempt),
  constraint agent_executions_interaction_id_fkey FOREIGN KEY (interaction_id) REFERENCES public.ai_interactions(id) ON DELETE CASCADE
);
alter table public.agent_executions enable row level security;
create policy "People read the attempts of interactions that they see" on public.agent_executions
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.ai_interactions
  WHERE (ai_interactions.id = agent_executions.interaction_id))));
grant delete, insert, select, update on public.agent_executions to service_role;
grant select on public.agent_executions to authenticated;
CREATE INDEX agent_executions_agent_id_idx ON public.agent_executions USING btree (agent_id, started_at DESC);
CREATE INDEX agent_executions_failures_idx ON public.agent_executions USING btree (agent_id, started_at DESC) WHERE counts_against_agent;
CREATE TRIGGER check_names AFTER INSERT OR UPDATE OF vendor_id, service_id, price_id, agent_id ON public.agent_executions FOR EACH ROW EXECUTE FUNCTION private.check_attempt_names();
CREATE TRIGGER rules_are_kept BEFORE INSERT OR UPDATE OF id, interaction_id, agent_id, vendor_id, service_id, price_id, api_key_id, attempt, status, upstream_status, counts_against_agent, error_code, error_message, first_byte_ms, latency_ms, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, usage_details, usage_is_estimated, cost_breakdown, total_cost, started_at, completed_at, created_at ON public.agent_executions FOR EACH ROW EXECUTE FUNCTION private.check_rules_of_agent_executions();
