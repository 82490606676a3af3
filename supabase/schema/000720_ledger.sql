-- The current state of what 000720_ledger.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.ai_interactions (
  id uuid default gen_random_uuid() not null,
  user_id uuid default auth.uid(),
  organization_id uuid not null,
  agent_id uuid,
  session_id uuid,
  model_id uuid,
  vendor_id text,
  service_id text,
  price_id uuid,
  access_key_id uuid,
  source text default 'manual'::text not null,
  title text not null,
  description text,
  interaction_type_id text default 'conversation'::text not null,
  external_link text,
  external_id text,
  external_metadata jsonb default '{}'::jsonb not null,
  content_preview text,
  full_content text,
  model_name text,
  input_tokens bigint default 0 not null,
  output_tokens bigint default 0 not null,
  cached_input_tokens bigint default 0 not null,
  cache_write_tokens bigint default 0 not null,
  reasoning_tokens bigint default 0 not null,
  usage_is_estimated boolean default false not null,
  total_cost numeric(20,10),
  cost_breakdown jsonb,
  provider_cost numeric(20,10),
  tags text[] default '{}'::text[] not null,
  keywords text[] default '{}'::text[] not null,
  satisfaction_rating integer,
  usefulness_rating integer,
  feedback_notes text,
  started_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  duration_minutes integer,
  latency_ms integer,
  first_token_ms integer,
  finish_reason text,
  status text default 'active'::text not null,
  turn_state text,
  request_id text,
  error_code text,
  error_message text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint ai_interactions_pkey PRIMARY KEY (id),
  constraint ai_interactions_request_id_key UNIQUE (request_id),
  constraint ai_interactions_access_key_id_fkey FOREIGN KEY (access_key_id) REFERENCES public.access_keys(id) ON DELETE SET NULL,
  constraint ai_interactions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint ai_interactions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE SET NULL,
  constraint ai_interactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL
);
alter table public.ai_interactions enable row level security;
create policy "Members read their organizations' interactions" on public.ai_interactions
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
create policy "Members record interactions" on public.ai_interactions
  as permissive for insert to authenticated
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations))) AND private.sees_agent(agent_id, 'member'::text)));
create policy "People rate and describe their own interactions" on public.ai_interactions
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))))
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))));
grant delete, insert, select, update on public.ai_interactions to service_role;
grant insert (id, user_id, agent_id, title, description, interaction_type_id, external_link, external_id, external_metadata, content_preview, full_content, model_name, input_tokens, output_tokens, total_cost, tags, keywords, satisfaction_rating, usefulness_rating, feedback_notes, started_at, ended_at, duration_minutes, status), select, update (id, user_id, agent_id, title, description, interaction_type_id, external_link, external_id, external_metadata, content_preview, full_content, model_name, input_tokens, output_tokens, total_cost, tags, keywords, satisfaction_rating, usefulness_rating, feedback_notes, started_at, ended_at, duration_minutes, status) on public.ai_interactions to authenticated;
CREATE INDEX ai_interactions_access_key_id_idx ON public.ai_interactions USING btree (access_key_id, started_at DESC) WHERE (access_key_id IS NOT NULL);
CREATE INDEX ai_interactions_agent_id_idx ON public.ai_interactions USING btree (agent_id, started_at DESC, organization_id);
CREATE INDEX ai_interactions_external_metadata_idx ON public.ai_interactions USING gin (external_metadata jsonb_path_ops) WITH (fastupdate=off);
CREATE INDEX ai_interactions_keywords_idx ON public.ai_interactions USING gin (keywords) WITH (fastupdate=off);
CREATE INDEX ai_interactions_organization_id_idx ON public.ai_interactions USING btree (organization_id, started_at DESC);
CREATE INDEX ai_interactions_session_id_idx ON public.ai_interactions USING btree (session_id);
CREATE INDEX ai_interactions_tags_idx ON public.ai_interactions USING gin (tags) WITH (fastupdate=off);
CREATE INDEX ai_interactions_vendor_id_idx ON public.ai_interactions USING btree (vendor_id);
CREATE INDEX idx_ai_interactions_cost ON public.ai_interactions USING btree (total_cost);
CREATE INDEX idx_ai_interactions_created_at ON public.ai_interactions USING btree (created_at);
CREATE INDEX idx_ai_interactions_user_id ON public.ai_interactions USING btree (user_id, started_at DESC, organization_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, source, interaction_type_id, external_metadata, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, usage_is_estimated, tags, keywords, started_at, status, created_at, updated_at ON public.ai_interactions FOR EACH ROW WHEN ((num_nulls(new.id, new.source, new.interaction_type_id, NULLIF(new.external_metadata, 'null'::jsonb), new.input_tokens, new.output_tokens, new.cached_input_tokens, new.cache_write_tokens, new.reasoning_tokens, new.usage_is_estimated, new.tags, new.keywords, new.started_at, new.status, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER check_agent AFTER INSERT ON public.ai_interactions FOR EACH ROW WHEN (((new.agent_id IS NOT NULL) AND (new.source = 'manual'::text))) EXECUTE FUNCTION private.check_agent();
CREATE TRIGGER check_names AFTER INSERT OR UPDATE OF vendor_id, service_id, price_id, interaction_type_id, model_id ON public.ai_interactions FOR EACH ROW EXECUTE FUNCTION private.check_interaction_names();
CREATE TRIGGER check_new_agent AFTER UPDATE OF agent_id ON public.ai_interactions FOR EACH ROW WHEN (((new.agent_id IS DISTINCT FROM old.agent_id) AND (new.agent_id IS NOT NULL))) EXECUTE FUNCTION private.check_agent();
CREATE TRIGGER complete_interaction BEFORE INSERT ON public.ai_interactions FOR EACH ROW WHEN (((new.organization_id IS NULL) OR ((new.vendor_id IS NULL) AND (new.agent_id IS NOT NULL)))) EXECUTE FUNCTION private.complete_interaction();
CREATE TRIGGER count_changed_interaction AFTER UPDATE OF agent_id, source, organization_id, user_id ON public.ai_interactions FOR EACH ROW WHEN (((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.source <> new.source) OR ((new.source = 'manual'::text) AND ((old.organization_id IS DISTINCT FROM new.organization_id) OR (old.user_id IS DISTINCT FROM new.user_id))))) EXECUTE FUNCTION private.count_changed_interaction();
CREATE TRIGGER count_deleted_interactions AFTER DELETE ON public.ai_interactions REFERENCING OLD TABLE AS old_interactions FOR EACH STATEMENT WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.count_deleted_interactions();
CREATE TRIGGER count_new_interactions AFTER INSERT ON public.ai_interactions REFERENCING NEW TABLE AS new_interactions FOR EACH STATEMENT EXECUTE FUNCTION private.count_new_interactions();
CREATE TRIGGER mark_member_active AFTER INSERT ON public.ai_interactions FOR EACH ROW EXECUTE FUNCTION private.mark_member_active();
CREATE TRIGGER measure_interaction BEFORE INSERT OR UPDATE OF started_at, ended_at, duration_minutes ON public.ai_interactions FOR EACH ROW WHEN ((new.ended_at >= new.started_at)) EXECUTE FUNCTION private.measure_interaction();
CREATE TRIGGER record_late_delete AFTER DELETE ON public.ai_interactions FOR EACH ROW WHEN (((old.started_at < (clock_timestamp() - '00:20:00'::interval)) AND (current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION private.record_usage_deltas();
CREATE TRIGGER record_late_insert AFTER INSERT ON public.ai_interactions FOR EACH ROW WHEN ((new.started_at < (clock_timestamp() - '00:20:00'::interval))) EXECUTE FUNCTION private.record_usage_deltas();
CREATE TRIGGER record_late_update AFTER UPDATE ON public.ai_interactions FOR EACH ROW WHEN ((((old.started_at < (clock_timestamp() - '00:20:00'::interval)) OR (new.started_at < (clock_timestamp() - '00:20:00'::interval))) AND (((((((((((((((old.started_at IS DISTINCT FROM new.started_at) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.vendor_id IS DISTINCT FROM new.vendor_id)) OR (old.model_name IS DISTINCT FROM new.model_name)) OR (old.status IS DISTINCT FROM new.status)) OR (old.turn_state IS DISTINCT FROM new.turn_state)) OR (old.source IS DISTINCT FROM new.source)) OR (old.total_cost IS DISTINCT FROM new.total_cost)) OR (old.input_tokens IS DISTINCT FROM new.input_tokens)) OR (old.output_tokens IS DISTINCT FROM new.output_tokens)) OR (old.duration_minutes IS DISTINCT FROM new.duration_minutes)) OR (old.satisfaction_rating IS DISTINCT FROM new.satisfaction_rating)) OR (old.usefulness_rating IS DISTINCT FROM new.usefulness_rating)))) EXECUTE FUNCTION private.record_usage_deltas();
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, user_id, agent_id, model_name, input_tokens, output_tokens, total_cost, started_at, ended_at, duration_minutes ON public.ai_interactions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((((((((old.id IS DISTINCT FROM new.id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.model_name IS DISTINCT FROM new.model_name)) OR (old.input_tokens IS DISTINCT FROM new.input_tokens)) OR (old.output_tokens IS DISTINCT FROM new.output_tokens)) OR (old.total_cost IS DISTINCT FROM new.total_cost)) OR (old.started_at IS DISTINCT FROM new.started_at)) OR (old.ended_at IS DISTINCT FROM new.ended_at)) OR (old.duration_minutes IS DISTINCT FROM new.duration_minutes)))) EXECUTE FUNCTION private.refuse_change('id', 'user_id', 'agent_id', 'model_name', 'input_tokens', 'output_tokens', 'total_cost', 'started_at', 'ended_at', 'duration_minutes');
CREATE TRIGGER refuse_implausible_date BEFORE INSERT ON public.ai_interactions FOR EACH ROW WHEN ((new.source = 'manual'::text)) EXECUTE FUNCTION private.refuse_implausible_date();
CREATE TRIGGER rules_are_kept BEFORE INSERT OR UPDATE OF id, user_id, organization_id, agent_id, session_id, model_id, vendor_id, service_id, price_id, access_key_id, source, title, description, interaction_type_id, external_link, external_id, external_metadata, content_preview, full_content, model_name, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, usage_is_estimated, total_cost, cost_breakdown, provider_cost, tags, keywords, satisfaction_rating, usefulness_rating, feedback_notes, started_at, ended_at, duration_minutes, latency_ms, first_token_ms, finish_reason, status, turn_state, request_id, error_code, error_message, created_at, updated_at ON public.ai_interactions FOR EACH ROW EXECUTE FUNCTION private.check_rules_of_ai_interactions();
CREATE TRIGGER update_ai_interactions_updated_at BEFORE UPDATE ON public.ai_interactions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.scope_of_turn(kind text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.scope_of_turn(text) to service_role;

create function private.turn_kinds()
returns text[]
language plpgsql immutable parallel safe security invoker
set search_path=""
as $body$
begin
  return array['chat', 'embedding', 'image', 'moderation', 'speech', 'transcription'];
end
$body$;
grant execute on function private.turn_kinds() to authenticated, service_role;

create function public.ai_interactions(agents public.agents)
returns SETOF public.ai_interactions
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.ai_interactions related where related.agent_id = ai_interactions.agents.id $body$;
grant execute on function public.ai_interactions(public.agents) to authenticated, service_role;

create function public.ai_interactions(chat_messages public.chat_messages)
returns SETOF public.ai_interactions
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.ai_interactions related where related.id = ai_interactions.chat_messages.interaction_id $body$;
grant execute on function public.ai_interactions(public.chat_messages) to authenticated, service_role;
