-- The current state of the schemas public and private, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Schemas ----------------------------------------------------------------------------------------

create schema private;
grant usage on schema private to anon;
grant usage on schema private to authenticated;
grant usage on schema private to service_role;

create schema public;
grant usage on schema public to agentbase_functions;
grant usage on schema public to anon;
grant usage on schema public to authenticated;
grant usage on schema public to public;
grant usage on schema public to service_role;

-- Tables -----------------------------------------------------------------------------------------

CREATE TRIGGER delete_own_agents BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.delete_own_agents();
CREATE TRIGGER delete_personal_organization BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.delete_personal_organization();
CREATE TRIGGER on_auth_user_changed AFTER UPDATE OF email, last_sign_in_at, is_sso_user ON auth.users FOR EACH ROW WHEN ((((old.email)::text IS DISTINCT FROM (new.email)::text) OR (old.last_sign_in_at IS DISTINCT FROM new.last_sign_in_at) OR (old.is_sso_user IS DISTINCT FROM new.is_sso_user))) EXECUTE FUNCTION private.handle_user_change();
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION private.handle_new_user();
CREATE TRIGGER release_organizations BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.release_organizations();
CREATE TRIGGER scrub_interactions BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.scrub_interactions();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.agent_metrics_2026_11 FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.recorded_at IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.agent_metrics_2026_12 FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.recorded_at IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.agent_metrics_2027_01 FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.recorded_at IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.agent_metrics_2027_02 FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.recorded_at IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.agent_metrics_default FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.recorded_at IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.api_usage_2026_11 FOR EACH ROW WHEN (((new.id IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.api_usage_2026_12 FOR EACH ROW WHEN (((new.id IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.api_usage_2027_01 FOR EACH ROW WHEN (((new.id IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.api_usage_2027_02 FOR EACH ROW WHEN (((new.id IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON partitions.api_usage_default FOR EACH ROW WHEN (((new.id IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

create table private.access_key_secrets (
  token_hash text not null,
  access_key_id uuid not null,
  expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint access_key_secrets_pkey PRIMARY KEY (token_hash),
  constraint access_key_secrets_access_key_id_fkey FOREIGN KEY (access_key_id) REFERENCES public.access_keys(id) ON DELETE CASCADE,
  constraint access_key_hash_is_sha256_in_hex CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
grant delete, insert, select, update on private.access_key_secrets to service_role;
CREATE INDEX access_key_secrets_access_key_id_idx ON private.access_key_secrets USING btree (access_key_id);
CREATE INDEX access_key_secrets_expires_at_idx ON private.access_key_secrets USING btree (expires_at) WHERE (expires_at IS NOT NULL);

create table private.agent_probes (
  agent_id uuid not null,
  due_at timestamp with time zone not null,
  finding text,
  found_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint agent_probes_pkey PRIMARY KEY (agent_id),
  constraint agent_probes_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint finding_is_known CHECK ((finding = ANY (ARRAY['healthy'::text, 'degraded'::text, 'unhealthy'::text]))),
  constraint finding_says_when CHECK (((finding IS NULL) = (found_at IS NULL)))
);
grant delete, insert, select, update on private.agent_probes to service_role;
CREATE TRIGGER update_agent_probes_updated_at BEFORE UPDATE ON private.agent_probes FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table private.archived_interactions (
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
  constraint archived_interactions_pkey PRIMARY KEY (id)
);

create table private.deleted_ids (
  id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint deleted_ids_pkey PRIMARY KEY (id)
);

create table private.encrypted_columns (
  table_name text not null,
  column_name text not null,
  row_id text not null,
  owner text not null,
  scope text,
  only_where text,
  fingerprint text,
  created_at timestamp with time zone default now() not null,
  constraint encrypted_columns_pkey PRIMARY KEY (table_name, column_name)
);
grant select on private.encrypted_columns to service_role;

create table private.error_codes (
  code text not null,
  status integer not null,
  meaning text not null,
  remedy text not null,
  constraint error_codes_pkey PRIMARY KEY (code),
  constraint error_code_is_lower_case CHECK ((code ~ '^[a-z][a-z0-9_]{2,63}$'::text)),
  constraint error_meaning_is_a_sentence CHECK ((meaning ~ '^[A-Z].{1,150}\.$'::text)),
  constraint error_remedy_is_a_sentence CHECK ((remedy ~ '^[A-Z].{1,150}\.$'::text)),
  constraint error_status_is_400_to_599 CHECK (((status >= 400) AND (status <= 599)))
);
alter table private.error_codes enable row level security;
grant select on private.error_codes to service_role;

create table private.function_call_outbox (
  id uuid default gen_random_uuid() not null,
  path text not null,
  outcome text default 'waiting'::text not null,
  request_id bigint,
  status_code integer,
  error_message text,
  finished_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint function_call_outbox_pkey PRIMARY KEY (id),
  constraint function_call_is_finished_when_its_outcome_is_known CHECK (((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text])) = (finished_at IS NOT NULL))),
  constraint function_call_outcome_is_known CHECK ((outcome = ANY (ARRAY['waiting'::text, 'sent'::text, 'succeeded'::text, 'failed'::text]))),
  constraint function_call_path_is_a_path CHECK ((path ~ '^(/[a-z0-9-]+)+$'::text))
);
grant select on private.function_call_outbox to service_role;
CREATE INDEX function_call_outbox_created_at_idx ON private.function_call_outbox USING btree (created_at);
CREATE INDEX function_call_outbox_open_idx ON private.function_call_outbox USING btree (created_at) WHERE (finished_at IS NULL);
CREATE TRIGGER update_function_call_outbox_updated_at BEFORE UPDATE ON private.function_call_outbox FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table private.job_failures (
  job_name text not null,
  item text not null,
  attempts integer default 1 not null,
  error_code text not null,
  error_message text not null,
  failed_at timestamp with time zone default clock_timestamp() not null,
  retry_at timestamp with time zone default (clock_timestamp() + '00:01:00'::interval) not null,
  created_at timestamp with time zone default now() not null,
  constraint job_failures_pkey PRIMARY KEY (job_name, item),
  constraint job_failures_job_name_fkey FOREIGN KEY (job_name) REFERENCES private.jobs(name) ON UPDATE CASCADE ON DELETE CASCADE,
  constraint failure_was_attempted CHECK ((attempts >= 1))
);
grant select on private.job_failures to service_role;

create table private.job_runs (
  id bigint generated always as identity not null,
  job_name text not null,
  outcome text default 'running'::text not null,
  result text,
  last_item text,
  items_done integer default 0 not null,
  items_failed integer default 0 not null,
  items_left integer default 0 not null,
  oldest_due_at timestamp with time zone,
  error_code text,
  error_message text,
  session_pid integer default pg_backend_pid() not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint job_runs_pkey PRIMARY KEY (id),
  constraint job_runs_job_name_fkey FOREIGN KEY (job_name) REFERENCES private.jobs(name) ON UPDATE CASCADE ON DELETE CASCADE,
  constraint only_a_run_that_went_wrong_has_an_error CHECK (((error_message IS NULL) OR (outcome <> ALL (ARRAY['running'::text, 'succeeded'::text])))),
  constraint run_finishes_after_it_starts CHECK ((finished_at >= started_at)),
  constraint run_is_finished_unless_it_runs CHECK (((outcome = 'running'::text) = (finished_at IS NULL))),
  constraint run_outcome_is_known CHECK ((outcome = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'timed_out'::text, 'crashed'::text])))
);
grant select on private.job_runs to service_role;
CREATE INDEX job_runs_ended_idx ON private.job_runs USING btree (COALESCE(finished_at, started_at));
CREATE INDEX job_runs_job_name_idx ON private.job_runs USING btree (job_name, id DESC);
CREATE UNIQUE INDEX one_run_of_a_job_at_a_time ON private.job_runs USING btree (job_name) WHERE (finished_at IS NULL);

create table private.jobs (
  name text not null,
  schedule text not null,
  period interval generated always as (private.period_of(schedule)) stored,
  items text,
  command text not null,
  timeout interval not null,
  description text not null,
  is_enabled boolean default true not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint jobs_pkey PRIMARY KEY (name),
  constraint command_is_one_select CHECK ((command ~ '^select [^;]+$'::text)),
  constraint items_come_from_a_function CHECK ((items ~ '^private\.[a-z_]+\(\)$'::text)),
  constraint job_name_is_lower_case_words_and_dashes CHECK ((name ~ '^[a-z][a-z0-9-]{0,49}$'::text)),
  constraint schedule_is_of_a_known_form CHECK ((private.period_of(schedule) IS NOT NULL)),
  constraint timeout_is_a_second_to_ten_minutes CHECK (((timeout >= '00:00:01'::interval) AND (timeout <= '00:10:00'::interval)))
);
grant select on private.jobs to service_role;
CREATE TRIGGER reschedule_jobs AFTER INSERT OR DELETE OR UPDATE ON private.jobs FOR EACH STATEMENT EXECUTE FUNCTION private.reschedule_jobs();
CREATE TRIGGER update_jobs_updated_at BEFORE UPDATE ON private.jobs FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table private.measured_days (
  date date not null,
  measured_at timestamp with time zone default now() not null,
  constraint measured_days_pkey PRIMARY KEY (date)
);
grant insert, select, update on private.measured_days to service_role;

create table private.notification_types (
  id text not null,
  priority text default 'medium'::text not null,
  kept_for interval not null,
  meaning text not null,
  topic text,
  subject text[] default '{}'::text[] not null,
  constraint notification_types_pkey PRIMARY KEY (id),
  constraint notification_is_kept_from_an_hour_to_a_year CHECK (((kept_for >= '01:00:00'::interval) AND (kept_for <= '365 days'::interval))),
  constraint notification_type_is_lower_case CHECK ((id ~ '^[a-z][a-z0-9_]{2,63}$'::text)),
  constraint notification_type_meaning_is_a_sentence CHECK ((meaning ~ '^[A-Z].{1,150}\.$'::text)),
  constraint notification_type_priority_is_known CHECK ((priority = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text, 'critical'::text])))
);
alter table private.notification_types enable row level security;
grant select on private.notification_types to service_role;

create table private.orphaned_calendars (
  calendar_id bigint not null,
  created_at timestamp with time zone default now() not null,
  constraint orphaned_calendars_pkey PRIMARY KEY (calendar_id)
);

create table private.rate_limits (
  key text not null,
  empty_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint rate_limits_pkey PRIMARY KEY (key),
  constraint rate_limit_key_is_1_to_255_characters CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
);
grant delete, insert, select, update on private.rate_limits to service_role;
CREATE INDEX rate_limits_empty_at_idx ON private.rate_limits USING btree (empty_at);

create table private.response_events (
  turn_id uuid not null,
  first_number integer not null,
  events jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint response_events_pkey PRIMARY KEY (turn_id, first_number),
  constraint response_events_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES private.responses(turn_id) ON DELETE CASCADE,
  constraint response_events_are_a_list CHECK ((jsonb_typeof(events) = 'array'::text)),
  constraint response_events_are_numbered_from_0 CHECK ((first_number >= 0))
);
alter table private.response_events enable row level security;
grant delete, insert, select, update on private.response_events to service_role;
CREATE INDEX response_events_created_at_idx ON private.response_events USING btree (created_at);

create table private.responses (
  turn_id uuid not null,
  user_id uuid not null,
  session_id uuid not null,
  request jsonb not null,
  is_background boolean default false not null,
  cancelled_at timestamp with time zone,
  deleted_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint responses_pkey PRIMARY KEY (turn_id),
  constraint responses_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint responses_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint request_of_a_response_is_at_most_1_mib CHECK ((octet_length((request)::text) <= 1048576))
);
alter table private.responses enable row level security;
grant delete, insert, select, update on private.responses to service_role;
CREATE INDEX responses_expires_at_idx ON private.responses USING btree (expires_at);
CREATE INDEX responses_session_id_idx ON private.responses USING btree (session_id);
CREATE INDEX responses_user_id_idx ON private.responses USING btree (user_id);

create table private.running_turns (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  organization_id uuid not null,
  agent_id uuid,
  session_id uuid,
  model_id uuid,
  access_key_id uuid,
  vendor_id text,
  service_id text,
  source text not null,
  title text not null,
  model_name text,
  request_id text,
  idempotency_key text,
  fingerprint text,
  prices jsonb default '[]'::jsonb not null,
  input_tokens bigint default 0 not null,
  output_tokens bigint default 0 not null,
  calls integer default 1 not null,
  lease_expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint running_turns_pkey PRIMARY KEY (id),
  constraint one_running_turn_per_idempotency_key UNIQUE (user_id, idempotency_key),
  constraint one_running_turn_per_request UNIQUE (request_id),
  constraint one_running_turn_per_session UNIQUE (session_id),
  constraint a_running_turn_is_chat_or_embedding CHECK ((source = ANY (ARRAY['chat'::text, 'embedding'::text]))),
  constraint a_turn_reserves_one_call_at_least CHECK ((calls >= 1)),
  constraint bounds_of_a_call_are_not_negative CHECK ((LEAST(input_tokens, output_tokens) >= 0))
);
grant delete, insert, select, update on private.running_turns to service_role;
CREATE TRIGGER broadcast_turn AFTER INSERT OR DELETE ON private.running_turns FOR EACH ROW EXECUTE FUNCTION private.broadcast_turn();

create table private.session_branches (
  session_id uuid not null,
  first_seq bigint not null,
  branch int8multirange not null,
  turn_id uuid,
  created_at timestamp with time zone default now() not null,
  constraint session_branches_pkey PRIMARY KEY (session_id, first_seq),
  constraint session_branches_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint branch_is_open CHECK (upper_inf(branch))
);
grant delete, insert, select, update on private.session_branches to service_role;
CREATE INDEX session_branches_turn_id_idx ON private.session_branches USING btree (turn_id);

create table private.stored_answers (
  interaction_id uuid not null,
  user_id uuid not null,
  session_id uuid,
  access_key_id uuid,
  idempotency_key text not null,
  fingerprint text not null,
  body jsonb not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint stored_answers_pkey PRIMARY KEY (interaction_id),
  constraint one_turn_per_idempotency_key UNIQUE (user_id, idempotency_key),
  constraint stored_answers_access_key_id_fkey FOREIGN KEY (access_key_id) REFERENCES public.access_keys(id) ON DELETE CASCADE,
  constraint stored_answers_interaction_id_fkey FOREIGN KEY (interaction_id) REFERENCES public.ai_interactions(id) ON DELETE CASCADE,
  constraint stored_answers_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint stored_answers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint idempotency_key_is_1_to_255_characters CHECK (((char_length(idempotency_key) >= 1) AND (char_length(idempotency_key) <= 255)))
);
grant delete, insert, select, update on private.stored_answers to service_role;
CREATE INDEX stored_answers_access_key_id_idx ON private.stored_answers USING btree (access_key_id);
CREATE INDEX stored_answers_expires_at_idx ON private.stored_answers USING btree (expires_at);
CREATE INDEX stored_answers_session_id_idx ON private.stored_answers USING btree (session_id);

create table private.usage_dimensions (
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  constraint usage_dimensions_holds_no_rows CHECK (false)
);

create table private.usage_measures (
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
  constraint usage_measures_holds_no_rows CHECK (false)
);

create table private.usage_watermark (
  is_only boolean default true not null,
  rolled_up_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  next_until timestamp with time zone,
  next_transaction xid8,
  created_at timestamp with time zone default now() not null,
  constraint usage_watermark_pkey PRIMARY KEY (is_only),
  constraint there_is_one_watermark CHECK (is_only)
);

create table public.access_key_events (
  id uuid default gen_random_uuid() not null,
  access_key_id uuid not null,
  organization_id uuid not null,
  user_id uuid not null,
  actor_id uuid,
  event text not null,
  details jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint access_key_events_pkey PRIMARY KEY (id),
  constraint access_key_events_access_key_id_fkey FOREIGN KEY (access_key_id) REFERENCES public.access_keys(id) ON DELETE CASCADE,
  constraint access_key_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint access_key_events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint access_key_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint access_key_event_is_known CHECK ((event = ANY (ARRAY['created'::text, 'changed'::text, 'rotated'::text, 'revoked'::text])))
);
alter table public.access_key_events enable row level security;
create policy "People read what was done with access keys that they see" on public.access_key_events
  as permissive for select to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))))));
grant insert, select on public.access_key_events to service_role;
grant select on public.access_key_events to authenticated;
CREATE INDEX access_key_events_access_key_id_idx ON public.access_key_events USING btree (access_key_id, created_at DESC);
CREATE INDEX access_key_events_actor_id_idx ON public.access_key_events USING btree (actor_id);
CREATE INDEX access_key_events_created_at_idx ON public.access_key_events USING brin (created_at);
CREATE INDEX access_key_events_organization_id_idx ON public.access_key_events USING btree (organization_id, created_at DESC);
CREATE INDEX access_key_events_user_id_idx ON public.access_key_events USING btree (user_id, created_at DESC);

create table public.access_keys (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  user_id uuid not null,
  name text not null,
  prefix text not null,
  last_four text not null,
  scopes text[] default private.access_key_scopes() not null,
  agent_ids uuid[],
  requests_per_minute integer,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  rotated_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint access_keys_pkey PRIMARY KEY (id),
  constraint access_keys_organization_id_id_key UNIQUE (organization_id, id),
  constraint access_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint access_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint access_key_expires_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(expires_at)),
  constraint access_key_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint access_key_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint last_four_are_the_end_of_a_secret CHECK ((last_four ~ '^[A-Za-z0-9_-]{4}$'::text)),
  constraint listed_agents_are_1_to_100 CHECK ((((cardinality(agent_ids) >= 1) AND (cardinality(agent_ids) <= 100)) AND (array_position(agent_ids, NULL::uuid) IS NULL))),
  constraint prefix_is_the_beginning_of_a_secret CHECK ((prefix ~ '^agb_[A-Za-z0-9_-]{4}$'::text)),
  constraint requests_per_minute_are_positive CHECK ((requests_per_minute > 0)),
  constraint scopes_are_known_and_at_least_one CHECK (((scopes <@ private.access_key_scopes()) AND ((cardinality(scopes) >= 1) AND (cardinality(scopes) <= cardinality(private.access_key_scopes())))))
);
alter table public.access_keys enable row level security;
create policy "Members change their own access keys, admins all" on public.access_keys
  as permissive for update to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations))))))
  with check (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations))))));
create policy "Members see their own access keys, admins all" on public.access_keys
  as permissive for select to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))))));
grant delete, insert, select, update on public.access_keys to service_role;
grant select, update (name, scopes, agent_ids, requests_per_minute, expires_at) on public.access_keys to authenticated;
CREATE INDEX access_keys_user_id_idx ON public.access_keys USING btree (user_id, organization_id);
CREATE TRIGGER audit_access_key AFTER INSERT ON public.access_keys FOR EACH ROW EXECUTE FUNCTION private.audit_access_key();
CREATE TRIGGER audit_access_key_change AFTER UPDATE ON public.access_keys FOR EACH ROW WHEN ((((((((old.name IS DISTINCT FROM new.name) OR (old.scopes IS DISTINCT FROM new.scopes)) OR (old.agent_ids IS DISTINCT FROM new.agent_ids)) OR (old.requests_per_minute IS DISTINCT FROM new.requests_per_minute)) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.rotated_at IS DISTINCT FROM new.rotated_at)) OR (old.revoked_at IS DISTINCT FROM new.revoked_at))) EXECUTE FUNCTION private.audit_access_key();
CREATE TRIGGER check_access_key_narrows BEFORE UPDATE OF scopes, agent_ids, requests_per_minute, expires_at ON public.access_keys FOR EACH ROW WHEN ((old.user_id <> auth.uid())) EXECUTE FUNCTION private.check_access_key_narrows();
CREATE TRIGGER limit_access_key_changes AFTER UPDATE ON public.access_keys FOR EACH ROW WHEN ((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name]))) EXECUTE FUNCTION private.limit_access_key_changes();
CREATE TRIGGER update_access_keys_updated_at BEFORE UPDATE ON public.access_keys FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

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
  constraint agent_executions_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE SET NULL,
  constraint agent_executions_interaction_id_fkey FOREIGN KEY (interaction_id) REFERENCES public.ai_interactions(id) ON DELETE CASCADE,
  constraint agent_executions_price_id_fkey FOREIGN KEY (price_id) REFERENCES public.service_prices(id) ON DELETE RESTRICT,
  constraint agent_executions_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE RESTRICT,
  constraint agent_executions_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id) ON DELETE RESTRICT,
  constraint attempt_counts_from_1 CHECK ((attempt >= 1)),
  constraint execution_completes_after_it_starts CHECK ((completed_at >= started_at)),
  constraint execution_cost_is_not_negative CHECK (((total_cost >= (0)::numeric) AND (total_cost <> 'NaN'::numeric))),
  constraint execution_latency_is_not_negative CHECK (((latency_ms >= 0) AND (first_byte_ms >= 0))),
  constraint execution_status_is_known CHECK ((status = ANY (ARRAY['succeeded'::text, 'failed'::text]))),
  constraint execution_tokens_are_not_negative CHECK ((LEAST(input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens) >= 0)),
  constraint only_a_failure_counts_against_the_agent CHECK (((NOT counts_against_agent) OR (status = 'failed'::text))),
  constraint upstream_status_is_an_http_status CHECK (((upstream_status >= 100) AND (upstream_status <= 599)))
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
CREATE INDEX agent_executions_price_id_idx ON public.agent_executions USING btree (price_id);
CREATE INDEX agent_executions_service_id_idx ON public.agent_executions USING btree (service_id);
CREATE INDEX agent_executions_vendor_id_idx ON public.agent_executions USING btree (vendor_id);

create table public.agent_feature_mappings (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  feature_id text not null,
  is_primary boolean default false not null,
  user_id uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  constraint agent_feature_mappings_pkey PRIMARY KEY (id),
  constraint agent_feature_mappings_agent_id_feature_id_key UNIQUE (agent_id, feature_id),
  constraint agent_feature_mappings_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint agent_feature_mappings_feature_id_fkey FOREIGN KEY (feature_id) REFERENCES public.agent_features(id) ON DELETE CASCADE,
  constraint agent_feature_mappings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint feature_id_is_a_label CHECK (private.is_label(feature_id))
);
alter table public.agent_feature_mappings enable row level security;
create policy "People read the features of agents that they may use" on public.agent_feature_mappings
  as permissive for select to authenticated
  using (((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = agent_feature_mappings.agent_id))) OR (EXISTS ( SELECT
   FROM private.public_agents
  WHERE (public_agents.id = agent_feature_mappings.agent_id)))));
create policy "Those who edit an agent add its features" on public.agent_feature_mappings
  as permissive for insert to authenticated
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id)))));
create policy "Those who edit an agent change its features" on public.agent_feature_mappings
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id))));
create policy "Those who edit an agent delete its features" on public.agent_feature_mappings
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id))));
grant delete, insert (id, agent_id, feature_id, is_primary, user_id), select, update (id, agent_id, feature_id, is_primary, user_id) on public.agent_feature_mappings to authenticated;
grant delete, insert, select, update on public.agent_feature_mappings to service_role;
CREATE INDEX agent_feature_mappings_feature_id_idx ON public.agent_feature_mappings USING btree (feature_id);
CREATE INDEX agent_feature_mappings_user_id_idx ON public.agent_feature_mappings USING btree (user_id);
CREATE UNIQUE INDEX one_primary_feature_per_agent ON public.agent_feature_mappings USING btree (agent_id) WHERE is_primary;
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.agent_feature_mappings FOR EACH ROW WHEN (((new.id IS NULL) OR (new.is_primary IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.agent_feature_mappings FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.feature_id IS DISTINCT FROM new.feature_id)) OR (old.user_id IS DISTINCT FROM new.user_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id', 'feature_id', 'user_id');

create table public.agent_features (
  id text not null,
  name text not null,
  description text,
  category text,
  icon text,
  is_active boolean default true not null,
  sort_order integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint agent_features_pkey PRIMARY KEY (id),
  constraint feature_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,62}$'::text))
);
alter table public.agent_features enable row level security;
create policy "Anyone reads features" on public.agent_features
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.agent_features to service_role;
grant select on public.agent_features to anon;
grant select on public.agent_features to authenticated;
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.agent_features FOR EACH ROW WHEN (((new.is_active IS NULL) OR (new.sort_order IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER update_agent_features_updated_at BEFORE UPDATE ON public.agent_features FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

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

create table public.agent_metrics (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  metric_type text not null,
  value numeric(30,10) not null,
  unit text,
  metadata jsonb default '{}'::jsonb not null,
  recorded_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  constraint agent_metrics_pkey PRIMARY KEY (id, created_at),
  constraint agent_metrics_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint metric_metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(metadata)),
  constraint metric_recorded_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(recorded_at)),
  constraint metric_type_has_no_control_characters CHECK (private.is_plain(metric_type)),
  constraint metric_type_is_1_to_100_characters CHECK (((char_length(metric_type) >= 1) AND (char_length(metric_type) <= 100))),
  constraint metric_unit_has_no_control_characters CHECK (private.is_plain(unit)),
  constraint metric_unit_is_at_most_50_characters CHECK ((char_length(unit) <= 50))
);
alter table public.agent_metrics enable row level security;
create policy "People read the metrics of agents that they see" on public.agent_metrics
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = agent_metrics.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent record its metrics" on public.agent_metrics
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_metrics.agent_id))));
grant delete, insert, select, update on public.agent_metrics to service_role;
grant insert (agent_id, metric_type, value, unit, metadata, recorded_at), select on public.agent_metrics to authenticated;
CREATE INDEX idx_agent_metrics_agent_id ON ONLY public.agent_metrics USING btree (agent_id, metric_type, recorded_at DESC);
CREATE INDEX idx_agent_metrics_recorded_at ON ONLY public.agent_metrics USING btree (recorded_at);
CREATE INDEX idx_agent_metrics_type ON ONLY public.agent_metrics USING btree (metric_type);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.agent_metrics FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.recorded_at IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

CREATE TRIGGER delete_agent_session INSTEAD OF DELETE ON public.agent_sessions FOR EACH ROW EXECUTE FUNCTION private.delete_agent_session();
CREATE TRIGGER insert_agent_session INSTEAD OF INSERT ON public.agent_sessions FOR EACH ROW EXECUTE FUNCTION private.insert_agent_session();
CREATE TRIGGER update_agent_session INSTEAD OF UPDATE ON public.agent_sessions FOR EACH ROW EXECUTE FUNCTION private.update_agent_session();

create table public.agent_templates (
  id uuid default gen_random_uuid() not null,
  name text not null,
  description text,
  type text not null,
  default_config jsonb default '{}'::jsonb not null,
  is_public boolean default false not null,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint agent_templates_pkey PRIMARY KEY (id),
  constraint agent_templates_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint default_config_is_an_object CHECK ((jsonb_typeof(default_config) = 'object'::text)),
  constraint default_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(default_config)),
  constraint template_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint template_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint template_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint template_type_has_no_control_characters CHECK (private.is_plain(type)),
  constraint template_type_is_1_to_100_characters CHECK (((char_length(type) >= 1) AND (char_length(type) <= 100)))
);
alter table public.agent_templates enable row level security;
create policy "People change their own templates" on public.agent_templates
  as permissive for update to authenticated
  using (((created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)))
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
create policy "People delete their own templates" on public.agent_templates
  as permissive for delete to authenticated
  using ((created_by = ( SELECT auth.uid() AS uid)));
create policy "People make templates" on public.agent_templates
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
create policy "People read public templates and their own" on public.agent_templates
  as permissive for select to authenticated
  using ((is_public OR (created_by = ( SELECT auth.uid() AS uid))));
grant delete, insert (id, name, description, type, default_config, is_public, created_by), select, update (id, name, description, type, default_config, is_public, created_by) on public.agent_templates to authenticated;
grant delete, insert, select, update on public.agent_templates to service_role;
CREATE INDEX agent_templates_created_by_idx ON public.agent_templates USING btree (created_by);
CREATE INDEX agent_templates_public_idx ON public.agent_templates USING btree (is_public);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.agent_templates FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.default_config, 'null'::jsonb) = 'null'::jsonb) OR (new.is_public IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.agent_templates FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.created_by IS DISTINCT FROM new.created_by)))) EXECUTE FUNCTION private.refuse_change('id', 'created_by');
CREATE TRIGGER update_agent_templates_updated_at BEFORE UPDATE ON public.agent_templates FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.agent_thoughts (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  execution_id uuid,
  node_id text not null,
  node_type text not null,
  content text not null,
  metadata jsonb default '{}'::jsonb not null,
  parent_node_id text,
  confidence_score numeric(3,2),
  processing_time_ms integer,
  created_at timestamp with time zone default now() not null,
  constraint agent_thoughts_pkey PRIMARY KEY (id),
  constraint node_is_recorded_once_per_execution UNIQUE (execution_id, node_id),
  constraint agent_thoughts_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint agent_thoughts_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES public.workflow_executions(id) ON DELETE CASCADE,
  constraint confidence_is_between_0_and_1 CHECK (((confidence_score >= (0)::numeric) AND (confidence_score <= (1)::numeric))),
  constraint node_id_has_no_control_characters CHECK (private.is_plain(node_id)),
  constraint node_id_is_1_to_100_characters CHECK (((char_length(node_id) >= 1) AND (char_length(node_id) <= 100))),
  constraint node_type_is_known CHECK ((node_type = ANY (ARRAY['input'::text, 'processing'::text, 'action'::text, 'output'::text]))),
  constraint parent_node_id_has_no_control_characters CHECK (private.is_plain(parent_node_id)),
  constraint parent_node_id_is_1_to_100_characters CHECK (((char_length(parent_node_id) >= 1) AND (char_length(parent_node_id) <= 100))),
  constraint processing_time_is_not_negative CHECK ((processing_time_ms >= 0)),
  constraint thought_content_is_at_most_1_mib CHECK (private.is_content(content)),
  constraint thought_is_not_its_own_parent CHECK ((parent_node_id <> node_id)),
  constraint thought_metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(metadata))
);
alter table public.agent_thoughts enable row level security;
create policy "People read the thoughts of agents that they see" on public.agent_thoughts
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = agent_thoughts.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent delete its thoughts" on public.agent_thoughts
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_thoughts.agent_id))));
create policy "Those who edit an agent record its thoughts" on public.agent_thoughts
  as permissive for insert to authenticated
  with check (((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_thoughts.agent_id))) AND ((execution_id IS NULL) OR (EXISTS ( SELECT
   FROM ((public.workflow_executions
     JOIN public.workflows ON ((workflows.id = workflow_executions.workflow_id)))
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflow_executions.id = agent_thoughts.execution_id))))));
grant delete, insert (agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id, confidence_score, processing_time_ms), select on public.agent_thoughts to authenticated;
grant delete, insert, select, update on public.agent_thoughts to service_role;
CREATE INDEX idx_agent_thoughts_agent_id ON public.agent_thoughts USING btree (agent_id, created_at);
CREATE INDEX idx_agent_thoughts_created_at ON public.agent_thoughts USING btree (created_at);
CREATE INDEX idx_agent_thoughts_execution_id ON public.agent_thoughts USING btree (execution_id, parent_node_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.agent_thoughts FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER broadcast_thoughts AFTER INSERT ON public.agent_thoughts REFERENCING NEW TABLE AS recorded FOR EACH STATEMENT EXECUTE FUNCTION private.broadcast_thoughts();
CREATE TRIGGER check_thought_tree AFTER INSERT OR UPDATE OF execution_id, node_id, parent_node_id ON public.agent_thoughts FOR EACH ROW WHEN ((new.execution_id IS NOT NULL)) EXECUTE FUNCTION private.check_thought_tree();

create table public.agents (
  id uuid default gen_random_uuid() not null,
  name text not null,
  description text,
  type text default 'assistant'::text not null,
  status text default 'inactive'::text not null,
  enabled boolean default true not null,
  vendor_id text,
  service_id text,
  model_name text,
  system_prompt text,
  temperature numeric(3,2),
  max_tokens integer,
  config jsonb default '{}'::jsonb not null,
  capabilities jsonb default '{}'::jsonb not null,
  deployment_config jsonb default '{}'::jsonb not null,
  voice_provider text,
  voice_id text,
  voice_settings jsonb default '{}'::jsonb not null,
  speech_processing jsonb default '{}'::jsonb not null,
  security jsonb default '{}'::jsonb not null,
  knowledge_base_ids text[] default '{}'::text[] not null,
  notes text,
  tags text[] default '{}'::text[] not null,
  activity_score real default 0 not null,
  usage_count bigint default 0 not null,
  last_used_at timestamp with time zone,
  is_favorite boolean default false not null,
  is_public boolean default false not null,
  is_published boolean default false not null,
  is_platform boolean default false not null,
  version integer default 1 not null,
  created_by uuid default auth.uid(),
  organization_id uuid,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  team_id uuid,
  llm_provider text,
  llm_model text,
  config_json jsonb,
  is_active boolean,
  constraint agents_pkey PRIMARY KEY (id),
  constraint agent_service_is_its_vendors FOREIGN KEY (vendor_id, service_id) REFERENCES public.vendor_services(vendor_id, id) ON DELETE RESTRICT,
  constraint agents_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint agents_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint agents_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE RESTRICT,
  constraint agents_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id) ON DELETE RESTRICT,
  constraint activity_score_is_between_0_and_1 CHECK (((activity_score >= (0)::double precision) AND (activity_score <= (1)::double precision))),
  constraint agent_capabilities_are_at_most_256_kib_and_64_levels CHECK (private.is_document(capabilities)),
  constraint agent_config_is_an_object CHECK ((jsonb_typeof(config) = 'object'::text)),
  constraint agent_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(config)),
  constraint agent_deployment_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(deployment_config)),
  constraint agent_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint agent_knowledge_base_ids_are_at_most_100_of_255_characters CHECK (private.is_word_list(knowledge_base_ids)),
  constraint agent_model_name_is_one_line_of_at_most_255_characters CHECK (private.is_label(model_name)),
  constraint agent_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint agent_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint agent_notes_are_at_most_64_kib CHECK (private.is_prose(notes)),
  constraint agent_security_is_at_most_256_kib_and_64_levels CHECK (private.is_document(security)),
  constraint agent_speech_processing_is_at_most_256_kib_and_64_levels CHECK (private.is_document(speech_processing)),
  constraint agent_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'error'::text, 'inactive'::text]))),
  constraint agent_system_prompt_is_at_most_256_kib CHECK (private.is_prompt(system_prompt)),
  constraint agent_tags_are_at_most_100_of_255_characters CHECK (private.is_word_list(tags)),
  constraint agent_type_has_no_control_characters CHECK (private.is_plain(type)),
  constraint agent_type_is_1_to_100_characters CHECK (((char_length(type) >= 1) AND (char_length(type) <= 100))),
  constraint agent_voice_id_is_one_line_of_at_most_255_characters CHECK (private.is_label(voice_id)),
  constraint agent_voice_provider_is_one_line_of_at_most_255_characters CHECK (private.is_label(voice_provider)),
  constraint agent_voice_settings_are_at_most_256_kib_and_64_levels CHECK (private.is_document(voice_settings)),
  constraint allowed_domains_are_a_list CHECK (((NOT (security ? 'allowed_domains'::text)) OR (jsonb_typeof((security -> 'allowed_domains'::text)) = 'array'::text))),
  constraint config_json_is_at_most_256_kib_and_64_levels CHECK (private.is_document(config_json)),
  constraint llm_model_is_a_label CHECK (private.is_label(llm_model)),
  constraint llm_provider_is_a_label CHECK (private.is_label(llm_provider)),
  constraint max_tokens_is_positive CHECK ((max_tokens > 0)),
  constraint platform_agent_has_no_owner CHECK (((NOT is_platform) OR ((created_by IS NULL) AND (organization_id IS NULL)))),
  constraint platform_agent_has_no_prompt CHECK (((NOT is_platform) OR (system_prompt IS NULL))),
  constraint seed_words_agree CHECK ((NOT (((((team_id IS DISTINCT FROM organization_id) OR (llm_provider IS DISTINCT FROM vendor_id)) OR (llm_model IS DISTINCT FROM model_name)) OR (config_json IS DISTINCT FROM config)) OR (is_active IS DISTINCT FROM enabled)))),
  constraint service_id_of_agent_is_a_label CHECK (private.is_label(service_id)),
  constraint temperature_is_between_0_and_2 CHECK (((temperature >= (0)::numeric) AND (temperature <= (2)::numeric))),
  constraint usage_count_is_not_negative CHECK ((usage_count >= 0)),
  constraint vendor_id_of_agent_is_a_label CHECK (private.is_label(vendor_id))
);
alter table public.agents enable row level security;
create policy "No agent takes the id of a deleted one" on public.agents
  as restrictive for insert to authenticated
  with check ((NOT private.is_deleted_id(id)));
create policy "People delete their own agents, agent managers organizations'" on public.agents
  as permissive for delete to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)))));
create policy "People edit their own agents, agent managers organizations'" on public.agents
  as permissive for update to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active))))
  with check (((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active))));
create policy "People make agents, agent managers for organizations" on public.agents
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND (((organization_id IS NULL) AND ( SELECT private.my_account_is_active() AS my_account_is_active)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))))));
create policy "People read their own, their organizations' and platform agents" on public.agents
  as permissive for select to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT private.my_id() AS my_id))) OR is_platform));
grant delete, insert (id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, is_favorite, is_public, is_published, created_by, organization_id, team_id, llm_provider, llm_model, config_json, is_active), select, update (id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, is_favorite, is_public, is_published, created_by, organization_id, team_id, llm_provider, llm_model, config_json, is_active) on public.agents to authenticated;
grant delete, insert, select, update on public.agents to service_role;
CREATE INDEX agents_capabilities_idx ON public.agents USING gin (capabilities jsonb_path_ops);
CREATE INDEX agents_config_idx ON public.agents USING gin (config jsonb_path_ops);
CREATE INDEX agents_own_name_idx ON public.agents USING btree (created_by, name) WHERE (organization_id IS NULL);
CREATE INDEX agents_public_idx ON public.agents USING btree (created_at) WHERE (is_public OR is_published);
CREATE INDEX agents_service_id_idx ON public.agents USING btree (service_id);
CREATE INDEX agents_tags_idx ON public.agents USING gin (tags);
CREATE INDEX idx_active_agents ON public.agents USING btree (created_by) WHERE (status = 'active'::text);
CREATE INDEX idx_agents_organization_id ON public.agents USING btree (organization_id, name);
CREATE INDEX idx_agents_status ON public.agents USING btree (status);
CREATE INDEX idx_agents_type ON public.agents USING btree (type);
CREATE INDEX idx_agents_user_status ON public.agents USING btree (created_by, status);
CREATE INDEX idx_ai_agents_activity_score ON public.agents USING btree (activity_score DESC);
CREATE INDEX idx_ai_agents_last_used ON public.agents USING btree (last_used_at DESC NULLS LAST);
CREATE INDEX idx_ai_agents_vendor ON public.agents USING btree (vendor_id, service_id);
CREATE UNIQUE INDEX platform_agent_name_is_unique ON public.agents USING btree (name) WHERE is_platform;
CREATE TRIGGER add_agent_health AFTER INSERT ON public.agents FOR EACH ROW EXECUTE FUNCTION private.add_agent_health();
CREATE TRIGGER adopt_seed_words BEFORE INSERT OR UPDATE OF organization_id, vendor_id, service_id, model_name, config, enabled, team_id, llm_provider, llm_model, config_json, is_active ON public.agents FOR EACH ROW EXECUTE FUNCTION private.adopt_seed_words();
CREATE TRIGGER agent_status_notification AFTER UPDATE OF status ON public.agents FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) AND (new.created_by IS NOT NULL))) EXECUTE FUNCTION public.notify_agent_status_change();
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.agents FOR EACH ROW WHEN (((new.id IS NULL) OR (new.type IS NULL) OR (new.status IS NULL) OR (new.enabled IS NULL) OR (COALESCE(new.config, 'null'::jsonb) = 'null'::jsonb) OR (COALESCE(new.capabilities, 'null'::jsonb) = 'null'::jsonb) OR (COALESCE(new.deployment_config, 'null'::jsonb) = 'null'::jsonb) OR (COALESCE(new.voice_settings, 'null'::jsonb) = 'null'::jsonb) OR (COALESCE(new.speech_processing, 'null'::jsonb) = 'null'::jsonb) OR (COALESCE(new.security, 'null'::jsonb) = 'null'::jsonb) OR (new.knowledge_base_ids IS NULL) OR (new.tags IS NULL) OR (new.activity_score IS NULL) OR (new.usage_count IS NULL) OR (new.is_favorite IS NULL) OR (new.is_public IS NULL) OR (new.is_published IS NULL) OR (new.is_platform IS NULL) OR (new.version IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER bump_agent_version BEFORE UPDATE OF vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, llm_provider, llm_model, config_json ON public.agents FOR EACH ROW WHEN (((((((((old.vendor_id IS DISTINCT FROM new.vendor_id) OR (old.service_id IS DISTINCT FROM new.service_id)) OR (old.model_name IS DISTINCT FROM new.model_name)) OR (old.system_prompt IS DISTINCT FROM new.system_prompt)) OR (old.temperature IS DISTINCT FROM new.temperature)) OR (old.max_tokens IS DISTINCT FROM new.max_tokens)) OR (old.config IS DISTINCT FROM new.config)) OR (old.capabilities IS DISTINCT FROM new.capabilities))) EXECUTE FUNCTION private.bump_agent_version();
CREATE TRIGGER limit_public_agents AFTER INSERT OR UPDATE OF is_public, is_published ON public.agents FOR EACH ROW WHEN (((new.is_public OR new.is_published) AND (CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name])))) EXECUTE FUNCTION private.limit_public_agents();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.agents FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((old.id IS DISTINCT FROM new.id) OR (old.created_by IS DISTINCT FROM new.created_by)) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.team_id IS DISTINCT FROM new.team_id)))) EXECUTE FUNCTION private.refuse_change('id', 'created_by', 'organization_id', 'team_id');
CREATE TRIGGER remember_deleted_id AFTER DELETE ON public.agents FOR EACH ROW EXECUTE FUNCTION private.remember_deleted_id();
CREATE TRIGGER update_agents_updated_at BEFORE UPDATE ON public.agents FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.ai_agent_configs (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  config_key text not null,
  config_value jsonb not null,
  config_type text default 'general'::text not null,
  description text,
  is_encrypted boolean default false not null,
  user_id uuid default auth.uid() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint ai_agent_configs_pkey PRIMARY KEY (id),
  constraint ai_agent_configs_agent_id_user_id_config_key_key UNIQUE (agent_id, user_id, config_key),
  constraint ai_agent_configs_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint ai_agent_configs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint config_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint config_key_has_no_control_characters CHECK (private.is_plain(config_key)),
  constraint config_key_is_1_to_255_characters CHECK (((char_length(config_key) >= 1) AND (char_length(config_key) <= 255))),
  constraint config_type_is_one_line_of_at_most_255_characters CHECK (private.is_label(config_type)),
  constraint config_value_is_at_most_256_kib_and_64_levels CHECK (private.is_document(config_value)),
  constraint encrypted_config_is_ciphertext CHECK (((NOT is_encrypted) OR ((jsonb_typeof(config_value) = 'string'::text) AND (private.is_ciphertext((config_value #>> '{}'::text[])) IS TRUE))))
);
alter table public.ai_agent_configs enable row level security;
create policy "People change their own configuration values" on public.ai_agent_configs
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND private.sees_agent(agent_id, 'viewer'::text)))
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (NOT is_encrypted) AND private.sees_agent(agent_id, 'viewer'::text)));
create policy "People delete their own configuration values" on public.ai_agent_configs
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND private.sees_agent(agent_id, 'viewer'::text)));
create policy "People read their own plain configuration values" on public.ai_agent_configs
  as permissive for select to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND (NOT is_encrypted) AND ((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = ai_agent_configs.agent_id))) OR (EXISTS ( SELECT
   FROM private.public_agents
  WHERE (public_agents.id = ai_agent_configs.agent_id))))));
create policy "People set values for agents that they see" on public.ai_agent_configs
  as permissive for insert to authenticated
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (NOT is_encrypted) AND private.sees_agent(agent_id, 'viewer'::text)));
grant delete, insert (id, agent_id, config_key, config_value, config_type, description, is_encrypted, user_id), select, update (id, agent_id, config_key, config_value, config_type, description, is_encrypted, user_id) on public.ai_agent_configs to authenticated;
grant delete, insert, select, update on public.ai_agent_configs to service_role;
CREATE INDEX ai_agent_configs_user_id_idx ON public.ai_agent_configs USING btree (user_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.ai_agent_configs FOR EACH ROW WHEN (((new.id IS NULL) OR (new.config_type IS NULL) OR (new.is_encrypted IS NULL) OR (new.user_id IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.ai_agent_configs FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.config_key IS DISTINCT FROM new.config_key)) OR (old.is_encrypted IS DISTINCT FROM new.is_encrypted)) OR (old.user_id IS DISTINCT FROM new.user_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id', 'config_key', 'is_encrypted', 'user_id');
CREATE TRIGGER update_ai_agent_configs_updated_at BEFORE UPDATE ON public.ai_agent_configs FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

CREATE TRIGGER delete_ai_agent INSTEAD OF DELETE ON public.ai_agents FOR EACH ROW EXECUTE FUNCTION private.delete_ai_agent();
CREATE TRIGGER insert_ai_agent INSTEAD OF INSERT ON public.ai_agents FOR EACH ROW EXECUTE FUNCTION private.insert_ai_agent();
CREATE TRIGGER update_ai_agent INSTEAD OF UPDATE ON public.ai_agents FOR EACH ROW EXECUTE FUNCTION private.update_ai_agent();

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
  constraint ai_interactions_interaction_type_id_fkey FOREIGN KEY (interaction_type_id) REFERENCES public.interaction_types(id) ON DELETE RESTRICT,
  constraint ai_interactions_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.models(id) ON DELETE SET NULL,
  constraint ai_interactions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint ai_interactions_price_id_fkey FOREIGN KEY (price_id) REFERENCES public.service_prices(id) ON DELETE RESTRICT,
  constraint ai_interactions_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE RESTRICT,
  constraint ai_interactions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE SET NULL,
  constraint ai_interactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint ai_interactions_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id) ON DELETE RESTRICT,
  constraint content_preview_is_at_most_64_kib CHECK (private.is_prose(content_preview)),
  constraint costs_are_not_negative CHECK (((total_cost >= (0)::numeric) AND (provider_cost >= (0)::numeric))),
  constraint costs_are_numbers CHECK (((total_cost <> 'NaN'::numeric) AND (provider_cost <> 'NaN'::numeric))),
  constraint duration_is_not_negative CHECK ((duration_minutes >= 0)),
  constraint external_id_is_one_line_of_at_most_255_characters CHECK (private.is_label(external_id)),
  constraint external_link_is_a_web_address CHECK (private.is_web_address(external_link)),
  constraint external_metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(external_metadata)),
  constraint feedback_notes_are_at_most_64_kib CHECK (private.is_prose(feedback_notes)),
  constraint full_content_is_at_most_1_mib CHECK (private.is_content(full_content)),
  constraint interaction_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint interaction_ends_after_it_starts CHECK ((ended_at >= started_at)),
  constraint interaction_keywords_are_at_most_100_of_255_characters CHECK (private.is_word_list(keywords)),
  constraint interaction_latency_is_not_negative CHECK (((latency_ms >= 0) AND (first_token_ms >= 0))),
  constraint interaction_model_name_is_one_line_of_at_most_255_characters CHECK (private.is_label(model_name)),
  constraint interaction_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'completed'::text, 'archived'::text, 'deleted'::text]))),
  constraint interaction_tags_are_at_most_100_of_255_characters CHECK (private.is_word_list(tags)),
  constraint interaction_times_are_from_1970_to_2199 CHECK (((started_at >= '1970-01-01 00:00:00+00'::timestamp with time zone) AND (started_at < '2200-01-01 00:00:00+00'::timestamp with time zone) AND (ended_at < '2200-01-01 00:00:00+00'::timestamp with time zone))),
  constraint interaction_title_has_no_control_characters CHECK (private.is_plain(title)),
  constraint interaction_title_is_1_to_500_characters CHECK (((char_length(title) >= 1) AND (char_length(title) <= 500))),
  constraint interaction_type_id_is_a_label CHECK (private.is_label(interaction_type_id)),
  constraint only_a_turn_has_a_state CHECK (((source <> 'manual'::text) = (turn_state IS NOT NULL))),
  constraint recorded_costs_are_at_most_1000_dollars CHECK (((source <> 'manual'::text) OR (total_cost <= (1000)::numeric))),
  constraint recorded_durations_are_at_most_31_days CHECK (((source <> 'manual'::text) OR (duration_minutes <= 44640))),
  constraint recorded_tokens_are_at_most_a_hundred_million CHECK (((source <> 'manual'::text) OR (GREATEST(input_tokens, output_tokens) <= 100000000))),
  constraint satisfaction_rating_is_1_to_5 CHECK (((satisfaction_rating >= 1) AND (satisfaction_rating <= 5))),
  constraint source_is_known CHECK ((source = ANY (ARRAY['manual'::text, 'chat'::text, 'embedding'::text]))),
  constraint tokens_are_at_most_a_trillion CHECK ((GREATEST(input_tokens, output_tokens) <= '1000000000000'::bigint)),
  constraint tokens_are_not_negative CHECK (((input_tokens >= 0) AND (output_tokens >= 0) AND (cached_input_tokens >= 0) AND (cache_write_tokens >= 0) AND (reasoning_tokens >= 0))),
  constraint turn_state_is_known CHECK ((turn_state = ANY (ARRAY['succeeded'::text, 'partial'::text, 'failed'::text]))),
  constraint turns_are_not_deleted CHECK (((source = 'manual'::text) OR (status <> 'deleted'::text))),
  constraint usefulness_rating_is_1_to_5 CHECK (((usefulness_rating >= 1) AND (usefulness_rating <= 5)))
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
CREATE INDEX ai_interactions_external_metadata_idx ON public.ai_interactions USING gin (external_metadata jsonb_path_ops);
CREATE INDEX ai_interactions_interaction_type_id_idx ON public.ai_interactions USING btree (interaction_type_id);
CREATE INDEX ai_interactions_keywords_idx ON public.ai_interactions USING gin (keywords);
CREATE INDEX ai_interactions_model_id_idx ON public.ai_interactions USING btree (model_id);
CREATE INDEX ai_interactions_organization_id_idx ON public.ai_interactions USING btree (organization_id, started_at DESC);
CREATE INDEX ai_interactions_price_id_idx ON public.ai_interactions USING btree (price_id);
CREATE INDEX ai_interactions_service_id_idx ON public.ai_interactions USING btree (service_id);
CREATE INDEX ai_interactions_session_id_idx ON public.ai_interactions USING btree (session_id);
CREATE INDEX ai_interactions_tags_idx ON public.ai_interactions USING gin (tags);
CREATE INDEX ai_interactions_vendor_id_idx ON public.ai_interactions USING btree (vendor_id);
CREATE INDEX idx_ai_interactions_cost ON public.ai_interactions USING btree (total_cost);
CREATE INDEX idx_ai_interactions_created_at ON public.ai_interactions USING btree (created_at);
CREATE INDEX idx_ai_interactions_user_id ON public.ai_interactions USING btree (user_id, started_at DESC, organization_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.ai_interactions FOR EACH ROW WHEN (((new.id IS NULL) OR (new.source IS NULL) OR (new.interaction_type_id IS NULL) OR (COALESCE(new.external_metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.input_tokens IS NULL) OR (new.output_tokens IS NULL) OR (new.cached_input_tokens IS NULL) OR (new.cache_write_tokens IS NULL) OR (new.reasoning_tokens IS NULL) OR (new.usage_is_estimated IS NULL) OR (new.tags IS NULL) OR (new.keywords IS NULL) OR (new.started_at IS NULL) OR (new.status IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER check_agent AFTER INSERT ON public.ai_interactions FOR EACH ROW WHEN (((new.agent_id IS NOT NULL) AND (new.source = 'manual'::text) AND (current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION private.check_agent();
CREATE TRIGGER check_new_agent AFTER UPDATE OF agent_id ON public.ai_interactions FOR EACH ROW WHEN (((new.agent_id IS DISTINCT FROM old.agent_id) AND (new.agent_id IS NOT NULL))) EXECUTE FUNCTION private.check_agent();
CREATE TRIGGER complete_interaction BEFORE INSERT ON public.ai_interactions FOR EACH ROW WHEN ((((new.organization_id IS NULL) OR ((new.vendor_id IS NULL) AND (new.agent_id IS NOT NULL))) AND (current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION private.complete_interaction();
CREATE TRIGGER count_changed_interaction AFTER UPDATE OF agent_id, source, organization_id, user_id ON public.ai_interactions FOR EACH ROW WHEN (((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.source <> new.source) OR ((new.source = 'manual'::text) AND ((old.organization_id IS DISTINCT FROM new.organization_id) OR (old.user_id IS DISTINCT FROM new.user_id))))) EXECUTE FUNCTION private.count_changed_interaction();
CREATE TRIGGER count_deleted_interactions AFTER DELETE ON public.ai_interactions REFERENCING OLD TABLE AS old_interactions FOR EACH STATEMENT WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.count_deleted_interactions();
CREATE TRIGGER count_new_interactions AFTER INSERT ON public.ai_interactions REFERENCING NEW TABLE AS new_interactions FOR EACH STATEMENT WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.count_new_interactions();
CREATE TRIGGER mark_member_active AFTER INSERT ON public.ai_interactions FOR EACH ROW WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.mark_member_active();
CREATE TRIGGER measure_interaction BEFORE INSERT OR UPDATE OF started_at, ended_at, duration_minutes ON public.ai_interactions FOR EACH ROW WHEN ((new.ended_at >= new.started_at)) EXECUTE FUNCTION private.measure_interaction();
CREATE TRIGGER record_late_delete AFTER DELETE ON public.ai_interactions FOR EACH ROW WHEN (((old.started_at < (clock_timestamp() - '00:20:00'::interval)) AND (current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION private.record_usage_deltas();
CREATE TRIGGER record_late_insert AFTER INSERT ON public.ai_interactions FOR EACH ROW WHEN (((new.started_at < (clock_timestamp() - '00:20:00'::interval)) AND (current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION private.record_usage_deltas();
CREATE TRIGGER record_late_update AFTER UPDATE ON public.ai_interactions FOR EACH ROW WHEN ((((old.started_at < (clock_timestamp() - '00:20:00'::interval)) OR (new.started_at < (clock_timestamp() - '00:20:00'::interval))) AND (((((((((((((((old.started_at IS DISTINCT FROM new.started_at) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.vendor_id IS DISTINCT FROM new.vendor_id)) OR (old.model_name IS DISTINCT FROM new.model_name)) OR (old.status IS DISTINCT FROM new.status)) OR (old.turn_state IS DISTINCT FROM new.turn_state)) OR (old.source IS DISTINCT FROM new.source)) OR (old.total_cost IS DISTINCT FROM new.total_cost)) OR (old.input_tokens IS DISTINCT FROM new.input_tokens)) OR (old.output_tokens IS DISTINCT FROM new.output_tokens)) OR (old.duration_minutes IS DISTINCT FROM new.duration_minutes)) OR (old.satisfaction_rating IS DISTINCT FROM new.satisfaction_rating)) OR (old.usefulness_rating IS DISTINCT FROM new.usefulness_rating)))) EXECUTE FUNCTION private.record_usage_deltas();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.ai_interactions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((((((((old.id IS DISTINCT FROM new.id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.model_name IS DISTINCT FROM new.model_name)) OR (old.input_tokens IS DISTINCT FROM new.input_tokens)) OR (old.output_tokens IS DISTINCT FROM new.output_tokens)) OR (old.total_cost IS DISTINCT FROM new.total_cost)) OR (old.started_at IS DISTINCT FROM new.started_at)) OR (old.ended_at IS DISTINCT FROM new.ended_at)) OR (old.duration_minutes IS DISTINCT FROM new.duration_minutes)))) EXECUTE FUNCTION private.refuse_change('id', 'user_id', 'agent_id', 'model_name', 'input_tokens', 'output_tokens', 'total_cost', 'started_at', 'ended_at', 'duration_minutes');
CREATE TRIGGER refuse_far_interaction BEFORE INSERT ON public.ai_interactions FOR EACH ROW WHEN (((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name])) AND (NOT (((new.started_at >= (now() - '10 years'::interval)) AND (new.started_at <= (now() + '1 day'::interval))) AND COALESCE((new.ended_at <= (now() + '1 day'::interval)), true))))) EXECUTE FUNCTION private.refuse_far_interaction();
CREATE TRIGGER update_ai_interactions_updated_at BEFORE UPDATE ON public.ai_interactions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.api_key_events (
  id uuid default gen_random_uuid() not null,
  key_id uuid not null,
  user_id uuid,
  organization_id uuid,
  actor_id uuid,
  event text not null,
  details jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint api_key_events_pkey PRIMARY KEY (id),
  constraint api_key_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint api_key_events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE SET NULL,
  constraint api_key_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint event_is_known CHECK ((event = ANY (ARRAY['created'::text, 'replaced'::text, 'changed'::text, 'deleted'::text, 'decrypted'::text, 'rejected'::text, 'undecryptable'::text])))
);
alter table public.api_key_events enable row level security;
create policy "People read what was done with keys that they see" on public.api_key_events
  as permissive for select to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
grant insert, select on public.api_key_events to service_role;
grant select on public.api_key_events to authenticated;
CREATE INDEX api_key_events_actor_id_idx ON public.api_key_events USING btree (actor_id);
CREATE INDEX api_key_events_created_at_idx ON public.api_key_events USING brin (created_at);
CREATE INDEX api_key_events_key_id_idx ON public.api_key_events USING btree (key_id, created_at DESC);
CREATE INDEX api_key_events_organization_id_idx ON public.api_key_events USING btree (organization_id, created_at DESC);
CREATE INDEX api_key_events_user_id_idx ON public.api_key_events USING btree (user_id, created_at DESC);

create table public.api_usage (
  id uuid default gen_random_uuid() not null,
  user_id uuid,
  agent_id uuid,
  endpoint text not null,
  method text not null,
  status_code integer not null,
  response_time_ms integer,
  cost_usd numeric(20,10),
  created_at timestamp with time zone default now() not null,
  constraint api_usage_pkey PRIMARY KEY (id, created_at),
  constraint api_usage_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE SET NULL,
  constraint api_usage_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint api_cost_is_not_negative CHECK ((cost_usd >= (0)::numeric)),
  constraint endpoint_is_1_to_255_characters CHECK (((char_length(endpoint) >= 1) AND (char_length(endpoint) <= 255))),
  constraint method_is_an_http_method CHECK ((method ~ '^[A-Z]{1,10}$'::text)),
  constraint response_time_is_not_negative CHECK ((response_time_ms >= 0)),
  constraint status_code_is_an_http_status CHECK (((status_code >= 100) AND (status_code <= 599)))
);
alter table public.api_usage enable row level security;
create policy "People read their own calls" on public.api_usage
  as permissive for select to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert, select, update on public.api_usage to service_role;
grant select on public.api_usage to authenticated;
CREATE INDEX idx_api_usage_agent_id ON ONLY public.api_usage USING btree (agent_id);
CREATE INDEX idx_api_usage_created_at ON ONLY public.api_usage USING btree (created_at);
CREATE INDEX idx_api_usage_user_id ON ONLY public.api_usage USING btree (user_id, created_at DESC);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.api_usage FOR EACH ROW WHEN (((new.id IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();

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
CREATE INDEX budgets_user_id_idx ON public.budgets USING btree (organization_id, user_id);
CREATE TRIGGER begin_budget_period BEFORE INSERT ON public.budgets FOR EACH ROW WHEN (private.may_set_budget(new.organization_id, new.access_key_id)) EXECUTE FUNCTION private.begin_budget_period();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.budgets FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.access_key_id IS DISTINCT FROM new.access_key_id)) OR (old.period IS DISTINCT FROM new.period)) OR (old.created_by IS DISTINCT FROM new.created_by)))) EXECUTE FUNCTION private.refuse_change('id', 'organization_id', 'user_id', 'agent_id', 'access_key_id', 'period', 'created_by');
CREATE TRIGGER update_budgets_updated_at BEFORE UPDATE ON public.budgets FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.chat_messages (
  id uuid default gen_random_uuid() not null,
  session_id uuid not null,
  interaction_id uuid,
  seq bigint generated always as identity not null,
  role text not null,
  content text default ''::text not null,
  content_parts jsonb,
  name text,
  tool_calls jsonb,
  tool_call_id text,
  continuation jsonb,
  content_fingerprint uuid generated always as (private.message_fingerprint(role, name, content, content_parts, tool_calls)) stored,
  history_fingerprint uuid,
  finish_reason text,
  status text default 'complete'::text not null,
  tokens_in integer,
  tokens_out integer,
  tokens_used integer,
  latency_ms integer,
  model_used text,
  audio_url text,
  audio_duration_ms integer,
  created_at timestamp with time zone default now() not null,
  constraint chat_messages_pkey PRIMARY KEY (id),
  constraint chat_messages_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint audio_duration_is_not_negative CHECK ((audio_duration_ms >= 0)),
  constraint audio_url_is_a_web_address_or_a_path CHECK ((private.is_web_address(audio_url) OR (audio_url ~ '^[A-Za-z0-9_./-]{1,1024}$'::text))),
  constraint content_parts_are_a_list CHECK ((jsonb_typeof(content_parts) = 'array'::text)),
  constraint content_parts_are_at_most_64_mib CHECK ((pg_column_size(content_parts) <= 67108864)),
  constraint continuation_is_an_object CHECK ((jsonb_typeof(continuation) = 'object'::text)),
  constraint continuation_is_at_most_64_mib CHECK ((pg_column_size(continuation) <= 67108864)),
  constraint message_content_is_at_most_64_mib CHECK ((octet_length(content) <= 67108864)),
  constraint message_latency_is_not_negative CHECK ((latency_ms >= 0)),
  constraint message_name_is_one_line_of_at_most_255_characters CHECK (private.is_label(name)),
  constraint message_role_is_known CHECK ((role = ANY (ARRAY['system'::text, 'developer'::text, 'user'::text, 'assistant'::text, 'tool'::text]))),
  constraint message_status_is_known CHECK ((status = ANY (ARRAY['complete'::text, 'partial'::text, 'error'::text]))),
  constraint message_tokens_are_not_negative CHECK (((tokens_in >= 0) AND (tokens_out >= 0) AND (tokens_used >= 0))),
  constraint model_used_is_one_line_of_at_most_255_characters CHECK (private.is_label(model_used)),
  constraint only_a_tool_answers_a_call CHECK (((tool_call_id IS NULL) OR (role = 'tool'::text))),
  constraint only_an_assistant_calls_tools CHECK (((tool_calls IS NULL) OR (role = 'assistant'::text))),
  constraint tool_call_id_has_no_control_characters CHECK (private.is_plain(tool_call_id)),
  constraint tool_call_id_is_at_most_64_kib CHECK (private.is_prose(tool_call_id)),
  constraint tool_calls_are_a_list CHECK ((jsonb_typeof(tool_calls) = 'array'::text)),
  constraint tool_calls_are_at_most_64_mib CHECK ((pg_column_size(tool_calls) <= 67108864))
);
alter table public.chat_messages enable row level security;
create policy "People read the messages of sessions that they see" on public.chat_messages
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.chat_sessions
  WHERE (chat_sessions.id = chat_messages.session_id)
 OFFSET 0)));
create policy "People write messages in their own sessions" on public.chat_messages
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM public.chat_sessions
  WHERE ((chat_sessions.id = chat_messages.session_id) AND (chat_sessions.user_id = ( SELECT auth.uid() AS uid)) AND (chat_sessions.org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))))));
grant delete, insert, select, update on public.chat_messages to service_role;
grant insert (session_id, role, content, content_parts, name, tool_calls, tool_call_id, tokens_in, tokens_out, tokens_used, latency_ms, model_used, audio_url, audio_duration_ms), select on public.chat_messages to authenticated;
CREATE INDEX chat_messages_created_at_idx ON public.chat_messages USING btree (created_at);
CREATE INDEX chat_messages_history_fingerprint_idx ON public.chat_messages USING btree (history_fingerprint, seq) WHERE (history_fingerprint IS NOT NULL);
CREATE INDEX chat_messages_instructions_idx ON public.chat_messages USING btree (session_id, seq) WHERE (role = ANY (ARRAY['system'::text, 'developer'::text]));
CREATE INDEX chat_messages_interaction_id_idx ON public.chat_messages USING btree (interaction_id);
CREATE INDEX chat_messages_session_id_idx ON public.chat_messages USING btree (session_id, seq);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.chat_messages FOR EACH ROW WHEN (((new.id IS NULL) OR (new.content IS NULL) OR (new.status IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER count_deleted_messages AFTER DELETE ON public.chat_messages REFERENCING OLD TABLE AS old_messages FOR EACH STATEMENT WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.count_deleted_messages();
CREATE TRIGGER count_moved_message AFTER UPDATE OF session_id ON public.chat_messages FOR EACH ROW WHEN ((old.session_id <> new.session_id)) EXECUTE FUNCTION private.count_moved_message();
CREATE TRIGGER count_new_messages AFTER INSERT ON public.chat_messages REFERENCING NEW TABLE AS new_messages FOR EACH STATEMENT EXECUTE FUNCTION private.count_new_messages();
CREATE TRIGGER refuse_large_message BEFORE INSERT ON public.chat_messages FOR EACH ROW WHEN (((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name])) AND (NOT ((octet_length(new.content) <= 1048576) AND (COALESCE(pg_column_size(new.content_parts), 0) <= 1048576) AND (COALESCE(pg_column_size(new.tool_calls), 0) <= 1048576))))) EXECUTE FUNCTION private.refuse_large_message();

create table public.chat_sessions (
  id uuid default gen_random_uuid() not null,
  session_id text default private.new_token('sess_'::text) not null,
  user_id uuid default auth.uid(),
  org_id uuid not null,
  agent_id uuid,
  model_id uuid,
  title text,
  metadata jsonb default '{}'::jsonb not null,
  website_domain text,
  ip_address inet,
  channel text default 'api'::text not null,
  message_count integer default 0 not null,
  context_data jsonb default '{}'::jsonb not null,
  current_branch int8multirange default '{(,)}'::int8multirange not null,
  prompt_limit integer,
  status text default 'active'::text not null,
  started_at timestamp with time zone default now() not null,
  last_activity_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint chat_sessions_pkey PRIMARY KEY (id),
  constraint chat_sessions_session_id_key UNIQUE (session_id),
  constraint chat_sessions_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE SET NULL,
  constraint chat_sessions_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.models(id) ON DELETE SET NULL,
  constraint chat_sessions_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint chat_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint channel_has_no_control_characters CHECK (private.is_plain(channel)),
  constraint channel_is_1_to_50_characters CHECK (((char_length(channel) >= 1) AND (char_length(channel) <= 50))),
  constraint context_data_is_an_object CHECK ((jsonb_typeof(context_data) = 'object'::text)),
  constraint context_data_is_at_most_256_kib_and_64_levels CHECK (private.is_document(context_data)),
  constraint current_branch_is_not_empty CHECK ((NOT isempty(current_branch))),
  constraint message_count_is_not_negative CHECK ((message_count >= 0)),
  constraint prompt_limit_is_positive CHECK ((prompt_limit > 0)),
  constraint session_ended_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(ended_at)),
  constraint session_ends_after_it_starts CHECK ((ended_at >= started_at)),
  constraint session_id_has_no_control_characters CHECK (private.is_plain(session_id)),
  constraint session_id_is_16_to_255_characters CHECK (((char_length(session_id) >= 16) AND (char_length(session_id) <= 255))),
  constraint session_metadata_is_an_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint session_metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(metadata)),
  constraint session_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'ended'::text, 'expired'::text, 'closed'::text, 'completed'::text, 'inactive'::text]))),
  constraint session_title_has_no_control_characters CHECK (private.is_plain(title)),
  constraint session_title_is_at_most_255_characters CHECK ((char_length(title) <= 255)),
  constraint session_without_person_names_its_site CHECK (((user_id IS NOT NULL) OR (website_domain IS NOT NULL) OR (channel = ANY (ARRAY['voice'::text, 'phone'::text])))),
  constraint website_domain_is_a_host_name CHECK ((website_domain ~ '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$'::text))
);
alter table public.chat_sessions enable row level security;
create policy "Members begin sessions" on public.chat_sessions
  as permissive for insert to authenticated
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations))) AND ((agent_id IS NULL) OR private.sees_agent(agent_id, 'member'::text)) AND ((model_id IS NULL) OR (EXISTS ( SELECT
   FROM public.models
  WHERE (models.id = chat_sessions.model_id))))));
create policy "People change their own sessions" on public.chat_sessions
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))))
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))));
create policy "People delete their own sessions" on public.chat_sessions
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations)))));
create policy "People read their own sessions, members those of visitors" on public.chat_sessions
  as permissive for select to authenticated
  using (((org_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))) AND ((user_id IS NULL) OR (user_id = ( SELECT private.my_id() AS my_id)))));
grant delete, insert (id, session_id, user_id, org_id, agent_id, model_id, title, metadata, website_domain, ip_address, channel, context_data), select, update (id, session_id, user_id, org_id, agent_id, model_id, title, metadata, website_domain, ip_address, channel, context_data, status, ended_at) on public.chat_sessions to authenticated;
grant delete, insert, select, update on public.chat_sessions to service_role;
CREATE INDEX chat_sessions_agent_id_idx ON public.chat_sessions USING btree (agent_id);
CREATE INDEX chat_sessions_last_activity_at_idx ON public.chat_sessions USING btree (last_activity_at) WHERE (status = 'active'::text);
CREATE INDEX chat_sessions_model_id_idx ON public.chat_sessions USING btree (model_id);
CREATE INDEX chat_sessions_org_id_idx ON public.chat_sessions USING btree (org_id, last_activity_at DESC);
CREATE INDEX chat_sessions_user_id_idx ON public.chat_sessions USING btree (user_id, last_activity_at DESC);
CREATE INDEX chat_sessions_visitors_idx ON public.chat_sessions USING btree (org_id, last_activity_at DESC) WHERE (user_id IS NULL);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.chat_sessions FOR EACH ROW WHEN (((new.id IS NULL) OR (new.session_id IS NULL) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.channel IS NULL) OR (new.message_count IS NULL) OR (COALESCE(new.context_data, 'null'::jsonb) = 'null'::jsonb) OR (new.current_branch IS NULL) OR (new.status IS NULL) OR (new.started_at IS NULL) OR (new.last_activity_at IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER complete_session BEFORE INSERT ON public.chat_sessions FOR EACH ROW WHEN ((new.org_id IS NULL)) EXECUTE FUNCTION private.complete_session();
CREATE TRIGGER end_session BEFORE UPDATE OF status ON public.chat_sessions FOR EACH ROW WHEN ((((new.status = 'active'::text) <> (old.status = 'active'::text)) AND (NOT (new.ended_at IS DISTINCT FROM old.ended_at)))) EXECUTE FUNCTION private.end_session();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.chat_sessions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((((((old.id IS DISTINCT FROM new.id) OR (old.session_id IS DISTINCT FROM new.session_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.org_id IS DISTINCT FROM new.org_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.model_id IS DISTINCT FROM new.model_id)) OR (old.website_domain IS DISTINCT FROM new.website_domain)) OR (old.ip_address IS DISTINCT FROM new.ip_address)) OR (old.channel IS DISTINCT FROM new.channel)))) EXECUTE FUNCTION private.refuse_change('id', 'session_id', 'user_id', 'org_id', 'agent_id', 'model_id', 'website_domain', 'ip_address', 'channel');
CREATE TRIGGER update_chat_sessions_updated_at BEFORE UPDATE ON public.chat_sessions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.deployments (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  version integer default 1 not null,
  status text default 'pending'::text not null,
  trigger_type text,
  trigger_config jsonb default '{}'::jsonb not null,
  snapshot jsonb default '{}'::jsonb not null,
  deployment_url text,
  error_message text,
  deployed_at timestamp with time zone,
  stopped_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint deployments_pkey PRIMARY KEY (id),
  constraint deployment_version_is_used_once_per_agent UNIQUE (agent_id, version),
  constraint deployments_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint deployed_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(deployed_at)),
  constraint deployment_error_message_is_at_most_64_kib CHECK (private.is_prose(error_message)),
  constraint deployment_status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'deploying'::text, 'deployed'::text, 'failed'::text, 'stopped'::text]))),
  constraint deployment_stops_after_it_starts CHECK ((stopped_at >= deployed_at)),
  constraint deployment_trigger_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(trigger_config)),
  constraint deployment_url_is_http CHECK (private.is_web_address(deployment_url)),
  constraint stopped_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(stopped_at)),
  constraint trigger_type_has_no_control_characters CHECK (private.is_plain(trigger_type)),
  constraint trigger_type_is_at_most_100_characters CHECK ((char_length(trigger_type) <= 100)),
  constraint version_counts_from_1 CHECK ((version >= 1))
);
alter table public.deployments enable row level security;
create policy "People read the deployments of agents that they see" on public.deployments
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = deployments.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent change its deployments" on public.deployments
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))));
create policy "Those who edit an agent delete its deployments" on public.deployments
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))));
create policy "Those who edit an agent deploy it" on public.deployments
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))));
grant delete, insert (id, agent_id, version, status, trigger_type, trigger_config, deployment_url, error_message, deployed_at, stopped_at), select, update (id, agent_id, version, status, trigger_type, trigger_config, deployment_url, error_message, deployed_at, stopped_at) on public.deployments to authenticated;
grant delete, insert, select, update on public.deployments to service_role;
CREATE INDEX deployments_agent_id_created_at_idx ON public.deployments USING btree (agent_id, created_at DESC);
CREATE INDEX idx_deployments_agent_status ON public.deployments USING btree (agent_id, status);
CREATE INDEX idx_deployments_status ON public.deployments USING btree (status);
CREATE UNIQUE INDEX deployments_replica_identity ON public.deployments USING btree (id, agent_id);
CREATE UNIQUE INDEX one_deployment_of_an_agent_is_live ON public.deployments USING btree (agent_id) WHERE (status = 'deployed'::text);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.deployments FOR EACH ROW WHEN (((new.id IS NULL) OR (new.version IS NULL) OR (new.status IS NULL) OR (COALESCE(new.trigger_config, 'null'::jsonb) = 'null'::jsonb) OR (COALESCE(new.snapshot, 'null'::jsonb) = 'null'::jsonb) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER change_deployment_status BEFORE UPDATE OF status ON public.deployments FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) AND (new.status = ANY (ARRAY['pending'::text, 'deploying'::text, 'deployed'::text, 'failed'::text, 'stopped'::text])))) EXECUTE FUNCTION private.change_deployment_status();
CREATE TRIGGER follow_deployment AFTER UPDATE OF status ON public.deployments FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION private.follow_deployment();
CREATE TRIGGER number_deployment BEFORE INSERT ON public.deployments FOR EACH ROW EXECUTE FUNCTION private.number_deployment();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.deployments FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.version IS DISTINCT FROM new.version)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id', 'version');
CREATE TRIGGER update_deployments_updated_at BEFORE UPDATE ON public.deployments FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.interaction_types (
  id text not null,
  name text not null,
  description text,
  category text,
  icon text,
  color text,
  is_active boolean default true not null,
  sort_order integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint interaction_types_pkey PRIMARY KEY (id),
  constraint color_is_three_or_six_hex_digits CHECK ((color ~ '^#([0-9a-f]{3}|[0-9a-f]{6})$'::text)),
  constraint interaction_type_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,62}$'::text))
);
alter table public.interaction_types enable row level security;
create policy "Anyone reads interaction types" on public.interaction_types
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.interaction_types to service_role;
grant select on public.interaction_types to anon;
grant select on public.interaction_types to authenticated;
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.interaction_types FOR EACH ROW WHEN (((new.is_active IS NULL) OR (new.sort_order IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER update_interaction_types_updated_at BEFORE UPDATE ON public.interaction_types FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.mcp_sessions (
  session_id text default private.new_token('mcp_'::text) not null,
  user_id uuid default auth.uid() not null,
  mcp_state jsonb default '{}'::jsonb not null,
  oauth_provider text,
  oauth_status text,
  oauth_data jsonb,
  oauth_issued_at timestamp with time zone,
  oauth_expires_at timestamp with time zone,
  oauth_refreshable boolean,
  oauth_lease uuid,
  oauth_lease_until timestamp with time zone,
  oauth_failing_since timestamp with time zone,
  expires_at timestamp with time zone default (now() + '24:00:00'::interval) not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint mcp_sessions_pkey PRIMARY KEY (session_id),
  constraint mcp_sessions_oauth_provider_fkey FOREIGN KEY (oauth_provider) REFERENCES public.oauth_providers(id) ON DELETE CASCADE,
  constraint mcp_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint mcp_session_expires_after_it_is_made CHECK ((expires_at > created_at)),
  constraint mcp_session_id_has_no_control_characters CHECK (private.is_plain(session_id)),
  constraint mcp_session_lives_at_most_90_days_unchanged CHECK ((expires_at <= (updated_at + '90 days'::interval))),
  constraint mcp_state_is_an_object CHECK ((jsonb_typeof(mcp_state) = 'object'::text)),
  constraint mcp_state_is_at_most_256_kib_and_64_levels CHECK (private.is_document(mcp_state)),
  constraint oauth_columns_belong_together CHECK (
CASE
    WHEN (oauth_provider IS NULL) THEN (num_nonnulls(oauth_status, oauth_data, oauth_issued_at, oauth_expires_at, oauth_refreshable, oauth_lease, oauth_lease_until, oauth_failing_since) = 0)
    ELSE ((oauth_status IS NOT NULL) AND (oauth_refreshable IS NOT NULL) AND ((oauth_data IS NOT NULL) = (oauth_status = 'connected'::text)))
END),
  constraint oauth_data_is_ciphertext CHECK (((oauth_data IS NULL) OR ((private.is_ciphertext((oauth_data ->> 'ciphertext'::text)) IS TRUE) AND ((oauth_data - 'ciphertext'::text) = '{}'::jsonb)))),
  constraint oauth_lease_ends CHECK (((oauth_lease IS NULL) OR (oauth_lease_until IS NOT NULL))),
  constraint oauth_status_is_known CHECK ((oauth_status = ANY (ARRAY['connected'::text, 'needs_reauth'::text]))),
  constraint session_id_is_1_to_255_characters CHECK (((char_length(session_id) >= 1) AND (char_length(session_id) <= 255)))
);
alter table public.mcp_sessions enable row level security;
create policy "People begin MCP sessions" on public.mcp_sessions
  as permissive for insert to authenticated
  with check ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People change their own MCP sessions" on public.mcp_sessions
  as permissive for update to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)))
  with check ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People end their own MCP sessions" on public.mcp_sessions
  as permissive for delete to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People read their own MCP sessions" on public.mcp_sessions
  as permissive for select to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert (session_id, user_id, mcp_state, expires_at), select (session_id, user_id, mcp_state, oauth_provider, oauth_status, oauth_expires_at, oauth_refreshable, expires_at, created_at, updated_at), update (session_id, user_id, mcp_state, expires_at) on public.mcp_sessions to authenticated;
grant delete, insert, select, update on public.mcp_sessions to service_role;
CREATE INDEX mcp_sessions_expires_at_idx ON public.mcp_sessions USING btree (expires_at);
CREATE INDEX mcp_sessions_oauth_provider_idx ON public.mcp_sessions USING btree (oauth_provider);
CREATE INDEX mcp_sessions_user_id_idx ON public.mcp_sessions USING btree (user_id);
CREATE UNIQUE INDEX one_mcp_session_per_person_and_provider ON public.mcp_sessions USING btree (user_id, oauth_provider) WHERE (oauth_provider IS NOT NULL);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.mcp_sessions FOR EACH ROW WHEN (((new.session_id IS NULL) OR (new.user_id IS NULL) OR (COALESCE(new.mcp_state, 'null'::jsonb) = 'null'::jsonb) OR (new.expires_at IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.mcp_sessions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.session_id IS DISTINCT FROM new.session_id) OR (old.user_id IS DISTINCT FROM new.user_id)))) EXECUTE FUNCTION private.refuse_change('session_id', 'user_id');
CREATE TRIGGER update_mcp_sessions_updated_at BEFORE UPDATE ON public.mcp_sessions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.models (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  name text not null,
  display_name text,
  provider text,
  model_id text,
  service_id text,
  enabled boolean default true not null,
  is_default boolean default false not null,
  config jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint models_pkey PRIMARY KEY (id),
  constraint models_agent_id_name_key UNIQUE (agent_id, name),
  constraint models_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint models_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE RESTRICT,
  constraint model_config_is_an_object CHECK ((jsonb_typeof(config) = 'object'::text)),
  constraint model_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(config)),
  constraint model_display_name_is_one_line_of_at_most_255_characters CHECK (private.is_label(display_name)),
  constraint model_id_is_one_line_of_at_most_255_characters CHECK (private.is_label(model_id)),
  constraint model_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint model_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint model_provider_is_one_line_of_at_most_255_characters CHECK (private.is_label(provider)),
  constraint service_id_of_model_is_a_label CHECK (private.is_label(service_id))
);
alter table public.models enable row level security;
create policy "People read the models of agents that they read" on public.models
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = models.agent_id))));
create policy "Those who edit an agent add its models" on public.models
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))));
create policy "Those who edit an agent change its models" on public.models
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))));
create policy "Those who edit an agent delete its models" on public.models
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))));
grant delete, insert (id, agent_id, name, display_name, provider, model_id, service_id, enabled, is_default, config), select, update (id, agent_id, name, display_name, provider, model_id, service_id, enabled, is_default, config) on public.models to authenticated;
grant delete, insert, select, update on public.models to service_role;
CREATE INDEX models_name_idx ON public.models USING btree (name);
CREATE INDEX models_service_id_idx ON public.models USING btree (service_id);
CREATE UNIQUE INDEX one_default_model_per_agent ON public.models USING btree (agent_id) WHERE is_default;
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.models FOR EACH ROW WHEN (((new.id IS NULL) OR (new.enabled IS NULL) OR (new.is_default IS NULL) OR (COALESCE(new.config, 'null'::jsonb) = 'null'::jsonb) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.models FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id');
CREATE TRIGGER update_models_updated_at BEFORE UPDATE ON public.models FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.notifications (
  id uuid default gen_random_uuid() not null,
  user_id uuid default auth.uid() not null,
  type text not null,
  title text not null,
  message text not null,
  data jsonb default '{}'::jsonb not null,
  priority text default 'medium'::text not null,
  read_at timestamp with time zone,
  expires_at timestamp with time zone,
  topic text,
  occurrences integer default 1 not null,
  last_occurred_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint notification_data_is_at_most_256_kib_and_64_levels CHECK (private.is_document(data)),
  constraint notification_expires_after_it_is_made CHECK ((expires_at > created_at)),
  constraint notification_expires_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(expires_at)),
  constraint notification_message_is_at_most_64_kib CHECK (private.is_prose(message)),
  constraint notification_occurs_at_least_once CHECK ((occurrences > 0)),
  constraint notification_read_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(read_at)),
  constraint notification_title_has_no_control_characters CHECK (private.is_plain(title)),
  constraint notification_title_is_at_most_255_characters CHECK (((char_length(title) >= 1) AND (char_length(title) <= 255))),
  constraint notification_type_has_no_control_characters CHECK (private.is_plain(type)),
  constraint notification_type_is_at_most_100_characters CHECK (((char_length(type) >= 1) AND (char_length(type) <= 100))),
  constraint priority_is_known CHECK ((priority = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text, 'critical'::text]))),
  constraint read_at_is_not_before_created_at CHECK ((read_at >= created_at))
);
alter table public.notifications enable row level security;
create policy "People delete their own notifications" on public.notifications
  as permissive for delete to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People mark their own notifications" on public.notifications
  as permissive for update to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)))
  with check ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People read their own notifications" on public.notifications
  as permissive for select to authenticated
  using ((user_id = ( SELECT private.my_id() AS my_id)));
create policy "People write notes to themselves" on public.notifications
  as permissive for insert to authenticated
  with check ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert (id, user_id, type, title, message, data, priority, expires_at), select, update (id, user_id, type, title, message, data, priority, read_at, expires_at) on public.notifications to authenticated;
grant delete, insert, select, update on public.notifications to service_role;
CREATE INDEX idx_notifications_created_at ON public.notifications USING brin (created_at);
CREATE INDEX idx_notifications_priority ON public.notifications USING btree (priority);
CREATE INDEX idx_notifications_user_id ON public.notifications USING btree (user_id, created_at DESC);
CREATE INDEX idx_unread_notifications ON public.notifications USING btree (user_id, created_at) WHERE (read_at IS NULL);
CREATE INDEX notifications_expires_at_idx ON public.notifications USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE UNIQUE INDEX notifications_replica_identity ON public.notifications USING btree (id, user_id);
CREATE UNIQUE INDEX one_unread_notification_per_topic ON public.notifications USING btree (user_id, topic) WHERE (topic IS NOT NULL);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.notifications FOR EACH ROW WHEN (((new.id IS NULL) OR (new.user_id IS NULL) OR (COALESCE(new.data, 'null'::jsonb) = 'null'::jsonb) OR (new.priority IS NULL) OR (new.occurrences IS NULL) OR (new.last_occurred_at IS NULL) OR (new.created_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER close_topic BEFORE UPDATE OF read_at ON public.notifications FOR EACH ROW WHEN ((new.read_at IS NOT NULL)) EXECUTE FUNCTION private.close_topic();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.notifications FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((((((old.id IS DISTINCT FROM new.id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.type IS DISTINCT FROM new.type)) OR (old.title IS DISTINCT FROM new.title)) OR (old.message IS DISTINCT FROM new.message)) OR (old.data IS DISTINCT FROM new.data)) OR (old.priority IS DISTINCT FROM new.priority)) OR (old.expires_at IS DISTINCT FROM new.expires_at)))) EXECUTE FUNCTION private.refuse_change('id', 'user_id', 'type', 'title', 'message', 'data', 'priority', 'expires_at');

create table public.oauth_providers (
  id text not null,
  name text not null,
  token_endpoint text not null,
  client_authentication text default 'post'::text not null,
  resource text,
  scope text,
  default_lifetime interval,
  refusals text[] default private.oauth_refusals() not null,
  revocation_endpoint text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint oauth_providers_pkey PRIMARY KEY (id),
  constraint client_authentication_is_known CHECK ((client_authentication = ANY (ARRAY['post'::text, 'basic'::text, 'basic_plain'::text, 'none'::text]))),
  constraint default_lifetime_is_a_second_to_ten_years CHECK (((default_lifetime >= '00:00:01'::interval) AND (default_lifetime <= '10 years'::interval))),
  constraint oauth_provider_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
  constraint oauth_provider_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint refusals_are_error_codes CHECK (private.matches_each(refusals, '^([1-5][0-9]{2}:)?[a-z0-9_.-]{1,100}$'::text)),
  constraint resource_is_an_absolute_uri CHECK ((resource ~ '^[a-z][a-z0-9+.-]*:[^\s#]+$'::text)),
  constraint revocation_endpoint_is_https_or_loopback CHECK ((revocation_endpoint ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s#]+$'::text)),
  constraint scope_is_words_of_visible_characters CHECK ((scope ~ '^[!-~]+( [!-~]+)*$'::text)),
  constraint token_endpoint_is_https_or_loopback CHECK ((token_endpoint ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s#]+$'::text))
);
alter table public.oauth_providers enable row level security;
create policy "People read OAuth providers" on public.oauth_providers
  as permissive for select to authenticated
  using (true);
grant delete, insert, select, update on public.oauth_providers to service_role;
grant select on public.oauth_providers to authenticated;
CREATE TRIGGER update_oauth_providers_updated_at BEFORE UPDATE ON public.oauth_providers FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.organization_invitations (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  email text not null,
  role text not null,
  token_hash text not null,
  invited_by uuid,
  expires_at timestamp with time zone default (now() + '7 days'::interval) not null,
  accepted_at timestamp with time zone,
  accepted_by uuid,
  created_at timestamp with time zone default now() not null,
  constraint organization_invitations_pkey PRIMARY KEY (id),
  constraint organization_invitations_token_hash_key UNIQUE (token_hash),
  constraint organization_invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organization_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organization_invitations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint accepted_by_needs_accepted_at CHECK (((accepted_by IS NULL) OR (accepted_at IS NOT NULL))),
  constraint invitation_email_has_an_at_sign CHECK (private.is_email(email)),
  constraint invitation_expires_after_it_is_made CHECK ((expires_at > created_at)),
  constraint invitation_role_is_known_and_not_owner CHECK (private.is_invited_role(role)),
  constraint token_hash_is_sha256_in_hex CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
alter table public.organization_invitations enable row level security;
create policy "Admins read invitations" on public.organization_invitations
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))));
create policy "Admins withdraw invitations" on public.organization_invitations
  as permissive for delete to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))));
grant delete, insert, select, update on public.organization_invitations to service_role;
grant delete, select (id, organization_id, email, role, invited_by, expires_at, accepted_at, accepted_by, created_at) on public.organization_invitations to authenticated;
CREATE INDEX organization_invitations_accepted_by_idx ON public.organization_invitations USING btree (accepted_by);
CREATE INDEX organization_invitations_invited_by_idx ON public.organization_invitations USING btree (invited_by);
CREATE INDEX organization_invitations_organization_id_idx ON public.organization_invitations USING btree (organization_id);
CREATE UNIQUE INDEX one_open_invitation_per_address ON public.organization_invitations USING btree (organization_id, lower((email COLLATE "C"))) WHERE (accepted_at IS NULL);

create table public.organization_members (
  organization_id uuid not null,
  user_id uuid not null,
  role text default 'member'::text not null,
  permissions jsonb default '{}'::jsonb not null,
  granted_by uuid default auth.uid(),
  granted_at timestamp with time zone default now() not null,
  last_active_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint organization_members_pkey PRIMARY KEY (organization_id, user_id),
  constraint organization_members_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organization_members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint organization_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint permissions_are_an_object CHECK ((jsonb_typeof(permissions) = 'object'::text)),
  constraint permissions_are_at_most_256_kib_and_64_levels CHECK (private.is_document(permissions)),
  constraint role_is_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'agent_manager'::text, 'member'::text, 'viewer'::text])))
);
alter table public.organization_members enable row level security;
create policy "Admins change members, owners change owners" on public.organization_members
  as permissive for update to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))) OR ((role <> 'owner'::text) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))))))
  with check (((organization_id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))) OR ((role <> 'owner'::text) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))))));
create policy "Admins remove members, owners remove owners, anyone leaves" on public.organization_members
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))) OR ((role <> 'owner'::text) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))))));
create policy "Members read who else is a member" on public.organization_members
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant delete, insert, select, update on public.organization_members to service_role;
grant delete, select, update (role, permissions) on public.organization_members to authenticated;
CREATE INDEX organization_members_granted_by_idx ON public.organization_members USING btree (granted_by);
CREATE INDEX organization_members_user_id_idx ON public.organization_members USING btree (user_id, organization_id);
CREATE CONSTRAINT TRIGGER organization_keeps_owner AFTER DELETE OR UPDATE OF role, organization_id ON public.organization_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION private.require_remaining_owner();
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.organization_members FOR EACH ROW WHEN (((new.role IS NULL) OR (COALESCE(new.permissions, 'null'::jsonb) = 'null'::jsonb) OR (new.granted_at IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER record_grant BEFORE UPDATE OF role ON public.organization_members FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION private.record_grant();
CREATE TRIGGER revoke_keys_of_leaver AFTER DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION private.revoke_keys_of_leaver();
CREATE TRIGGER unshare_keys_of_leaver AFTER DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION private.unshare_keys_of_leaver();
CREATE TRIGGER update_organization_members_updated_at BEFORE UPDATE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER void_invitations AFTER DELETE OR UPDATE OF role ON public.organization_members FOR EACH ROW EXECUTE FUNCTION private.void_invitations();

create table public.organizations (
  id uuid default gen_random_uuid() not null,
  name text not null,
  slug text not null,
  plan text default 'starter'::text not null,
  settings jsonb default '{}'::jsonb not null,
  metadata jsonb default '{}'::jsonb not null,
  timezone text default 'UTC'::text not null,
  is_personal boolean default false not null,
  created_by uuid default auth.uid(),
  deleted_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_slug_key UNIQUE (slug),
  constraint organizations_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organizations_plan_fkey FOREIGN KEY (plan) REFERENCES public.plans(id) ON UPDATE CASCADE,
  constraint metadata_is_an_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(metadata)),
  constraint organization_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint organization_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint personal_organization_cannot_be_deleted CHECK ((NOT (is_personal AND (deleted_at IS NOT NULL)))),
  constraint settings_are_an_object CHECK ((jsonb_typeof(settings) = 'object'::text)),
  constraint settings_are_at_most_256_kib_and_64_levels CHECK (private.is_document(settings)),
  constraint settings_can_be_used CHECK ((
CASE COALESCE(jsonb_typeof((settings -> 'temperature'::text)), 'null'::text)
    WHEN 'null'::text THEN true
    WHEN 'number'::text THEN ((((settings ->> 'temperature'::text))::numeric >= (0)::numeric) AND (((settings ->> 'temperature'::text))::numeric <= (2)::numeric))
    ELSE false
END AND
CASE COALESCE(jsonb_typeof((settings -> 'max_tokens'::text)), 'null'::text)
    WHEN 'null'::text THEN true
    WHEN 'number'::text THEN (((((settings ->> 'max_tokens'::text))::numeric >= (1)::numeric) AND (((settings ->> 'max_tokens'::text))::numeric <= (2147483647)::numeric)) AND ((((settings ->> 'max_tokens'::text))::numeric % (1)::numeric) = (0)::numeric))
    ELSE false
END AND (COALESCE(jsonb_typeof((settings -> 'default_agent'::text)), 'null'::text) = ANY (ARRAY['string'::text, 'null'::text])) AND (COALESCE(jsonb_typeof((settings -> 'default_model'::text)), 'null'::text) = ANY (ARRAY['string'::text, 'null'::text])) AND (COALESCE(jsonb_typeof((settings -> 'system_prompt'::text)), 'null'::text) = ANY (ARRAY['string'::text, 'null'::text])))),
  constraint slug_is_lower_case_words_and_dashes CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$'::text)),
  constraint timezone_exists CHECK (private.is_time_zone(timezone))
);
alter table public.organizations enable row level security;
create policy "Members read their organizations" on public.organizations
  as permissive for select to authenticated
  using (((id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))) OR ((created_by = ( SELECT auth.uid() AS uid)) AND (created_at = now()))));
create policy "No organization takes the id of a deleted one" on public.organizations
  as restrictive for insert to authenticated
  with check ((NOT private.is_deleted_id(id)));
create policy "Owners edit their organization" on public.organizations
  as permissive for update to authenticated
  using ((id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))))
  with check ((id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))));
create policy "People make organizations" on public.organizations
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND (NOT is_personal) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
grant delete, insert, select, update on public.organizations to service_role;
grant insert (id, name, slug, settings, metadata, timezone, created_by), select, update (id, name, slug, settings, metadata, timezone, created_by) on public.organizations to authenticated;
CREATE INDEX organizations_created_by_idx ON public.organizations USING btree (created_by);
CREATE INDEX organizations_deleted_at_idx ON public.organizations USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX organizations_plan_idx ON public.organizations USING btree (plan);
CREATE UNIQUE INDEX one_personal_organization_per_person ON public.organizations USING btree (created_by) WHERE is_personal;
CREATE CONSTRAINT TRIGGER organization_has_owner AFTER INSERT ON public.organizations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION private.require_first_owner();
CREATE TRIGGER add_first_owner AFTER INSERT ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.add_first_owner();
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.organizations FOR EACH ROW WHEN (((new.id IS NULL) OR (new.plan IS NULL) OR (COALESCE(new.settings, 'null'::jsonb) = 'null'::jsonb) OR (COALESCE(new.metadata, 'null'::jsonb) = 'null'::jsonb) OR (new.timezone IS NULL) OR (new.is_personal IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER limit_organizations AFTER INSERT ON public.organizations FOR EACH ROW WHEN ((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name]))) EXECUTE FUNCTION private.limit_organizations();
CREATE TRIGGER maintain_usage_calendar AFTER INSERT ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.maintain_usage_calendar();
CREATE TRIGGER move_budget_periods AFTER UPDATE OF timezone ON public.organizations FOR EACH ROW WHEN ((old.timezone <> new.timezone)) EXECUTE FUNCTION private.move_budget_periods();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.organizations FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.created_by IS DISTINCT FROM new.created_by)))) EXECUTE FUNCTION private.refuse_change('id', 'created_by');
CREATE TRIGGER remember_deleted_id AFTER DELETE ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.remember_deleted_id();
CREATE TRIGGER replace_usage_calendar AFTER UPDATE OF timezone ON public.organizations FOR EACH ROW WHEN ((old.timezone <> new.timezone)) EXECUTE FUNCTION private.maintain_usage_calendar();
CREATE TRIGGER update_organizations_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.plans (
  id text not null,
  name text not null,
  requests_per_minute integer not null,
  user_requests_per_minute integer not null,
  conversation_days integer,
  interaction_days integer,
  measurement_days integer,
  platform_credential text default 'none'::text not null,
  platform_credential_usd numeric(20,10) default 10 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint plans_pkey PRIMARY KEY (id),
  constraint plan_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
  constraint plan_keeps_interactions_for_two_months CHECK ((interaction_days >= 62)),
  constraint plan_keeps_the_rest_for_a_day CHECK (((conversation_days >= 1) AND (measurement_days >= 1))),
  constraint plan_limits_are_positive CHECK (((requests_per_minute > 0) AND (user_requests_per_minute > 0))),
  constraint platform_credential_is_known CHECK ((platform_credential = ANY (ARRAY['none'::text, 'priced_catalogue'::text]))),
  constraint platform_credential_limit_is_positive CHECK (((platform_credential_usd > (0)::numeric) AND (platform_credential_usd <> 'NaN'::numeric)))
);
alter table public.plans enable row level security;
create policy "Anyone reads plans" on public.plans
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.plans to service_role;
grant select on public.plans to anon;
grant select on public.plans to authenticated;
CREATE TRIGGER update_plans_updated_at BEFORE UPDATE ON public.plans FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.profiles (
  id uuid not null,
  email text,
  is_sso_user boolean default false not null,
  full_name text,
  avatar_url text,
  workos_id text,
  current_organization_id uuid,
  last_login_at timestamp with time zone,
  preferences jsonb default '{}'::jsonb not null,
  status text default 'active'::text not null,
  subscription_tier text default 'free'::text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint profiles_pkey PRIMARY KEY (id),
  constraint profiles_workos_id_key UNIQUE (workos_id),
  constraint profiles_current_organization_id_fkey FOREIGN KEY (current_organization_id) REFERENCES public.organizations(id) ON DELETE SET NULL,
  constraint profiles_id_fkey FOREIGN KEY (id) REFERENCES auth.users(id) ON DELETE CASCADE,
  constraint avatar_url_is_an_https_address CHECK (private.is_web_address(avatar_url, 'https'::text)),
  constraint email_is_at_most_255_characters CHECK ((char_length(email) <= 255)),
  constraint full_name_has_no_control_characters CHECK (private.is_plain(full_name)),
  constraint full_name_is_at_most_255_characters CHECK ((char_length(full_name) <= 255)),
  constraint preferences_are_an_object CHECK ((jsonb_typeof(preferences) = 'object'::text)),
  constraint preferences_are_at_most_256_kib_and_64_levels CHECK (private.is_document(preferences)),
  constraint profile_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'deactivated'::text]))),
  constraint profile_updated_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(updated_at)),
  constraint subscription_tier_is_at_most_50_characters CHECK ((char_length(subscription_tier) <= 50))
);
alter table public.profiles enable row level security;
create policy "People edit their own profile" on public.profiles
  as permissive for update to authenticated
  using ((id = ( SELECT auth.uid() AS uid)))
  with check (((id = ( SELECT auth.uid() AS uid)) AND ((current_organization_id IS NULL) OR (current_organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))))));
create policy "People read their own profile" on public.profiles
  as permissive for select to authenticated
  using ((id = ( SELECT auth.uid() AS uid)));
create policy "People upsert their own profile" on public.profiles
  as permissive for insert to authenticated
  with check (((id = ( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM public.organizations
  WHERE ((organizations.created_by = ( SELECT auth.uid() AS uid)) AND organizations.is_personal)))));
grant insert (id, full_name, avatar_url, current_organization_id, preferences, updated_at), select, update (id, full_name, avatar_url, current_organization_id, preferences, updated_at) on public.profiles to authenticated;
grant insert, select, update on public.profiles to service_role;
CREATE INDEX profiles_current_organization_id_idx ON public.profiles USING btree (current_organization_id);
CREATE INDEX profiles_sso_email_idx ON public.profiles USING btree (email) WHERE is_sso_user;
CREATE UNIQUE INDEX profiles_email_key ON public.profiles USING btree (email) WHERE (NOT is_sso_user);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.profiles FOR EACH ROW WHEN (((new.is_sso_user IS NULL) OR (COALESCE(new.preferences, 'null'::jsonb) = 'null'::jsonb) OR (new.status IS NULL) OR (new.subscription_tier IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.profiles FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (old.id IS DISTINCT FROM new.id))) EXECUTE FUNCTION private.refuse_change('id');
CREATE TRIGGER update_profiles_updated_at BEFORE UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.service_aliases (
  vendor_id text not null,
  alias text not null,
  service_id text not null,
  created_at timestamp with time zone default now() not null,
  constraint service_aliases_pkey PRIMARY KEY (vendor_id, alias),
  constraint alias_means_a_service_of_its_vendor FOREIGN KEY (vendor_id, service_id) REFERENCES public.vendor_services(vendor_id, id) ON DELETE CASCADE,
  constraint alias_is_1_to_255_characters CHECK ((((char_length(alias) >= 1) AND (char_length(alias) <= 255)) AND (alias !~ '[[:cntrl:]]'::text)))
);
alter table public.service_aliases enable row level security;
create policy "Anyone reads aliases" on public.service_aliases
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.service_aliases to service_role;
grant select on public.service_aliases to anon;
grant select on public.service_aliases to authenticated;
CREATE INDEX service_aliases_alias_idx ON public.service_aliases USING btree (alias);
CREATE INDEX service_aliases_service_id_idx ON public.service_aliases USING btree (vendor_id, service_id);

create table public.service_prices (
  id uuid default gen_random_uuid() not null,
  service_id text not null,
  valid_during tstzrange default tstzrange(now(), NULL::timestamp with time zone) not null,
  min_input_tokens integer default 0 not null,
  input_rate numeric(18,8) default 0 not null,
  cached_input_rate numeric(18,8),
  cache_write_rate numeric(18,8),
  cache_write_1h_rate numeric(18,8),
  output_rate numeric(18,8) default 0 not null,
  reasoning_rate numeric(18,8),
  request_rate numeric(18,8) default 0 not null,
  unit_rates jsonb default '{}'::jsonb not null,
  service_tier text default 'standard'::text not null,
  multiplier numeric(6,4) default 1 not null,
  source text,
  verified_on date,
  created_at timestamp with time zone default now() not null,
  constraint service_prices_pkey PRIMARY KEY (id),
  constraint service_prices_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE CASCADE,
  constraint prices_of_a_service_do_not_overlap EXCLUDE USING gist (service_id WITH =, service_tier WITH =, min_input_tokens WITH =, valid_during WITH &&),
  constraint min_input_tokens_is_not_negative CHECK ((min_input_tokens >= 0)),
  constraint price_multiplier_is_between_0_and_10 CHECK (((multiplier > (0)::numeric) AND (multiplier <= (10)::numeric))),
  constraint price_range_has_a_beginning CHECK ((NOT lower_inf(valid_during))),
  constraint price_range_is_not_empty CHECK ((NOT isempty(valid_during))),
  constraint rates_are_between_0_and_10000 CHECK ((((input_rate >= (0)::numeric) AND (input_rate <= (10000)::numeric)) AND ((output_rate >= (0)::numeric) AND (output_rate <= (10000)::numeric)) AND ((cached_input_rate >= (0)::numeric) AND (cached_input_rate <= (10000)::numeric)) AND ((cache_write_rate >= (0)::numeric) AND (cache_write_rate <= (10000)::numeric)) AND ((reasoning_rate >= (0)::numeric) AND (reasoning_rate <= (10000)::numeric)) AND ((request_rate >= (0)::numeric) AND (request_rate <= (10000)::numeric)) AND ((cache_write_1h_rate >= (0)::numeric) AND (cache_write_1h_rate <= (10000)::numeric)))),
  constraint service_tier_is_known CHECK ((service_tier = ANY (ARRAY['standard'::text, 'priority'::text, 'flex'::text, 'batch'::text]))),
  constraint unit_rates_are_rates_of_units CHECK (private.are_unit_rates(unit_rates))
);
alter table public.service_prices enable row level security;
create policy "Anyone reads prices" on public.service_prices
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.service_prices to service_role;
grant select on public.service_prices to anon;
grant select on public.service_prices to authenticated;
CREATE INDEX service_prices_service_id_idx ON public.service_prices USING btree (service_id);

create table public.usage_agent_rollup (
  agent_id uuid not null,
  calendar_id bigint not null,
  organization_id uuid not null,
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
  constraint usage_agent_rollup_pkey PRIMARY KEY (agent_id, calendar_id)
);
alter table public.usage_agent_rollup enable row level security;
create policy "Members read their organizations' usage of agents" on public.usage_agent_rollup
  as permissive for select to authenticated
  using ((calendar_id = ANY (ARRAY( SELECT private.my_calendars() AS my_calendars))));
grant select on public.usage_agent_rollup to authenticated;
grant select on public.usage_agent_rollup to service_role;
CREATE INDEX usage_agent_rollup_calendar_id_idx ON public.usage_agent_rollup USING btree (calendar_id);

create table public.usage_archive_rollup (
  id bigint generated always as identity not null,
  started_at timestamp with time zone not null,
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  access_key_id uuid,
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
  fingerprints bigint[] default '{}'::bigint[] not null,
  created_at timestamp with time zone default now() not null,
  constraint usage_archive_rollup_pkey PRIMARY KEY (id),
  constraint usage_archive_rollup_organization_id_started_at_user_id_age_key UNIQUE NULLS NOT DISTINCT (organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id),
  constraint usage_archive_rollup_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint archived_usage_begins_on_a_quarter_of_an_hour CHECK ((started_at = date_bin('00:15:00'::interval, started_at, '2000-01-01 00:00:00+00'::timestamp with time zone))),
  constraint archived_usage_is_of_interactions CHECK ((interactions >= 0))
);
alter table public.usage_archive_rollup enable row level security;
create policy "Members read their organizations' archived usage" on public.usage_archive_rollup
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant select on public.usage_archive_rollup to authenticated;
grant select on public.usage_archive_rollup to service_role;
CREATE INDEX usage_archive_rollup_access_key_id_idx ON public.usage_archive_rollup USING btree (access_key_id, started_at) WHERE (access_key_id IS NOT NULL);
CREATE INDEX usage_archive_rollup_agent_id_idx ON public.usage_archive_rollup USING btree (agent_id, started_at);
CREATE INDEX usage_archive_rollup_user_id_idx ON public.usage_archive_rollup USING btree (user_id, started_at);

create table public.usage_calendars (
  organization_id uuid not null,
  id bigint generated always as identity not null,
  timezone text not null,
  rolled_up_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  recent_changes timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  created_at timestamp with time zone default now() not null,
  constraint usage_calendars_pkey PRIMARY KEY (organization_id),
  constraint usage_calendars_id_key UNIQUE (id),
  constraint usage_calendars_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
alter table public.usage_calendars enable row level security;
create policy "Members read their organizations' calendars" on public.usage_calendars
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant select on public.usage_calendars to authenticated;
grant select on public.usage_calendars to service_role;
CREATE INDEX usage_calendars_rolled_up_until_idx ON public.usage_calendars USING btree (rolled_up_until) WHERE (rolled_up_until < 'infinity'::timestamp with time zone);
CREATE TRIGGER orphan_calendar AFTER DELETE ON public.usage_calendars FOR EACH ROW EXECUTE FUNCTION private.orphan_calendar();

create table public.usage_daily_rollup (
  id bigint generated always as identity not null,
  calendar_id bigint not null,
  date date not null,
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
  constraint usage_daily_rollup_pkey PRIMARY KEY (calendar_id, date, id),
  constraint usage_daily_rollup_agent_id_calendar_id_date_user_id_vendor_key UNIQUE NULLS NOT DISTINCT (agent_id, calendar_id, date, user_id, vendor_id, model_name)
);
alter table public.usage_daily_rollup enable row level security;
create policy "Members read their organizations' daily usage" on public.usage_daily_rollup
  as permissive for select to authenticated
  using ((calendar_id = ANY (ARRAY( SELECT private.my_calendars() AS my_calendars))));
grant select on public.usage_daily_rollup to authenticated;
grant select on public.usage_daily_rollup to service_role;
CREATE INDEX idx_ai_usage_stats_user_date ON public.usage_daily_rollup USING btree (user_id, date DESC);
CREATE INDEX usage_daily_rollup_empty_idx ON public.usage_daily_rollup USING btree (calendar_id) WHERE (interactions = 0);
CREATE TRIGGER add_to_agent_rollup AFTER INSERT ON public.usage_daily_rollup REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.add_to_agent_rollup();
CREATE TRIGGER update_agent_rollup AFTER UPDATE ON public.usage_daily_rollup REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.update_agent_rollup();

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

create table public.user_api_keys (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  organization_id uuid,
  vendor_id text not null,
  service_id text,
  encrypted_key text not null,
  key_preview text not null,
  key_fingerprint text,
  display_name text,
  settings jsonb default '{}'::jsonb not null,
  is_active boolean default true not null,
  last_used_at timestamp with time zone,
  last_error text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint user_api_keys_pkey PRIMARY KEY (id),
  constraint key_service_is_its_vendors FOREIGN KEY (vendor_id, service_id) REFERENCES public.vendor_services(vendor_id, id) ON DELETE RESTRICT,
  constraint user_api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE SET NULL,
  constraint user_api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint user_api_keys_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id) ON DELETE RESTRICT,
  constraint encrypted_key_is_ciphertext CHECK (private.is_ciphertext(encrypted_key)),
  constraint key_display_name_has_no_control_characters CHECK (private.is_plain(display_name)),
  constraint key_fingerprint_is_64_hex_digits CHECK ((key_fingerprint ~ '^[0-9a-f]{64}$'::text)),
  constraint key_name_is_1_to_255_characters CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 255))),
  constraint key_preview_is_at_most_4_characters CHECK ((char_length(key_preview) <= 4)),
  constraint key_settings_are_labels_of_a_host_name CHECK (private.are_key_settings(settings))
);
alter table public.user_api_keys enable row level security;
create policy "People change their own keys, admins the shared ones" on public.user_api_keys
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))))
  with check (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
create policy "People delete their own keys, admins the shared ones" on public.user_api_keys
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
create policy "People see their own keys, admins the shared ones" on public.user_api_keys
  as permissive for select to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
grant delete, insert, select, update on public.user_api_keys to service_role;
grant delete, select (id, user_id, organization_id, vendor_id, service_id, key_preview, display_name, settings, is_active, last_used_at, last_error, created_at, updated_at), update (organization_id, display_name, is_active) on public.user_api_keys to authenticated;
CREATE INDEX idx_user_api_keys_vendor ON public.user_api_keys USING btree (vendor_id, service_id);
CREATE INDEX user_api_keys_organization_id_idx ON public.user_api_keys USING btree (organization_id, vendor_id);
CREATE INDEX user_api_keys_user_id_idx ON public.user_api_keys USING btree (user_id, vendor_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.user_api_keys FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.settings, 'null'::jsonb) = 'null'::jsonb) OR (new.is_active IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER audit_api_key AFTER INSERT OR DELETE ON public.user_api_keys FOR EACH ROW EXECUTE FUNCTION private.audit_api_key();
CREATE TRIGGER audit_api_key_change AFTER UPDATE ON public.user_api_keys FOR EACH ROW WHEN ((((((old.encrypted_key IS DISTINCT FROM new.encrypted_key) OR (old.is_active IS DISTINCT FROM new.is_active)) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.display_name IS DISTINCT FROM new.display_name)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.audit_api_key();
CREATE TRIGGER check_key_sharing BEFORE UPDATE OF organization_id ON public.user_api_keys FOR EACH ROW WHEN (((new.organization_id IS NOT NULL) AND (new.organization_id IS DISTINCT FROM old.organization_id) AND (auth.uid() IS NOT NULL))) EXECUTE FUNCTION private.check_key_sharing();
CREATE TRIGGER forget_key_error BEFORE UPDATE OF is_active ON public.user_api_keys FOR EACH ROW WHEN ((new.is_active AND (NOT old.is_active))) EXECUTE FUNCTION private.forget_key_error();
CREATE TRIGGER refuse_key_switch BEFORE UPDATE OF is_active ON public.user_api_keys FOR EACH ROW WHEN ((new.is_active AND (NOT old.is_active) AND (old.user_id <> auth.uid()))) EXECUTE FUNCTION private.refuse_key_switch();
CREATE TRIGGER update_user_api_keys_updated_at BEFORE UPDATE ON public.user_api_keys FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

CREATE TRIGGER delete_user_role INSTEAD OF DELETE ON public.user_roles FOR EACH ROW EXECUTE FUNCTION private.delete_user_role();
CREATE TRIGGER insert_user_role INSTEAD OF INSERT ON public.user_roles FOR EACH ROW EXECUTE FUNCTION private.insert_user_role();
CREATE TRIGGER update_user_role INSTEAD OF UPDATE ON public.user_roles FOR EACH ROW EXECUTE FUNCTION private.update_user_role();

create table public.vendor_services (
  id text not null,
  vendor_id text not null,
  service_name text not null,
  display_name text not null,
  description text,
  service_kind text default 'chat'::text not null,
  context_window integer,
  max_output_tokens integer,
  image_tokens integer,
  retired_on date,
  replaced_by text,
  is_active boolean default true not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint vendor_services_pkey PRIMARY KEY (id),
  constraint vendor_services_id_vendor_id_key UNIQUE (id, vendor_id),
  constraint vendor_services_vendor_id_service_name_key UNIQUE (vendor_id, service_name),
  constraint service_is_replaced_by_one_of_its_vendor FOREIGN KEY (vendor_id, replaced_by) REFERENCES public.vendor_services(vendor_id, id) ON DELETE RESTRICT,
  constraint vendor_services_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id) ON DELETE CASCADE,
  constraint context_window_is_positive CHECK ((context_window > 0)),
  constraint image_tokens_is_positive CHECK ((image_tokens > 0)),
  constraint max_output_tokens_is_positive CHECK ((max_output_tokens > 0)),
  constraint service_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,126}$'::text)),
  constraint service_is_not_replaced_by_itself CHECK ((replaced_by <> id)),
  constraint service_kind_is_known CHECK ((service_kind = ANY (ARRAY['chat'::text, 'embedding'::text, 'image'::text, 'speech'::text, 'transcription'::text, 'search'::text]))),
  constraint service_name_is_not_empty CHECK ((service_name <> ''::text))
);
alter table public.vendor_services enable row level security;
create policy "Anyone reads services" on public.vendor_services
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.vendor_services to service_role;
grant select on public.vendor_services to anon;
grant select on public.vendor_services to authenticated;
CREATE INDEX vendor_services_replaced_by_idx ON public.vendor_services USING btree (vendor_id, replaced_by) WHERE (replaced_by IS NOT NULL);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.vendor_services FOR EACH ROW WHEN (((new.service_kind IS NULL) OR (new.is_active IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER update_vendor_services_updated_at BEFORE UPDATE ON public.vendor_services FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.vendors (
  id text not null,
  name text not null,
  description text,
  auth_type text default 'api_key'::text not null,
  base_url text,
  auth_header text default 'Authorization'::text not null,
  auth_scheme text default 'Bearer'::text,
  api_format text default 'openai'::text not null,
  max_tokens_field text default 'max_tokens'::text not null,
  cancel_stops_billing boolean default true not null,
  probe_path text default '/models'::text,
  probe_by_call boolean default false not null,
  usage_path text,
  extra_fields text[] default '{}'::text[] not null,
  takes_stream_options boolean default true not null,
  takes_developer_role boolean default false not null,
  takes_parallel_tool_calls boolean default true not null,
  instructions_first boolean default false not null,
  metadata_needs_store boolean default false not null,
  key_pattern text,
  is_active boolean default true not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint vendors_pkey PRIMARY KEY (id),
  constraint api_format_is_known CHECK ((api_format = ANY (ARRAY['openai'::text, 'anthropic'::text, 'native'::text]))),
  constraint auth_header_is_a_header_name CHECK ((auth_header ~ '^[A-Za-z0-9-]+$'::text)),
  constraint auth_scheme_is_a_word CHECK ((auth_scheme ~ '^[A-Za-z0-9-]+$'::text)),
  constraint auth_type_is_known CHECK ((auth_type = ANY (ARRAY['api_key'::text, 'oauth'::text, 'bearer_token'::text]))),
  constraint base_url_is_https_or_loopback CHECK ((base_url ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s]*[^/\s]$'::text)),
  constraint extra_fields_are_field_names CHECK ((array_to_string(extra_fields, ' '::text, ' '::text) ~ '^([a-z][a-z0-9_]*( |$))*$'::text)),
  constraint key_pattern_is_anchored CHECK (((key_pattern ~ '^\^.+\$$'::text) AND (char_length(key_pattern) <= 200))),
  constraint max_tokens_field_is_a_field_name CHECK ((max_tokens_field ~ '^[a-z][a-z_]*$'::text)),
  constraint probe_path_is_a_path CHECK ((probe_path ~ '^(/[A-Za-z0-9._~-]+)+$'::text)),
  constraint usage_path_has_a_place_for_the_id CHECK ((usage_path ~ '^/[^\s{}]*\{id\}[^\s{}]*$'::text)),
  constraint vendor_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint vendor_name_is_not_empty CHECK ((name <> ''::text))
);
alter table public.vendors enable row level security;
create policy "Anyone reads vendors" on public.vendors
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.vendors to service_role;
grant select on public.vendors to anon;
grant select on public.vendors to authenticated;
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.vendors FOR EACH ROW WHEN (((new.auth_type IS NULL) OR (new.auth_header IS NULL) OR (new.api_format IS NULL) OR (new.max_tokens_field IS NULL) OR (new.cancel_stops_billing IS NULL) OR (new.probe_by_call IS NULL) OR (new.extra_fields IS NULL) OR (new.takes_stream_options IS NULL) OR (new.takes_developer_role IS NULL) OR (new.takes_parallel_tool_calls IS NULL) OR (new.instructions_first IS NULL) OR (new.metadata_needs_store IS NULL) OR (new.is_active IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER update_vendors_updated_at BEFORE UPDATE ON public.vendors FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.workflow_executions (
  id uuid default gen_random_uuid() not null,
  workflow_id uuid not null,
  execution_id text,
  status text default 'running'::text not null,
  input_data jsonb,
  output_data jsonb,
  error_data jsonb,
  execution_time_ms integer,
  started_at timestamp with time zone default now() not null,
  completed_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint workflow_executions_pkey PRIMARY KEY (id),
  constraint workflow_executions_workflow_id_execution_id_key UNIQUE (workflow_id, execution_id),
  constraint workflow_executions_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES public.workflows(id) ON DELETE CASCADE,
  constraint error_data_is_at_most_1_mib_and_64_levels CHECK (private.is_payload(error_data)),
  constraint execution_completed_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(completed_at)),
  constraint execution_id_has_no_control_characters CHECK (private.is_plain(execution_id)),
  constraint execution_id_is_1_to_255_characters CHECK (((char_length(execution_id) >= 1) AND (char_length(execution_id) <= 255))),
  constraint execution_started_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(started_at)),
  constraint execution_time_is_not_negative CHECK ((execution_time_ms >= 0)),
  constraint input_data_is_at_most_1_mib_and_64_levels CHECK (private.is_payload(input_data)),
  constraint output_data_is_at_most_1_mib_and_64_levels CHECK (private.is_payload(output_data)),
  constraint workflow_execution_completes_after_it_starts CHECK ((completed_at >= started_at)),
  constraint workflow_execution_status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'success'::text, 'error'::text, 'waiting'::text])))
);
alter table public.workflow_executions enable row level security;
create policy "People read the executions of workflows that they see" on public.workflow_executions
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.workflows
  WHERE (workflows.id = workflow_executions.workflow_id))));
create policy "Those who edit an agent change executions" on public.workflow_executions
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))))
  with check ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))));
create policy "Those who edit an agent delete executions" on public.workflow_executions
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))));
create policy "Those who edit an agent record executions" on public.workflow_executions
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))));
grant delete, insert (id, workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms, started_at, completed_at), select, update (id, workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms, started_at, completed_at) on public.workflow_executions to authenticated;
grant delete, insert, select, update on public.workflow_executions to service_role;
CREATE INDEX idx_workflow_executions_started_at ON public.workflow_executions USING btree (started_at);
CREATE INDEX idx_workflow_executions_status ON public.workflow_executions USING btree (status);
CREATE INDEX idx_workflow_executions_workflow_status ON public.workflow_executions USING btree (workflow_id, status);
CREATE INDEX workflow_executions_workflow_id_started_at_idx ON public.workflow_executions USING btree (workflow_id, started_at);
CREATE UNIQUE INDEX workflow_executions_replica_identity ON public.workflow_executions USING btree (id, workflow_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.workflow_executions FOR EACH ROW WHEN (((new.id IS NULL) OR (new.status IS NULL) OR (new.started_at IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER count_changed_executions AFTER UPDATE ON public.workflow_executions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.count_changed_executions();
CREATE TRIGGER count_deleted_executions AFTER DELETE ON public.workflow_executions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.count_deleted_executions();
CREATE TRIGGER count_new_executions AFTER INSERT ON public.workflow_executions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.count_new_executions();
CREATE TRIGGER notify_new_workflow_error AFTER INSERT ON public.workflow_executions FOR EACH ROW WHEN ((new.status = 'error'::text)) EXECUTE FUNCTION private.notify_workflow_error();
CREATE TRIGGER notify_workflow_error AFTER UPDATE OF status ON public.workflow_executions FOR EACH ROW WHEN (((new.status = 'error'::text) AND (old.status <> 'error'::text))) EXECUTE FUNCTION private.notify_workflow_error();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.workflow_executions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((old.id IS DISTINCT FROM new.id) OR (old.workflow_id IS DISTINCT FROM new.workflow_id)) OR (old.execution_id IS DISTINCT FROM new.execution_id)) OR (old.input_data IS DISTINCT FROM new.input_data)) OR (old.started_at IS DISTINCT FROM new.started_at)))) EXECUTE FUNCTION private.refuse_change('id', 'workflow_id', 'execution_id', 'input_data', 'started_at');
CREATE TRIGGER refuse_reopening BEFORE UPDATE OF status ON public.workflow_executions FOR EACH ROW WHEN (((old.status = ANY (ARRAY['success'::text, 'error'::text])) AND (new.status = ANY (ARRAY['running'::text, 'waiting'::text])))) EXECUTE FUNCTION private.refuse_reopening();
CREATE TRIGGER time_workflow_execution BEFORE INSERT OR UPDATE OF started_at, completed_at ON public.workflow_executions FOR EACH ROW WHEN (((new.completed_at >= new.started_at) AND (new.execution_time_ms IS NULL))) EXECUTE FUNCTION private.time_workflow_execution();
CREATE TRIGGER update_workflow_executions_updated_at BEFORE UPDATE ON public.workflow_executions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.workflows (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  name text not null,
  description text,
  n8n_workflow_id text,
  trigger_config jsonb default '{}'::jsonb not null,
  status text default 'inactive'::text not null,
  last_execution timestamp with time zone,
  next_execution timestamp with time zone,
  execution_count integer default 0 not null,
  success_count integer default 0 not null,
  error_count integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint workflows_pkey PRIMARY KEY (id),
  constraint workflows_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint n8n_workflow_id_has_no_control_characters CHECK (private.is_plain(n8n_workflow_id)),
  constraint n8n_workflow_id_is_at_most_255_characters CHECK ((char_length(n8n_workflow_id) <= 255)),
  constraint next_execution_is_from_1970_to_2199 CHECK (private.is_calendar_time(next_execution)),
  constraint workflow_counts_add_up CHECK (((success_count >= 0) AND (error_count >= 0) AND ((success_count + error_count) <= execution_count))),
  constraint workflow_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint workflow_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint workflow_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint workflow_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'error'::text, 'inactive'::text]))),
  constraint workflow_trigger_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(trigger_config))
);
alter table public.workflows enable row level security;
create policy "People read the workflows of agents that they see" on public.workflows
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = workflows.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent add workflows" on public.workflows
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))));
create policy "Those who edit an agent change its workflows" on public.workflows
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))));
create policy "Those who edit an agent delete its workflows" on public.workflows
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))));
grant delete, insert (id, agent_id, name, description, n8n_workflow_id, trigger_config, status, next_execution), select, update (id, agent_id, name, description, n8n_workflow_id, trigger_config, status, next_execution) on public.workflows to authenticated;
grant delete, insert, select, update on public.workflows to service_role;
CREATE INDEX workflows_agent_id_idx ON public.workflows USING btree (agent_id, created_at DESC);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE ON public.workflows FOR EACH ROW WHEN (((new.id IS NULL) OR (COALESCE(new.trigger_config, 'null'::jsonb) = 'null'::jsonb) OR (new.status IS NULL) OR (new.execution_count IS NULL) OR (new.success_count IS NULL) OR (new.error_count IS NULL) OR (new.created_at IS NULL) OR (new.updated_at IS NULL))) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER refuse_change BEFORE UPDATE ON public.workflows FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id');
CREATE TRIGGER update_workflows_updated_at BEFORE UPDATE ON public.workflows FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Views ------------------------------------------------------------------------------------------

create view private.editable_agents with (security_invoker=true) as
 SELECT id
   FROM public.agents
  WHERE ((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
grant select on private.editable_agents to authenticated;
grant select on private.editable_agents to service_role;

create view private.interaction_usage with (security_invoker=true) as
 SELECT interaction.id AS interaction_id,
    interaction.started_at,
    interaction.organization_id,
    interaction.user_id,
    interaction.agent_id,
    interaction.vendor_id,
    "left"(interaction.model_name, 255) AS model_name,
    interaction.access_key_id,
    (1)::bigint AS interactions,
    (((NOT (interaction.turn_state IS DISTINCT FROM 'failed'::text)))::integer)::bigint AS failed,
    ((((interaction.source <> 'manual'::text) AND (interaction.total_cost IS NULL) AND ((interaction.input_tokens + interaction.output_tokens) > 0)))::integer)::bigint AS unpriced,
    (((interaction.source = 'manual'::text))::integer)::bigint AS recorded,
    (interaction.input_tokens)::numeric AS input_tokens,
    (interaction.output_tokens)::numeric AS output_tokens,
        CASE
            WHEN (interaction.source = 'manual'::text) THEN (0)::numeric
            ELSE COALESCE(interaction.total_cost, (0)::numeric)
        END AS total_cost,
        CASE
            WHEN (interaction.source = 'manual'::text) THEN COALESCE(interaction.total_cost, (0)::numeric)
            ELSE (0)::numeric
        END AS recorded_cost,
    (COALESCE(interaction.duration_minutes, 0))::bigint AS duration_minutes,
    (COALESCE(interaction.satisfaction_rating, 0))::bigint AS satisfaction_sum,
    (((interaction.satisfaction_rating IS NOT NULL))::integer)::bigint AS satisfaction_count,
    (COALESCE(interaction.usefulness_rating, 0))::bigint AS usefulness_sum,
    (((interaction.usefulness_rating IS NOT NULL))::integer)::bigint AS usefulness_count
   FROM public.ai_interactions interaction
  WHERE (interaction.status <> 'deleted'::text)
UNION ALL
 SELECT NULL::uuid AS interaction_id,
    archived.started_at,
    archived.organization_id,
    archived.user_id,
    archived.agent_id,
    archived.vendor_id,
    archived.model_name,
    archived.access_key_id,
    archived.interactions,
    archived.failed,
    archived.unpriced,
    archived.recorded,
    archived.input_tokens,
    archived.output_tokens,
    archived.total_cost,
    archived.recorded_cost,
    archived.duration_minutes,
    archived.satisfaction_sum,
    archived.satisfaction_count,
    archived.usefulness_sum,
    archived.usefulness_count
   FROM public.usage_archive_rollup archived;
grant select on private.interaction_usage to authenticated;
grant select on private.interaction_usage to service_role;

create view private.member_directory with (security_barrier=true) as
 SELECT members.organization_id,
    members.user_id,
    members.role,
        CASE
            WHEN (members.last_active_at IS NOT NULL) THEN profiles.email
            ELSE NULL::text
        END AS email,
        CASE
            WHEN (members.last_active_at IS NOT NULL) THEN profiles.full_name
            ELSE NULL::text
        END AS full_name,
        CASE
            WHEN (members.last_active_at IS NOT NULL) THEN profiles.avatar_url
            ELSE NULL::text
        END AS avatar_url,
    members.last_active_at
   FROM (public.organization_members members
     JOIN public.profiles ON ((profiles.id = members.user_id)))
  WHERE (members.organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations)));
grant select on private.member_directory to authenticated;
grant select on private.member_directory to service_role;

create view private.named_interactions with (security_invoker=true) as
 SELECT i.id,
    i.title,
    i.description,
    i.content_preview,
    i.interaction_type_id,
    types.name AS interaction_type,
    types.icon AS interaction_icon,
    types.color AS interaction_color,
    i.agent_id,
    agents.name AS agent_name,
    COALESCE(i.vendor_id, agents.vendor_id) AS vendor_id,
    vendors.name AS vendor_name,
    i.model_name,
    i.input_tokens,
    i.output_tokens,
    i.total_cost,
    i.source,
    i.satisfaction_rating,
    i.usefulness_rating,
    i.tags,
    i.external_link,
    i.session_id,
    i.started_at,
    i.ended_at,
    i.duration_minutes,
    i.status,
    i.turn_state,
    i.user_id,
    i.organization_id,
    i.created_at
   FROM (((public.ai_interactions i
     JOIN public.interaction_types types ON ((types.id = i.interaction_type_id)))
     LEFT JOIN public.agents ON ((agents.id = i.agent_id)))
     LEFT JOIN public.vendors ON ((vendors.id = COALESCE(i.vendor_id, agents.vendor_id))))
  WHERE (i.status <> 'deleted'::text);
grant select on private.named_interactions to authenticated;
grant select on private.named_interactions to service_role;

create view private.partitions with (security_invoker=true) as
 SELECT parents.oid AS parent_id,
    ((parents.relname)::text COLLATE "default") AS table_name,
    ((children.relname)::text COLLATE "default") AS partition_name,
    ("substring"(bounds.text, 'FROM \(''([^'']+)''\)'::text))::timestamp with time zone AS starts_at,
    ("substring"(bounds.text, 'TO \(''([^'']+)''\)'::text))::timestamp with time zone AS ends_at
   FROM ((((pg_partitioned_table partitioned
     JOIN pg_class parents ON (((parents.oid = partitioned.partrelid) AND (parents.relnamespace = ('public'::regnamespace)::oid))))
     LEFT JOIN pg_inherits ON ((pg_inherits.inhparent = parents.oid)))
     LEFT JOIN pg_class children ON ((children.oid = pg_inherits.inhrelid)))
     CROSS JOIN LATERAL ( SELECT pg_get_expr(children.relpartbound, children.oid) AS text) bounds);
grant select on private.partitions to service_role;

create view private.public_agents with (security_barrier=true) as
 SELECT id,
    name,
    description,
    type,
    status,
    capabilities,
    tags,
    vendor_id,
    model_name,
    voice_provider,
    voice_id,
    is_public,
    is_published,
    activity_score,
    created_at,
    updated_at
   FROM public.agents
  WHERE (enabled AND ((organization_id IS NULL) OR (NOT (EXISTS ( SELECT
           FROM public.organizations
          WHERE ((organizations.id = agents.organization_id) AND (organizations.deleted_at IS NOT NULL))
         OFFSET 0)))) AND (is_platform OR (num_nonnulls(created_by, organization_id) > 0)) AND (is_published OR (is_public AND (( SELECT private.my_id() AS my_id) IS NOT NULL))))
  ORDER BY created_at DESC;
grant select on private.public_agents to anon;
grant select on private.public_agents to authenticated;
grant select on private.public_agents to service_role;

create view private.public_models with (security_barrier=true) as
 SELECT models.id,
    models.agent_id,
    models.name,
    models.display_name,
    models.provider,
    models.is_default
   FROM (private.public_agents
     JOIN public.models ON ((models.agent_id = public_agents.id)))
  WHERE models.enabled;
grant select on private.public_models to anon;
grant select on private.public_models to authenticated;
grant select on private.public_models to service_role;

create view private.statistics_columns with (security_invoker=true) as
 SELECT relations.oid AS table_id,
    columns.attnum AS number,
    ((columns.attname)::text COLLATE "default") AS name,
    ((types.typcategory = ANY (ARRAY['B'::"char", 'D'::"char"])) OR ((types.typname = 'uuid'::name) AND (columns.attname <> 'content_fingerprint'::name)) OR (EXISTS ( SELECT
           FROM (pg_constraint rules
             JOIN pg_attribute ruled ON (((ruled.attrelid = rules.conrelid) AND (ruled.attname = columns.attname))))
          WHERE ((rules.conrelid = ANY (ARRAY[relations.oid, parents.oid])) AND (ruled.attnum = ANY (rules.conkey)) AND (types.typcategory = 'S'::"char") AND ((rules.contype = 'f'::"char") OR (pg_get_constraintdef(rules.oid) ~ format('^CHECK \(\(%s = ANY \(ARRAY\[[^\]]*\]\)\)\)$'::text, columns.attname))))))) AS is_kept,
    (COALESCE((columns.attstattarget)::integer, '-1'::integer) <> 0) AS is_collected
   FROM (((((pg_class relations
     JOIN pg_namespace schemas ON ((schemas.oid = relations.relnamespace)))
     LEFT JOIN pg_inherits ON ((pg_inherits.inhrelid = relations.oid)))
     LEFT JOIN pg_class parents ON ((parents.oid = pg_inherits.inhparent)))
     JOIN pg_attribute columns ON (((columns.attrelid = relations.oid) AND (columns.attnum > 0) AND (NOT columns.attisdropped))))
     JOIN pg_type types ON ((types.oid = columns.atttypid)))
  WHERE ((schemas.nspname = ANY (ARRAY['public'::name, 'partitions'::name])) AND (relations.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (NOT (EXISTS ( SELECT
           FROM pg_policy policies
          WHERE ((policies.polrelid = ANY (ARRAY[relations.oid, parents.oid])) AND (policies.polcmd = ANY (ARRAY['r'::"char", '*'::"char"])) AND policies.polpermissive AND (pg_get_expr(policies.polqual, policies.polrelid) = 'true'::text))))));

create view private.usage_realtime with (security_invoker=true) as
 SELECT ((deltas.started_at AT TIME ZONE calendars.timezone))::date AS date,
    calendars.organization_id,
    deltas.user_id,
    deltas.agent_id,
    deltas.vendor_id,
    deltas.model_name,
    deltas.interactions,
    deltas.failed,
    deltas.unpriced,
    deltas.recorded,
    deltas.input_tokens,
    deltas.output_tokens,
    deltas.total_cost,
    deltas.recorded_cost,
    deltas.duration_minutes,
    deltas.satisfaction_sum,
    deltas.satisfaction_count,
    deltas.usefulness_sum,
    deltas.usefulness_count
   FROM (public.usage_deltas deltas
     JOIN public.usage_calendars calendars ON ((calendars.organization_id = deltas.organization_id)))
  WHERE (deltas.started_at < LEAST(calendars.rolled_up_until, ( SELECT private.current_watermark() AS current_watermark)))
UNION ALL
 SELECT ((usage.started_at AT TIME ZONE calendars.timezone))::date AS date,
    calendars.organization_id,
    usage.user_id,
    usage.agent_id,
    usage.vendor_id,
    usage.model_name,
    usage.interactions,
    usage.failed,
    usage.unpriced,
    usage.recorded,
    usage.input_tokens,
    usage.output_tokens,
    usage.total_cost,
    usage.recorded_cost,
    usage.duration_minutes,
    usage.satisfaction_sum,
    usage.satisfaction_count,
    usage.usefulness_sum,
    usage.usefulness_count
   FROM (private.interaction_usage usage
     JOIN public.usage_calendars calendars ON ((calendars.organization_id = usage.organization_id)))
  WHERE ((usage.started_at >= ( SELECT private.current_watermark() AS current_watermark)) AND (usage.started_at <= 'infinity'::timestamp with time zone))
UNION ALL
 SELECT ((usage.started_at AT TIME ZONE calendars.timezone))::date AS date,
    calendars.organization_id,
    usage.user_id,
    usage.agent_id,
    usage.vendor_id,
    usage.model_name,
    usage.interactions,
    usage.failed,
    usage.unpriced,
    usage.recorded,
    usage.input_tokens,
    usage.output_tokens,
    usage.total_cost,
    usage.recorded_cost,
    usage.duration_minutes,
    usage.satisfaction_sum,
    usage.satisfaction_count,
    usage.usefulness_sum,
    usage.usefulness_count
   FROM (public.usage_calendars calendars
     JOIN private.interaction_usage usage ON (((usage.organization_id = calendars.organization_id) AND (usage.started_at >= calendars.rolled_up_until) AND (usage.started_at < ( SELECT private.current_watermark() AS current_watermark)))))
  WHERE ((calendars.rolled_up_until < 'infinity'::timestamp with time zone) AND ( SELECT (EXISTS ( SELECT
                   FROM public.usage_calendars behind
                  WHERE (behind.rolled_up_until < 'infinity'::timestamp with time zone))) AS "exists"));
grant select on private.usage_realtime to authenticated;
grant select on private.usage_realtime to service_role;

create view public.agent_dashboard with (security_invoker=true) as
 SELECT agents.id,
    agents.name,
    agents.description,
    agents.type,
    agents.status,
    agents.enabled,
    agents.vendor_id,
    agents.model_name,
    agents.tags,
    agents.activity_score,
    agents.usage_count,
    agents.last_used_at,
    agents.created_by,
    agents.organization_id,
    agents.created_at,
    agents.updated_at,
    deployment.status AS deployment_status,
    deployment.deployed_at,
    workflow.execution_count,
    workflow.success_count,
    workflow.error_count,
    health.status AS health_status,
    health.last_check AS health_checked_at,
    live.version AS live_version,
    ((live.snapshot IS DISTINCT FROM private.agent_definition(agents.*)) AND (live.version IS NOT NULL)) AS has_drifted
   FROM ((((public.agents
     LEFT JOIN public.agent_health health ON ((health.agent_id = agents.id)))
     LEFT JOIN public.deployments live ON (((live.agent_id = agents.id) AND (live.status = 'deployed'::text))))
     LEFT JOIN LATERAL ( SELECT deployments.status,
            deployments.deployed_at
           FROM public.deployments
          WHERE (deployments.agent_id = agents.id)
          ORDER BY deployments.created_at DESC
         LIMIT 1) deployment ON (true))
     LEFT JOIN LATERAL ( SELECT workflows.execution_count,
            workflows.success_count,
            workflows.error_count
           FROM public.workflows
          WHERE (workflows.agent_id = agents.id)
          ORDER BY workflows.created_at DESC
         LIMIT 1) workflow ON (true))
  ORDER BY agents.updated_at DESC;
grant select on public.agent_dashboard to authenticated;
grant select on public.agent_dashboard to service_role;

create view public.agent_messages with (security_invoker=true) as
 SELECT id,
    session_id,
    role,
    content,
    audio_url,
    audio_duration_ms,
    tokens_used,
    latency_ms,
    model_used,
    created_at
   FROM public.chat_messages;
grant delete, insert, select, update on public.agent_messages to service_role;
grant insert (session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used), select on public.agent_messages to authenticated;

create view public.agent_sessions with (security_invoker=true) as
 SELECT id,
    session_id,
    agent_id,
    user_id,
    website_domain,
    ip_address,
    channel,
    message_count,
    public.conversation_history(sessions.*) AS conversation_history,
    context_data,
    status,
    started_at,
    last_activity_at,
    ended_at
   FROM public.chat_sessions sessions;
grant delete, insert (id, session_id, agent_id, user_id, website_domain, ip_address, channel, message_count, conversation_history, context_data), select, update (message_count, conversation_history, context_data, status, ended_at) on public.agent_sessions to authenticated;
grant delete, insert, select, update on public.agent_sessions to service_role;

create view public.agent_summary with (security_invoker=true) as
 SELECT agents.id,
    agents.name,
    agents.description,
    agents.type,
    agents.status,
    agents.enabled AS is_active,
    agents.is_favorite,
    agents.is_public,
    agents.is_published,
    agents.tags,
    agents.capabilities,
    agents.vendor_id,
    vendors.name AS vendor_name,
    agents.service_id,
    services.display_name AS service_name,
    agents.model_name,
    agents.activity_score,
    agents.usage_count,
    agents.last_used_at,
    agents.created_by AS user_id,
    agents.organization_id,
    COALESCE(features.list, '[]'::jsonb) AS features,
    features.primary_feature,
    usage.total_interactions,
    usage.total_cost,
    usage.recorded_cost,
    usage.total_input_tokens,
    usage.total_output_tokens,
    usage.avg_satisfaction,
    usage.avg_usefulness,
    agents.created_at,
    agents.updated_at
   FROM ((((public.agents
     LEFT JOIN public.vendors ON ((vendors.id = agents.vendor_id)))
     LEFT JOIN public.vendor_services services ON ((services.id = agents.service_id)))
     LEFT JOIN LATERAL ( SELECT jsonb_agg(mappings.feature_id ORDER BY mappings.is_primary DESC, mappings.feature_id) AS list,
            max(mappings.feature_id) FILTER (WHERE mappings.is_primary) AS primary_feature
           FROM public.agent_feature_mappings mappings
          WHERE (mappings.agent_id = agents.id)) features ON (true))
     LEFT JOIN LATERAL ( SELECT (COALESCE(sum(counted.interactions), (0)::numeric))::bigint AS total_interactions,
            COALESCE(sum(counted.total_cost), (0)::numeric) AS total_cost,
            COALESCE(sum(counted.recorded_cost), (0)::numeric) AS recorded_cost,
            COALESCE(sum(counted.input_tokens), (0)::numeric) AS total_input_tokens,
            COALESCE(sum(counted.output_tokens), (0)::numeric) AS total_output_tokens,
            round((sum(counted.satisfaction_sum) / NULLIF(sum(counted.satisfaction_count), (0)::numeric)), 2) AS avg_satisfaction,
            round((sum(counted.usefulness_sum) / NULLIF(sum(counted.usefulness_count), (0)::numeric)), 2) AS avg_usefulness
           FROM public.agent_usage counted
          WHERE (counted.agent_id = agents.id)) usage ON (true));
grant select on public.agent_summary to authenticated;
grant select on public.agent_summary to service_role;

create view public.agent_usage with (security_invoker=true) as
 SELECT rollup.agent_id,
    rollup.organization_id,
    rollup.interactions,
    rollup.failed,
    rollup.unpriced,
    rollup.recorded,
    rollup.input_tokens,
    rollup.output_tokens,
    rollup.total_cost,
    rollup.recorded_cost,
    rollup.duration_minutes,
    rollup.satisfaction_sum,
    rollup.satisfaction_count,
    rollup.usefulness_sum,
    rollup.usefulness_count
   FROM public.usage_agent_rollup rollup
  WHERE (rollup.calendar_id <> ALL (ARRAY( SELECT private.stale_calendars() AS stale_calendars)))
UNION ALL
 SELECT usage.agent_id,
    usage.organization_id,
    usage.interactions,
    usage.failed,
    usage.unpriced,
    usage.recorded,
    usage.input_tokens,
    usage.output_tokens,
    usage.total_cost,
    usage.recorded_cost,
    usage.duration_minutes,
    usage.satisfaction_sum,
    usage.satisfaction_count,
    usage.usefulness_sum,
    usage.usefulness_count
   FROM private.usage_realtime usage
  WHERE (usage.agent_id IS NOT NULL);
grant select on public.agent_usage to authenticated;
grant select on public.agent_usage to service_role;

create view public.agent_usage_daily with (security_invoker=true) as
 SELECT agent_id,
    organization_id,
    date,
    (sum(interactions))::integer AS total_interactions,
    (sum(failed))::integer AS failed_interactions,
    (count(user_id))::integer AS unique_users,
    sum(total_cost) AS total_cost,
    sum(recorded_cost) AS recorded_cost,
    (sum(input_tokens))::bigint AS total_input_tokens,
    (sum(output_tokens))::bigint AS total_output_tokens
   FROM ( SELECT usage.agent_id,
            usage.organization_id,
            usage.date,
            usage.user_id,
            sum(usage.interactions) AS interactions,
            sum(usage.failed) AS failed,
            sum(usage.unpriced) AS unpriced,
            sum(usage.recorded) AS recorded,
            sum(usage.input_tokens) AS input_tokens,
            sum(usage.output_tokens) AS output_tokens,
            sum(usage.total_cost) AS total_cost,
            sum(usage.recorded_cost) AS recorded_cost,
            sum(usage.duration_minutes) AS duration_minutes,
            sum(usage.satisfaction_sum) AS satisfaction_sum,
            sum(usage.satisfaction_count) AS satisfaction_count,
            sum(usage.usefulness_sum) AS usefulness_sum,
            sum(usage.usefulness_count) AS usefulness_count
           FROM public.daily_usage usage
          WHERE (usage.agent_id IS NOT NULL)
          GROUP BY usage.agent_id, usage.organization_id, usage.date, usage.user_id
         HAVING (sum(usage.interactions) > (0)::numeric)) people
  GROUP BY agent_id, organization_id, date;
grant select on public.agent_usage_daily to authenticated;
grant select on public.agent_usage_daily to service_role;

create view public.ai_agents with (security_invoker=true) as
 SELECT agents.id,
    agents.name,
    agents.description,
    agents.vendor_id,
    agents.service_id,
    agents.model_name,
    agents.system_prompt,
    agents.config AS configuration,
    agents.capabilities,
    agents.notes,
    agents.tags,
    agents.activity_score,
    agents.last_used_at,
    agents.usage_count,
    agents.enabled AS is_active,
    agents.is_favorite,
    agents.is_public,
    agents.created_by AS user_id,
    agents.created_at,
    agents.updated_at
   FROM public.agents
UNION ALL
 SELECT shared.id,
    shared.name,
    shared.description,
    shared.vendor_id,
    NULL::text AS service_id,
    shared.model_name,
    NULL::text AS system_prompt,
    NULL::jsonb AS configuration,
    shared.capabilities,
    NULL::text AS notes,
    shared.tags,
    shared.activity_score,
    NULL::timestamp with time zone AS last_used_at,
    NULL::bigint AS usage_count,
    true AS is_active,
    false AS is_favorite,
    shared.is_public,
    NULL::uuid AS user_id,
    shared.created_at,
    shared.updated_at
   FROM public.public_agents shared
  WHERE (shared.is_public AND (NOT (EXISTS ( SELECT
           FROM public.agents
          WHERE (agents.id = shared.id)))));
grant delete, insert (id, name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags, is_active, is_favorite, is_public, user_id), select, update (name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags, is_active, is_favorite, is_public) on public.ai_agents to authenticated;
grant delete, insert, select, update on public.ai_agents to service_role;

create view public.ai_usage_stats with (security_invoker=true) as
 SELECT (md5(((people.id)::text || (days.date)::text)))::uuid AS id,
    people.id AS user_id,
    days.date,
    days.total_interactions,
    days.unique_agents_used,
    days.total_duration_minutes,
    COALESCE(features.usage, '{}'::jsonb) AS feature_usage,
    COALESCE(vendors.usage, '{}'::jsonb) AS vendor_usage,
    days.total_cost,
    days.recorded_cost,
    days.total_input_tokens,
    days.total_output_tokens,
    days.avg_satisfaction,
    days.avg_usefulness
   FROM (((public.profiles people
     CROSS JOIN LATERAL ( SELECT parts.date,
            (sum(parts.interactions))::integer AS total_interactions,
            (count(DISTINCT parts.agent_id))::integer AS unique_agents_used,
            (sum(parts.duration_minutes))::bigint AS total_duration_minutes,
            sum(parts.total_cost) AS total_cost,
            sum(parts.recorded_cost) AS recorded_cost,
            (sum(parts.input_tokens))::bigint AS total_input_tokens,
            (sum(parts.output_tokens))::bigint AS total_output_tokens,
            ((sum(parts.satisfaction_sum) / NULLIF(sum(parts.satisfaction_count), (0)::numeric)))::real AS avg_satisfaction,
            ((sum(parts.usefulness_sum) / NULLIF(sum(parts.usefulness_count), (0)::numeric)))::real AS avg_usefulness,
            array_agg(parts.agent_id) AS agents,
            array_agg(parts.vendor_id) AS vendors,
            array_agg(parts.interactions) AS interactions,
            array_agg(parts.total_cost) AS costs
           FROM ( SELECT usage.date,
                    usage.agent_id,
                    usage.vendor_id,
                    sum(usage.interactions) AS interactions,
                    sum(usage.failed) AS failed,
                    sum(usage.unpriced) AS unpriced,
                    sum(usage.recorded) AS recorded,
                    sum(usage.input_tokens) AS input_tokens,
                    sum(usage.output_tokens) AS output_tokens,
                    sum(usage.total_cost) AS total_cost,
                    sum(usage.recorded_cost) AS recorded_cost,
                    sum(usage.duration_minutes) AS duration_minutes,
                    sum(usage.satisfaction_sum) AS satisfaction_sum,
                    sum(usage.satisfaction_count) AS satisfaction_count,
                    sum(usage.usefulness_sum) AS usefulness_sum,
                    sum(usage.usefulness_count) AS usefulness_count
                   FROM public.daily_usage usage
                  WHERE (usage.user_id = people.id)
                  GROUP BY usage.date, usage.agent_id, usage.vendor_id
                 HAVING (sum(usage.interactions) > (0)::numeric)) parts
          GROUP BY parts.date) days)
     LEFT JOIN LATERAL ( SELECT jsonb_object_agg(per_feature.feature_id, per_feature.interactions) AS usage
           FROM ( SELECT mappings.feature_id,
                    sum(per_agent.interactions) AS interactions
                   FROM (UNNEST(days.agents, days.interactions) per_agent(agent_id, interactions)
                     JOIN public.agent_feature_mappings mappings ON ((mappings.agent_id = per_agent.agent_id)))
                  GROUP BY mappings.feature_id) per_feature) features ON (true))
     LEFT JOIN LATERAL ( SELECT jsonb_object_agg(per_vendor.vendor_id, jsonb_build_object('interactions', per_vendor.interactions, 'cost', trim_scale(per_vendor.cost))) AS usage
           FROM ( SELECT parts.vendor_id,
                    sum(parts.interactions) AS interactions,
                    sum(parts.cost) AS cost
                   FROM UNNEST(days.vendors, days.interactions, days.costs) parts(vendor_id, interactions, cost)
                  WHERE (parts.vendor_id IS NOT NULL)
                  GROUP BY parts.vendor_id) per_vendor) vendors ON (true));
grant select on public.ai_usage_stats to authenticated;
grant select on public.ai_usage_stats to service_role;

create view public.bots with (security_invoker=true) as
 SELECT id,
    organization_id,
    name,
    description,
    llm_provider,
    llm_model,
    system_prompt,
    temperature,
    max_tokens,
    voice_provider,
    voice_id,
    voice_settings,
    speech_processing,
    security,
    knowledge_base_ids,
    config,
    config_json,
    is_active,
    is_published,
    version,
    created_by,
    created_at,
    updated_at
   FROM public.agents;
grant delete, insert (id, organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json, is_active, is_published, created_by), select, update (id, organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json, is_active, is_published, created_by) on public.bots to authenticated;
grant delete, insert, select, update on public.bots to service_role;

create view public.budget_status with (security_invoker=true) as
 SELECT budgets.id,
    budgets.organization_id,
    budgets.user_id,
    budgets.agent_id,
    budgets.access_key_id,
    budgets.period,
    budgets.is_active,
    budgets.limit_usd,
    present.spent_usd,
    budgets.reserved_usd,
    GREATEST(((budgets.limit_usd - present.spent_usd) - budgets.reserved_usd), (0)::numeric) AS remaining_usd,
    present.started_at AS period_started_at,
    private.period_end(budgets.period, organizations.timezone, now()) AS resets_at
   FROM (((public.budgets
     JOIN public.organizations ON ((organizations.id = budgets.organization_id)))
     CROSS JOIN LATERAL ( SELECT private.period_start(budgets.period, organizations.timezone, now()) AS started_at) begun)
     CROSS JOIN LATERAL ( SELECT GREATEST(budgets.period_started_at, begun.started_at) AS started_at,
                CASE
                    WHEN (budgets.period_started_at < begun.started_at) THEN (0)::numeric(20,10)
                    ELSE budgets.spent_usd
                END AS spent_usd) present);
grant select on public.budget_status to authenticated;
grant select on public.budget_status to service_role;

create view public.daily_usage with (security_invoker=true) as
 SELECT rollup.date,
    rollup.organization_id,
    rollup.user_id,
    rollup.agent_id,
    rollup.vendor_id,
    rollup.model_name,
    rollup.interactions,
    rollup.failed,
    rollup.unpriced,
    rollup.recorded,
    rollup.input_tokens,
    rollup.output_tokens,
    rollup.total_cost,
    rollup.recorded_cost,
    rollup.duration_minutes,
    rollup.satisfaction_sum,
    rollup.satisfaction_count,
    rollup.usefulness_sum,
    rollup.usefulness_count
   FROM public.usage_daily_rollup rollup
  WHERE (rollup.calendar_id <> ALL (ARRAY( SELECT private.stale_calendars() AS stale_calendars)))
UNION ALL
 SELECT usage_realtime.date,
    usage_realtime.organization_id,
    usage_realtime.user_id,
    usage_realtime.agent_id,
    usage_realtime.vendor_id,
    usage_realtime.model_name,
    usage_realtime.interactions,
    usage_realtime.failed,
    usage_realtime.unpriced,
    usage_realtime.recorded,
    usage_realtime.input_tokens,
    usage_realtime.output_tokens,
    usage_realtime.total_cost,
    usage_realtime.recorded_cost,
    usage_realtime.duration_minutes,
    usage_realtime.satisfaction_sum,
    usage_realtime.satisfaction_count,
    usage_realtime.usefulness_sum,
    usage_realtime.usefulness_count
   FROM private.usage_realtime;
grant select on public.daily_usage to authenticated;
grant select on public.daily_usage to service_role;

create view public.deleted_organizations with (security_invoker=true) as
 SELECT id,
    name,
    role,
    deleted_at,
    purged_after
   FROM private.my_deleted_organizations() my_deleted_organizations(id, name, role, deleted_at, purged_after);
grant select on public.deleted_organizations to authenticated;

create view public.job_status with (security_invoker=true) as
 SELECT jobs.name,
    jobs.description,
    jobs.schedule,
    jobs.is_enabled,
    (EXISTS ( SELECT
           FROM private.job_sessions() sessions(job_name, pid)
          WHERE (sessions.job_name = jobs.name))) AS is_running,
    last_run.outcome AS last_outcome,
    last_run.started_at AS last_started_at,
    last_run.finished_at AS last_finished_at,
    last_run.error_message AS last_error,
    last_success.finished_at AS last_success_at,
    last_success.result AS last_result,
    (last_success.finished_at - last_success.started_at) AS last_duration,
    failures.count AS consecutive_failures,
    ( SELECT count(*) AS count
           FROM private.job_failures
          WHERE (job_failures.job_name = jobs.name)) AS failing_items,
    last_success.items_left,
    last_success.oldest_due_at,
    COALESCE(( SELECT ((count(*) = 3) AND bool_and((runs.items_left > 0)))
           FROM ( SELECT job_runs.items_left
                   FROM private.job_runs
                  WHERE ((job_runs.job_name = jobs.name) AND (job_runs.finished_at IS NOT NULL))
                  ORDER BY job_runs.id DESC
                 LIMIT 3) runs), false) AS is_behind,
    (jobs.is_enabled AND (COALESCE(last_success.finished_at, jobs.created_at) < (now() - jobs.period))) AS is_due,
    (jobs.is_enabled AND (COALESCE(last_success.finished_at, jobs.created_at) < (now() - ((2)::double precision * jobs.period)))) AS is_late
   FROM (((private.jobs
     LEFT JOIN LATERAL ( SELECT runs.id,
            runs.job_name,
            runs.outcome,
            runs.result,
            runs.last_item,
            runs.items_done,
            runs.items_failed,
            runs.items_left,
            runs.oldest_due_at,
            runs.error_code,
            runs.error_message,
            runs.session_pid,
            runs.started_at,
            runs.finished_at,
            runs.created_at
           FROM private.job_runs runs
          WHERE (runs.job_name = jobs.name)
          ORDER BY runs.id DESC
         LIMIT 1) last_run ON (true))
     LEFT JOIN LATERAL ( SELECT runs.id,
            runs.job_name,
            runs.outcome,
            runs.result,
            runs.last_item,
            runs.items_done,
            runs.items_failed,
            runs.items_left,
            runs.oldest_due_at,
            runs.error_code,
            runs.error_message,
            runs.session_pid,
            runs.started_at,
            runs.finished_at,
            runs.created_at
           FROM private.job_runs runs
          WHERE ((runs.job_name = jobs.name) AND (runs.outcome = 'succeeded'::text))
          ORDER BY runs.id DESC
         LIMIT 1) last_success ON (true))
     CROSS JOIN LATERAL ( SELECT count(*) AS count
           FROM private.job_runs runs
          WHERE ((runs.job_name = jobs.name) AND (runs.id > COALESCE(last_success.id, (0)::bigint)) AND ((runs.outcome = ANY (ARRAY['failed'::text, 'timed_out'::text, 'crashed'::text])) OR ((runs.finished_at IS NULL) AND (NOT (EXISTS ( SELECT
                   FROM private.job_sessions() sessions(job_name, pid)
                  WHERE ((sessions.job_name = runs.job_name) AND (sessions.pid = runs.session_pid))))))))) failures);
grant select on public.job_status to service_role;

create view public.organization_people with (security_invoker=true) as
 SELECT organization_id,
    user_id,
    role,
    email,
    full_name,
    avatar_url,
    last_active_at
   FROM private.member_directory;
grant select on public.organization_people to authenticated;

create view public.public_agents with (security_invoker=true) as
 SELECT id,
    name,
    description,
    type,
    status,
    capabilities,
    tags,
    vendor_id,
    model_name,
    voice_provider,
    voice_id,
    is_public,
    is_published,
    activity_score,
    created_at,
    updated_at
   FROM private.public_agents;
grant select on public.public_agents to anon;
grant select on public.public_agents to authenticated;
grant select on public.public_agents to service_role;

create view public.public_models with (security_invoker=true) as
 SELECT id,
    agent_id,
    name,
    display_name,
    provider,
    is_default
   FROM private.public_models;
grant select on public.public_models to anon;
grant select on public.public_models to authenticated;
grant select on public.public_models to service_role;

create view public.recent_interactions with (security_invoker=true) as
 SELECT latest.id,
    named.title,
    named.description,
    named.content_preview,
    named.interaction_type_id,
    named.interaction_type,
    named.interaction_icon,
    named.interaction_color,
    named.agent_id,
    named.agent_name,
    named.vendor_id,
    named.vendor_name,
    named.model_name,
    named.input_tokens,
    named.output_tokens,
    named.total_cost,
    named.source,
    named.satisfaction_rating,
    named.usefulness_rating,
    named.tags,
    named.external_link,
    named.session_id,
    latest.started_at,
    named.ended_at,
    named.duration_minutes,
    named.status,
    named.turn_state,
    named.user_id,
    named.organization_id,
    named.created_at
   FROM (( SELECT listed.id,
            listed.started_at
           FROM private.latest_interactions(1000) listed(id, started_at)
          ORDER BY listed.started_at DESC) latest
     CROSS JOIN LATERAL ( SELECT named_interactions.id,
            named_interactions.title,
            named_interactions.description,
            named_interactions.content_preview,
            named_interactions.interaction_type_id,
            named_interactions.interaction_type,
            named_interactions.interaction_icon,
            named_interactions.interaction_color,
            named_interactions.agent_id,
            named_interactions.agent_name,
            named_interactions.vendor_id,
            named_interactions.vendor_name,
            named_interactions.model_name,
            named_interactions.input_tokens,
            named_interactions.output_tokens,
            named_interactions.total_cost,
            named_interactions.source,
            named_interactions.satisfaction_rating,
            named_interactions.usefulness_rating,
            named_interactions.tags,
            named_interactions.external_link,
            named_interactions.session_id,
            named_interactions.started_at,
            named_interactions.ended_at,
            named_interactions.duration_minutes,
            named_interactions.status,
            named_interactions.turn_state,
            named_interactions.user_id,
            named_interactions.organization_id,
            named_interactions.created_at
           FROM private.named_interactions
          WHERE (named_interactions.id = latest.id)
         LIMIT 1) named)
  ORDER BY latest.started_at DESC;
grant select on public.recent_interactions to authenticated;
grant select on public.recent_interactions to service_role;

create view public.teams with (security_invoker=true) as
 SELECT id,
    name,
    slug,
    plan,
    created_by,
    created_at,
    updated_at
   FROM public.organizations;
grant delete, insert, select, update on public.teams to service_role;
grant insert (id, name, slug, created_by), select, update (id, name, slug, created_by) on public.teams to authenticated;

create view public.user_roles with (security_invoker=true) as
 SELECT (md5(((user_id)::text || (organization_id)::text)))::uuid AS id,
    user_id,
    role,
    organization_id AS team_id,
    granted_by,
    granted_at
   FROM public.organization_members;
grant delete, insert, select, update on public.user_roles to service_role;
grant delete, select, update (role) on public.user_roles to authenticated;

create view public.users with (security_invoker=true) as
 SELECT id,
    email,
    full_name,
    avatar_url,
    subscription_tier,
    created_at,
    updated_at
   FROM public.profiles;
grant insert (id, full_name, avatar_url, updated_at), select, update (id, full_name, avatar_url, updated_at) on public.users to authenticated;
grant insert, select, update on public.users to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.abandoned_turn()
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select
    '{"state": "failed", "usage_is_unknown": true, "error": {"code": "abandoned", "message": '
    '"The process that ran this turn ended before it could settle it."}}'::jsonb
$body$;
grant execute on function private.abandoned_turn() to service_role;

create function private.abandoned_turns(expired_before timestamp with time zone)
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    turns.id::text,
    row_number() over (
      partition by turns.organization_id order by turns.lease_expires_at, turns.id
    ),
    turns.lease_expires_at
  from private.running_turns turns
  where turns.lease_expires_at < abandoned_turns.expired_before
$body$;
grant execute on function private.abandoned_turns(timestamp with time zone) to service_role;

create function private.accept_invitation(token text)
returns uuid
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  invitation public.organization_invitations;
begin
  select invitations.* into invitation
  from public.organization_invitations invitations
  join public.organizations on organizations.id = invitations.organization_id
  and organizations.deleted_at is null
  join public.profiles
    on profiles.id = (select auth.uid())
    and lower(profiles.email collate "C") = lower(invitations.email collate "C")
  where invitations.token_hash = private.token_hash(accept_invitation.token)
    and private.may_grant(invitations.organization_id, invitations.invited_by, invitations.role)
  for update of invitations;

  if invitation.id is null then
    perform private.refuse(
      'invitation_not_found', 'Invitation not found, or it is not addressed to you.',
      'Sign in with the e-mail address that was invited, or ask for a new invitation.'
    );
  end if;
  if invitation.accepted_at is not null then
    perform private.refuse('invitation_used', 'This invitation has already been accepted.');
  end if;
  if invitation.expires_at <= now() then
    perform private.refuse(
      'invitation_expired', 'This invitation has expired.',
      'Ask for a new one.'
    );
  end if;

  insert into public.organization_members (
    organization_id, user_id, role, granted_by, last_active_at
  )
  values (
    invitation.organization_id, (select auth.uid()), invitation.role, invitation.invited_by, now()
  )
  on conflict do nothing;
  update public.organization_invitations
  set accepted_at = now(), accepted_by = (select auth.uid())
  where organization_invitations.id = invitation.id;
  return invitation.organization_id;
end
$body$;
grant execute on function private.accept_invitation(text) to authenticated;

create function private.access_key_scopes()
returns text[]
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select array['chat', 'embeddings', 'models', 'workflows']
$body$;
grant execute on function private.access_key_scopes() to authenticated, service_role;

create function private.activity_score(days_since_use double precision, recent_uses bigint, average_rating numeric)
returns real
language sql immutable security invoker
set search_path=""
as $body$
  select case
    when activity_score.days_since_use is null then 0
    else (
      0.5 * power(0.5, least(greatest(activity_score.days_since_use, 0), 365) / 7)
      + 0.3 * activity_score.recent_uses / (activity_score.recent_uses + 20.0)
      + 0.2 * coalesce((activity_score.average_rating - 1) / 4, 0.5)
    )
  end::real
$body$;
grant execute on function private.activity_score(double precision,bigint,numeric) to service_role;

create function private.add_access_key_secret(access_key_id uuid, secret jsonb)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  insert into private.access_key_secrets (token_hash, access_key_id)
  values (add_access_key_secret.secret ->> 'token_hash', add_access_key_secret.access_key_id)
$body$;
grant execute on function private.add_access_key_secret(uuid,jsonb) to service_role;

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

create function private.add_first_owner()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  if new.created_by is not null then
    insert into public.organization_members (
      organization_id, user_id, role, granted_by, last_active_at
    )
    values (new.id, new.created_by, 'owner', new.created_by, now());
  end if;
  return new;
end
$body$;

create function private.add_to_agent_rollup()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  insert into public.usage_agent_rollup as rollup (
    agent_id, calendar_id, organization_id,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    added.agent_id, added.calendar_id, added.organization_id,
    -- each measure: sum(added.{name})
    sum(added.interactions), sum(added.failed), sum(added.unpriced), sum(added.recorded),
    sum(added.input_tokens), sum(added.output_tokens), sum(added.total_cost),
    sum(added.recorded_cost), sum(added.duration_minutes), sum(added.satisfaction_sum),
    sum(added.satisfaction_count), sum(added.usefulness_sum), sum(added.usefulness_count)
    -- end
  from added
  where added.agent_id is not null
  group by added.agent_id, added.calendar_id, added.organization_id
  order by added.agent_id, added.calendar_id
  on conflict (agent_id, calendar_id) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name}
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count
    -- end
  ;
  return null;
end
$body$;

create function private.add_to_workflow_counts(changes jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  change record;
begin
  for change in
    select
      row.workflow_id,
      sum(row.weight) as executions,
      coalesce(sum(row.weight) filter (where row.status = 'success'), 0) as successes,
      coalesce(sum(row.weight) filter (where row.status = 'error'), 0) as errors,
      max(row.started_at) filter (where row.weight > 0) as latest
    from jsonb_to_recordset(add_to_workflow_counts.changes) as row (
      workflow_id uuid, status text, started_at timestamptz, weight integer
    )
    group by row.workflow_id
    order by row.workflow_id
  loop
    update public.workflows
    -- Set to less by hand, a counter must not keep an execution from being deleted.
    set execution_count = greatest(0, execution_count + change.executions),
        success_count = greatest(0, success_count + change.successes),
        error_count = greatest(0, error_count + change.errors),
        last_execution = greatest(last_execution, change.latest)
    where workflows.id = change.workflow_id;
  end loop;
end
$body$;

create function private.admit_to_circuit(agent_id uuid)
returns timestamp with time zone
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  health public.agent_health;
begin
  select agent_health.* into health
  from public.agent_health
  where agent_health.agent_id = admit_to_circuit.agent_id;
  if health.id is null or health.circuit_state = 'closed' then
    return null;
  end if;
  -- One call may try. The row lock picks it: a caller that waited for it finds the
  -- time moved. A probe that never reports frees the place after a minute, from
  -- the beginning of its turn, by which free_circuit() knows it again.
  update public.agent_health
  set circuit_state = 'half_open', circuit_retry_at = now() + interval '1 minute'
  where agent_health.id = health.id
    and agent_health.circuit_state <> 'closed'
    and agent_health.circuit_retry_at <= clock_timestamp();
  return case when not found then health.circuit_retry_at end;
end
$body$;
grant execute on function private.admit_to_circuit(uuid) to service_role;

create function private.adopt_seed_words()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if tg_op = 'INSERT' then
    new.organization_id = coalesce(new.team_id, new.organization_id);
    new.vendor_id = coalesce(new.llm_provider, new.vendor_id);
    new.model_name = coalesce(new.llm_model, new.model_name);
    new.config = coalesce(nullif(new.config_json, 'null'), new.config);
    new.enabled = coalesce(new.is_active, new.enabled);
  else
    -- The word that was written tells; where both were, the column's own name.
    if (new.llm_provider, new.llm_model) is distinct from (old.llm_provider, old.llm_model)
      and (new.vendor_id, new.service_id, new.model_name)
        is not distinct from (old.vendor_id, old.service_id, old.model_name)
    then
      new.vendor_id = new.llm_provider;
      new.model_name = new.llm_model;
      new.service_id = null;
    end if;
    if new.team_id is distinct from old.team_id
      and new.organization_id is not distinct from old.organization_id
    then
      new.organization_id = new.team_id;
    end if;
    if new.config_json is distinct from old.config_json
      and new.config is not distinct from old.config
    then
      new.config = coalesce(nullif(new.config_json, 'null'), '{}');
    end if;
    if new.is_active is distinct from old.is_active
      and new.enabled is not distinct from old.enabled
    then
      new.enabled = coalesce(new.is_active, true);
    end if;
  end if;
  new.team_id = new.organization_id;
  new.llm_provider = new.vendor_id;
  new.llm_model = new.model_name;
  new.config_json = new.config;
  new.is_active = new.enabled;
  return new;
end
$body$;

create function private.advance_watermark(batch integer DEFAULT 200000)
returns bigint
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deadline constant timestamptz := clock_timestamp() + interval '60 seconds';
  watermark private.usage_watermark := private.lock_watermark();
  safe timestamptz := private.safe_watermark(watermark);
  result record;
begin
  select * into result
  from private.roll_up_all_until(
    watermark.rolled_up_until, safe, advance_watermark.batch, deadline
  );
  update private.usage_watermark
  set rolled_up_until = result.reached;
  -- The next proposal, unless the last one is still waited for. A transaction from the future is
  -- another server's, from which this database was restored.
  if watermark.next_transaction is null
    or watermark.next_until <= safe
    or watermark.next_transaction > pg_current_xact_id()
  then
    update private.usage_watermark
    set next_until = now() - interval '30 minutes', next_transaction = pg_current_xact_id();
  end if;
  return result.written;
end
$body$;

create function private.affordable_tokens(turn private.running_turns, routes jsonb, size private.prompt_size, wanted integer)
returns integer
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select least(
      affordable_tokens.wanted,
      -- A quarter of what is left, or one answer would keep all others waiting; a thousand tokens
      -- at least.
      min(
        case
          when costs.per_token > 0
            then greatest(floor((left_over.amount / 4 - costs.fixed) / costs.per_token), 1024)
        end
      )
    )
    from private.costs_of_routes(
      affordable_tokens.routes, affordable_tokens.size, affordable_tokens.turn.source
    ) costs,
    (
      select min(budgets.limit_usd - budgets.spent_usd - budgets.reserved_usd) as amount
      from private.budgets_of(
        affordable_tokens.turn.organization_id, affordable_tokens.turn.user_id,
        affordable_tokens.turn.agent_id, affordable_tokens.turn.access_key_id
      ) budgets
      where budgets.is_active
    ) left_over
    where left_over.amount is not null
    having count(*) > 0
  );
end
$body$;
grant execute on function private.affordable_tokens(private.running_turns,jsonb,private.prompt_size,integer) to service_role;

create function private.agent_contact(agent public.agents)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- Who made it may have left the organization that it belongs to.
  return (
    select (agent_contact.agent).created_by
    where (agent_contact.agent).organization_id is null or exists (
    select from public.organization_members members
    where members.organization_id = (agent_contact.agent).organization_id
      and members.user_id = (agent_contact.agent).created_by
  ));
end
$body$;

create function private.agent_definition(agent public.agents)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_object_agg(fields.name, fields.value)
  from jsonb_each(to_jsonb(agent_definition.agent)) as fields (name, value)
  where fields.name in (
    'type', 'vendor_id', 'service_id', 'model_name', 'system_prompt', 'temperature', 'max_tokens',
    'config', 'capabilities', 'deployment_config', 'voice_provider', 'voice_id', 'voice_settings',
    'speech_processing', 'security', 'knowledge_base_ids'
  )
$body$;
grant execute on function private.agent_definition(public.agents) to authenticated, service_role;

create function private.agents_for_chat(organization_id uuid)
returns SETOF uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select agents.id from public.agents where agents.is_platform
  union all
  select agents.id
  from public.agents
  where agents.created_by = (select auth.uid()) and agents.organization_id is null
  union all
  select agents.id
  from public.agents
  where agents.organization_id = agents_for_chat.organization_id
    and agents.organization_id = any (array(select private.my_organizations('member')));
end
$body$;
grant execute on function private.agents_for_chat(uuid) to service_role;

create function private.agents_named(names text[], organization_id uuid)
returns SETOF uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select agents.id from public.agents
  where agents.name = any (agents_named.names) and agents.is_platform
  union all
  select agents.id
  from public.agents
  where agents.name = any (agents_named.names)
    and agents.created_by = (select auth.uid()) and agents.organization_id is null
  union all
  select agents.id
  from public.agents
  where agents.name = any (agents_named.names)
    and agents.organization_id = agents_named.organization_id
    and agents.organization_id = any (array(select private.my_organizations('member')));
end
$body$;
grant execute on function private.agents_named(text[],uuid) to service_role;

create function private.agents_to_score()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    coalesce(
      agents.organization_id, agents.created_by, '00000000-0000-0000-0000-000000000000'
    )::text,
    1::bigint,
    null::timestamptz
  from public.agents
  where agents.last_used_at is not null or agents.activity_score > 0
  group by 1
$body$;

create function private.agents_to_trim()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    agents.id::text,
    row_number() over (partition by agents.organization_id, agents.created_by order by agents.id),
    null::timestamptz
  from (
    select
      organizations.id as organization_id,
      private.conversations_kept_since(organizations.id) as since
    from public.organizations
    union all
    select null, private.conversations_kept_since(null)
  ) kept
  join public.agents on agents.organization_id is not distinct from kept.organization_id
  where exists (
    select
    from public.agent_thoughts thoughts
    where thoughts.agent_id = agents.id and thoughts.created_at < kept.since
  ) or exists (
    select from public.workflows
    join public.workflow_executions executions on executions.workflow_id = workflows.id
    where workflows.agent_id = agents.id
      and executions.started_at < kept.since
      and executions.updated_at < kept.since
  )
$body$;

create function private.all_routes(target private.chat_target, kinds text[], settings jsonb, payer uuid)
returns SETOF jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  route jsonb := private.route_to(all_routes.target, all_routes.kinds);
  -- Not a stranger's: they would be sent the prompt, wherever the names lead the caller.
  fallbacks jsonb := (
    select agents.config -> 'fallbacks' from public.agents
    where agents.id = all_routes.target.agent_id and not private.is_stranger_to(agents)
  );
  fallback text;
begin
  if route is not null then
    return next route;
  end if;
  if jsonb_typeof(fallbacks) is distinct from 'array' then
    return;
  end if;
  for fallback in select * from jsonb_array_elements_text(fallbacks) limit 4 loop
    route := private.route_to(
      private.find_chat_target(fallback, all_routes.settings ->> 'default_agent', all_routes.payer),
      all_routes.kinds
    );
    if route is not null then
      return next route;
    end if;
  end loop;
end
$body$;
grant execute on function private.all_routes(private.chat_target,text[],jsonb,uuid) to service_role;

create function private.answer_limit(turn private.running_turns, routes jsonb, request jsonb, size private.prompt_size, default_limit integer)
returns integer
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case
    when answer_limit.turn.source = 'chat'
      and answer_limit.request ->> 'max_output_tokens' is null
    then private.affordable_tokens(
      answer_limit.turn, answer_limit.routes, answer_limit.size,
      private.answer_tokens('chat', '{}', answer_limit.routes, answer_limit.default_limit)
    )
  end;
end
$body$;
grant execute on function private.answer_limit(private.running_turns,jsonb,jsonb,private.prompt_size,integer) to service_role;

create function private.answer_of_turn(turn_id uuid)
returns public.chat_messages
language sql stable security invoker
set search_path=""
as $body$
  select messages.*
  from public.chat_messages messages
  where messages.interaction_id = answer_of_turn.turn_id
    and messages.role = 'assistant'
    -- What the caller sent has none.
    and messages.latency_ms is not null
  order by messages.seq desc
  limit 1
$body$;
grant execute on function private.answer_of_turn(uuid) to service_role;

create function private.answer_tokens(kind text, request jsonb, routes jsonb, default_limit integer)
returns integer
language sql immutable security invoker
set search_path=""
as $body$
  select case answer_tokens.kind
    when 'chat' then coalesce(
      (answer_tokens.request ->> 'max_output_tokens')::integer,
      answer_tokens.default_limit,
      (answer_tokens.routes -> 0 ->> 'max_output_tokens')::integer,
      4096
    )
    else 0
  end
$body$;
grant execute on function private.answer_tokens(text,jsonb,jsonb,integer) to service_role;

create function private.api_key_for(key_id text, own boolean)
returns public.user_api_keys
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  me uuid := auth.uid();
  managed uuid[] := case
    when not api_key_for.own then array(select private.my_organizations('admin'))
  end;
  key public.user_api_keys;
begin
  select keys.* into key
  from public.user_api_keys keys
  where keys.id = private.as_uuid(api_key_for.key_id)
    and (keys.user_id = me or keys.organization_id = any (managed))
  for no key update;
  if key.id is null then
    perform private.refuse(
      'key_not_found', 'Key not found, or it is not yours.',
      'The table user_api_keys lists your keys.'
    );
  end if;
  return key;
end
$body$;
grant execute on function private.api_key_for(text,boolean) to service_role;

create function private.append_history(session_id uuid, history jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb;
  known integer;
begin
  if append_history.history is null or append_history.history in ('null', '[]') then
    return;
  end if;
  if jsonb_typeof(append_history.history) <> 'array'
    or append_history.history @? '$[*] ? (@.type() != "object")'
  then
    perform private.refuse(
      'history_is_no_list', '"conversation_history" must be a list of messages.',
      'Send [{"role": "user", "content": "…"}, …].'
    );
  end if;
  if exists (
    select from jsonb_array_elements(append_history.history) as message
    where jsonb_typeof(message.value -> 'role') is distinct from 'string'
      or coalesce(
        jsonb_typeof(message.value -> 'content'), 'null'
      ) not in ('string', 'array', 'null')
  ) then
    perform private.refuse(
      'message_is_malformed',
      'A message of "conversation_history" has no role, or its content is not text.',
      'Send {"role": "user", "content": "…"}, or a list of parts as its content.'
    );
  end if;
  select public.conversation_history(sessions) into stored
  from public.chat_sessions sessions where sessions.id = append_history.session_id;
  known := jsonb_array_length(stored);
  if known > 0
    and private.plain_history(
      append_history.history, known
    ) is distinct from private.plain_history(stored, known)
  then
    perform private.refuse(
      'history_is_append_only', 'Messages of "conversation_history" cannot be changed or removed.',
      'Read the session again and append to its list, or delete rows of agent_messages with a '
      'secret key.'
    );
  end if;
  insert into public.chat_messages (
    session_id, role, content, content_parts, name, tool_calls, tool_call_id
  )
  select
    append_history.session_id,
    message.value ->> 'role',
    private.text_of(message.value -> 'content'),
    case jsonb_typeof(message.value -> 'content') when 'array' then message.value -> 'content' end,
    message.value ->> 'name',
    nullif(message.value -> 'tool_calls', 'null'),
    message.value ->> 'tool_call_id'
  from jsonb_array_elements(append_history.history) with ordinality as message
  where message.ordinality > known
  order by message.ordinality;
end
$body$;
grant execute on function private.append_history(uuid,jsonb) to authenticated, service_role;

create function private.apply_defaults()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  given jsonb := to_jsonb(new);
  missing record;
  value jsonb;
begin
  for missing in
    select
      columns.attname::text as name,
      defaults.adbin as expression
    from pg_catalog.pg_attribute columns
    join pg_catalog.pg_attrdef defaults on defaults.adrelid = columns.attrelid
    and defaults.adnum = columns.attnum
    where columns.attrelid = tg_relid
      and columns.attnotnull
      and given -> columns.attname::text = 'null'
  loop
    execute format('select to_jsonb(%s)', pg_catalog.pg_get_expr(missing.expression, tg_relid))
    into value;
    given = jsonb_set(given, array[missing.name], value);
  end loop;
  return jsonb_populate_record(new, given);
end
$body$;

create function private.apply_retention(organization_id uuid, batch integer DEFAULT 1000)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  -- Sessions first: docs/decisions/lock-order.md.
  select private.remove_old_sessions(apply_retention.organization_id, apply_retention.batch)
    + private.remove_old_interactions(apply_retention.organization_id, apply_retention.batch)
$body$;

create function private.archive_usage(interactions uuid[])
returns void
language sql volatile security invoker
set search_path=""
as $body$
  insert into public.usage_archive_rollup as rollup (
    started_at, organization_id, user_id, agent_id, vendor_id, model_name, access_key_id,
    -- each measure: {name},
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count,
    -- end
    fingerprints
  )
  select
    archived.started_at, archived.organization_id, archived.user_id, archived.agent_id,
    archived.vendor_id, archived.model_name, archived.access_key_id,
    -- each measure: archived.{name},
    archived.interactions, archived.failed, archived.unpriced, archived.recorded,
    archived.input_tokens, archived.output_tokens, archived.total_cost, archived.recorded_cost,
    archived.duration_minutes, archived.satisfaction_sum, archived.satisfaction_count,
    archived.usefulness_sum, archived.usefulness_count,
    -- end
    archived.fingerprints
  from private.usage_of_interactions(archive_usage.interactions) archived
  on conflict (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id
  ) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name},
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count,
    -- end
    fingerprints = rollup.fingerprints || excluded.fingerprints
$body$;

create function private.are_key_settings(settings jsonb)
returns boolean
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select case when jsonb_typeof(are_key_settings.settings) = 'object' then (
    select count(*) <= 8 and coalesce(bool_and(
      settings.name ~ '^\w{1,63}$'
      and jsonb_typeof(settings.value) = 'string'
      and settings.value #>> '{}' ~ '^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$'
    ), true)
    from jsonb_each(are_key_settings.settings) as settings (name, value)
  ) else false end
$body$;
grant execute on function private.are_key_settings(jsonb) to authenticated, service_role;

create function private.are_unit_rates(rates jsonb)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_typeof(are_unit_rates.rates) = 'object'
    and not exists (
      select from jsonb_each(
        case jsonb_typeof(are_unit_rates.rates) when 'object' then are_unit_rates.rates end
      ) as rate (unit, amount)
      where rate.unit !~ '^(character|second|image)(/[a-z0-9_.-]{1,40}){0,2}$'
        or jsonb_typeof(rate.amount) <> 'number'
        or not rate.amount between '0' and '10000'
    )
$body$;
grant execute on function private.are_unit_rates(jsonb) to service_role;

create function private.as_model_message(message public.chat_messages)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  made jsonb := private.as_openai_message(as_model_message.message);
begin
  if as_model_message.message.continuation is not null then
    made := made || jsonb_build_object('continuation', as_model_message.message.continuation);
  end if;
  -- A client marks the end of what shall be cached, which was another one each time.
  if as_model_message.message.role not in ('system', 'developer')
    and as_model_message.message.content_parts @? '$[*].cache_control'
  then
    made := jsonb_set(made, '{content}', (
      select jsonb_agg(
        case jsonb_typeof(part.value)
          when 'object' then part.value - 'cache_control'
          else part.value
        end
        order by part.ordinality
      )
      from jsonb_array_elements(made -> 'content') with ordinality as part
    ));
  end if;
  return made;
end
$body$;
grant execute on function private.as_model_message(public.chat_messages) to service_role;

create function private.as_openai_message(message public.chat_messages)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- As nearly all are, and hundreds are read for a turn.
  if num_nonnulls(
    as_openai_message.message.name, as_openai_message.message.content_parts,
    as_openai_message.message.tool_calls, as_openai_message.message.tool_call_id
  ) = 0 then
    return jsonb_build_object(
      'role', as_openai_message.message.role, 'content', as_openai_message.message.content
    );
  end if;
  return jsonb_strip_nulls(jsonb_build_object(
    'role', as_openai_message.message.role,
    'name', as_openai_message.message.name,
    'tool_calls', as_openai_message.message.tool_calls,
    'tool_call_id', as_openai_message.message.tool_call_id
  )) || jsonb_build_object(
    'content', case
      when as_openai_message.message.content_parts is not null
        then as_openai_message.message.content_parts
      when as_openai_message.message.content = ''
        and as_openai_message.message.tool_calls is not null
        then 'null'::jsonb
      else to_jsonb(as_openai_message.message.content)
    end
  );
end
$body$;
grant execute on function private.as_openai_message(public.chat_messages) to authenticated, service_role;

create function private.as_sale(price public.service_prices, attempt integer, usage jsonb)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select as_sale.usage || jsonb_build_object(
      'attempt', as_sale.attempt,
      'price_id',
      (select prices.id from public.service_prices prices where prices.id = as_sale.price.id),
      -- Where nothing was noted to estimate by, the cost is not known.
      'breakdown', case
        when as_sale.usage @> '{"estimated": true, "input_tokens": 0, "output_tokens": 0}' then null
        else private.cost_of(as_sale.price, as_sale.usage)
      end
    )
  );
end
$body$;
grant execute on function private.as_sale(public.service_prices,integer,jsonb) to service_role;

create function private.as_uuid(value text)
returns uuid
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case
    when as_uuid.value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      then as_uuid.value::uuid
  end;
end
$body$;
grant execute on function private.as_uuid(text) to authenticated, service_role;

create function private.audit_access_key()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Person or organization may be what is being deleted, and the key with them.
  insert into public.access_key_events (
    access_key_id, organization_id, user_id, actor_id, event, details
  )
  select
    new.id, organizations.id, owner.id,
    (select profiles.id from public.profiles where profiles.id = (select auth.uid())),
    case
      when tg_op = 'INSERT' then 'created'
      when new.revoked_at is distinct from old.revoked_at then 'revoked'
      when new.rotated_at is distinct from old.rotated_at then 'rotated'
      else 'changed'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'name', new.name, 'prefix', new.prefix, 'last_four', new.last_four, 'scopes', new.scopes,
      'agent_ids', new.agent_ids,
      'requests_per_minute', new.requests_per_minute, 'expires_at', new.expires_at
    ))
  from public.organizations
  join public.profiles owner on owner.id = new.user_id
  where organizations.id = new.organization_id;
  return null;
end
$body$;

create function private.audit_api_key()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Person and organization may be what is being deleted; then they are not named.
  insert into public.api_key_events (key_id, user_id, organization_id, actor_id, event, details)
  select
    coalesce(new.id, old.id),
    owner.id,
    (
      select organizations.id
      from public.organizations
      where organizations.id = coalesce(new.organization_id, old.organization_id)
    ),
    (select profiles.id from public.profiles where profiles.id = (select auth.uid())),
    case
      when current_setting('agentbase.audit_event', true) <> ''
        then current_setting('agentbase.audit_event', true)
      when tg_op = 'INSERT' then 'created'
      when tg_op = 'DELETE' then 'deleted'
      when new.encrypted_key <> old.encrypted_key then 'replaced'
      else 'changed'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'vendor_id', coalesce(new.vendor_id, old.vendor_id), 'display_name', new.display_name,
      'is_active', new.is_active, 'shared_with', new.organization_id,
      'problem', case when not new.is_active then new.last_error end
    ))
  from public.profiles owner
  where owner.id = coalesce(new.user_id, old.user_id);
  return null;
end
$body$;

create function private.auth_triggers()
returns SETOF text
language sql immutable security invoker
set search_path=""
as $body$
  values
    ('on_auth_user_created'), ('on_auth_user_changed'), ('delete_personal_organization'),
    ('release_organizations'), ('delete_own_agents'), ('scrub_interactions')
$body$;
grant execute on function private.auth_triggers() to service_role;

create function private.background_report()
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'turns', (
      select jsonb_build_object(
        'running', count(*),
        -- The sweep comes by every minute.
        'unsettled', count(*) filter (where turns.lease_expires_at < now() - interval '2 minutes')
      )
      from private.running_turns turns
    ),
    'partitions', private.partition_report(),
    'jobs', (
      select jsonb_build_object(
        'late',
        coalesce(jsonb_agg(status.name order by status.name) filter (where status.is_late), '[]'),
        'failing',
        coalesce(
          jsonb_agg(status.name order by status.name) filter (
            where status.consecutive_failures >= 3
          ),
          '[]'
        ),
        'behind',
        coalesce(jsonb_agg(status.name order by status.name) filter (where status.is_behind), '[]'),
        'failing_items', coalesce(
          jsonb_agg(status.name order by status.name) filter (where exists (
            select
            from private.job_failures failures
            where failures.job_name = status.name and failures.attempts >= 3
          )), '[]'
        )
      )
      from public.job_status status
    ),
    'function_calls', (
      select jsonb_build_object(
        'failed', count(*) filter (where function_call_outbox.outcome = 'failed'),
        'last_outcome',
        (
          array_agg(
            function_call_outbox.outcome order by function_call_outbox.created_at desc
          ) filter (where function_call_outbox.finished_at is not null)
        )[1],
        'last_finished_at', max(function_call_outbox.finished_at)
      )
      from private.function_call_outbox
      where function_call_outbox.created_at > now() - interval '1 hour'
    )
  )
$body$;
grant execute on function private.background_report() to service_role;

create function private.before_last(session_id uuid, history int8multirange)
returns int8multirange
language sql stable security invoker
set search_path=""
as $body$
  select before_last.history * int8multirange(int8range(null, (
    select stored.seq
    from public.chat_messages stored
    where stored.session_id = before_last.session_id
      and stored.seq <@ before_last.history
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq desc
    limit 1
  )))
$body$;
grant execute on function private.before_last(uuid,int8multirange) to service_role;

create function private.begin_branch(session public.chat_sessions, turn_id uuid, history int8multirange)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  first_seq bigint := (
    select messages.seq + 1
    from public.chat_messages messages
    where messages.session_id = begin_branch.session.id
    order by messages.seq desc
    limit 1
  );
  branch int8multirange := begin_branch.history
    + int8multirange(int8range(coalesce(first_seq, 1), null));
begin
  insert into private.session_branches (session_id, first_seq, branch, turn_id)
  values (begin_branch.session.id, coalesce(first_seq, 1), branch, begin_branch.turn_id)
  -- A turn that failed before it wrote a message.
  on conflict on constraint session_branches_pkey
  do update set branch = excluded.branch, turn_id = excluded.turn_id;
  update public.chat_sessions
  set current_branch = branch
  where chat_sessions.id = begin_branch.session.id;
end
$body$;
grant execute on function private.begin_branch(public.chat_sessions,uuid,int8multirange) to service_role;

create function private.begin_budget_period()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  zone text;
begin
  -- A turn that is charged at the same time could not see this budget yet, nor this sum
  -- that turn: it comes first, or waits until it can.
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

create function private.begin_budget_periods(organization_id uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return (
    select count(*) filter (
      where private.lock_budgets(begin_budget_periods.organization_id)
    )::integer
    from private.budgets_to_begin() due
    where due.item = begin_budget_periods.organization_id::text
  );
end
$body$;

create function private.begun_turn(turn private.running_turns, resolved private.resolved_turn, routes jsonb)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'turn_id', begun_turn.turn.id,
    'session_id', (begun_turn.resolved.session).session_id,
    'caller',
    jsonb_build_object(
      'user_id', begun_turn.turn.user_id, 'access_key_id', begun_turn.turn.access_key_id
    ),
    'agent',
    jsonb_build_object(
      'id', (begun_turn.resolved.agent).id, 'name', (begun_turn.resolved.agent).name
    ),
    'model', coalesce(
      (
        select models.name
        from public.models
        where models.id = (begun_turn.resolved.target).model_id
      ),
      begun_turn.routes -> 0 ->> 'model'
    ),
    'routes', begun_turn.routes,
    'defaults', jsonb_build_object(
      'temperature',
      coalesce(
        to_jsonb((begun_turn.resolved.agent).temperature),
        begun_turn.resolved.settings -> 'temperature'
      ),
      'max_tokens', begun_turn.resolved.max_tokens
    )
  )
$body$;
grant execute on function private.begun_turn(private.running_turns,private.resolved_turn,jsonb) to service_role;

create function private.blob_of(value jsonb)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return coalesce(blob_of.value ->> 'ciphertext', blob_of.value #>> '{}');
end
$body$;
grant execute on function private.blob_of(jsonb) to service_role;

create function private.bounded_cost(cost text)
returns numeric
language sql immutable security invoker
set search_path=""
as $body$
  select case
    -- Short, so that the number that it stands for is one that can be reckoned with.
    when char_length(bounded_cost.cost) <= 40
      and bounded_cost.cost ~ '^\d+(\.\d+)?([eE][-+]?\d{1,3})?$'
      and bounded_cost.cost::numeric <= 1000000000
    then round(bounded_cost.cost::numeric, 10)
  end
$body$;
grant execute on function private.bounded_cost(text) to service_role;

create function private.bounded_usage(usage jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_object_agg(
      class,
      case when jsonb_typeof(bounded_usage.usage -> class) = 'number'
        then least(greatest(trunc((bounded_usage.usage ->> class)::numeric), 0), 1000000000)
        else 0
      end
    ) || jsonb_build_object(
      'estimated', bounded_usage.usage -> 'estimated' is not distinct from 'true',
      'usage_details', private.usage_details(bounded_usage.usage)
    )
    from unnest(array[
      'input_tokens', 'output_tokens', 'cached_input_tokens', 'cache_write_tokens',
      'reasoning_tokens'
    ]) as class
  );
end
$body$;
grant execute on function private.bounded_usage(jsonb) to service_role;

create function private.branch_until(session_id uuid, seq bigint)
returns int8multirange
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    (
      select branches.branch
      from private.session_branches branches
      where branches.session_id = branch_until.session_id
        and branches.first_seq <= branch_until.seq
      order by branches.first_seq desc
      limit 1
    ),
    '{(,)}'
  ) * int8multirange(int8range(null, branch_until.seq, '[]'))
$body$;
grant execute on function private.branch_until(uuid,bigint) to service_role;

create function private.broadcast(topic text, event text, payload jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if broadcast.topic is null
    or to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
  then
    return;
  end if;
  -- Named here only, for a project may be without the schema.
  execute 'select realtime.send($1, $2, $3, true)'
  using broadcast.payload, broadcast.event, broadcast.topic;
end
$body$;

create function private.broadcast_thoughts()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.broadcast(
    private.owner_topic(agents.organization_id, agents.created_by), 'thoughts',
    jsonb_build_object(
      'execution_id', batches.execution_id, 'agent_id', batches.agent_id, 'ids', batches.ids
    )
  )
  from (
    select numbered.execution_id, numbered.agent_id, jsonb_agg(numbered.id) as ids
    from (
      select
        recorded.id, recorded.execution_id, recorded.agent_id,
        row_number() over (partition by recorded.execution_id, recorded.agent_id) / 500 as batch
      from recorded
    ) numbered
    group by numbered.execution_id, numbered.agent_id, numbered.batch
  ) batches
  join public.agents on agents.id = batches.agent_id and not agents.is_platform;
  return null;
end
$body$;

create function private.broadcast_turn()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  turn private.running_turns := coalesce(new, old);
begin
  perform private.broadcast(
    private.owner_topic(turn.organization_id, null), 'turn',
    jsonb_build_object(
      'turn_id', turn.id, 'agent_id', turn.agent_id, 'user_id', turn.user_id,
      'state', case tg_op when 'INSERT' then 'running' else 'settled' end
    )
  );
  return null;
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

create function private.budgets_to_begin()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    budgets.organization_id::text,
    1::bigint,
    min(private.period_end(budgets.period, organizations.timezone, budgets.period_started_at))
  from public.budgets
  join public.organizations on organizations.id = budgets.organization_id
  where budgets.period <> 'total'
    and budgets.period_started_at < private.period_start(
      budgets.period, organizations.timezone, now()
    )
  group by budgets.organization_id
$body$;

create function private.bump_agent_version()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.version = old.version + 1;
  return new;
end
$body$;

create function private.calendars_to_catch_up()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  -- From one organization with deltas to the next, and not through all organizations.
  with recursive changed as (
    (
      select deltas.organization_id from public.usage_deltas deltas
      order by deltas.organization_id limit 1
    )
    union all
    select (
      select deltas.organization_id from public.usage_deltas deltas
      where deltas.organization_id > changed.organization_id
      order by deltas.organization_id limit 1
    )
    from changed
    where changed.organization_id is not null
  )
  select calendars.id::text, 1::bigint, min(due.since)
  from (
    select calendars.organization_id, calendars.created_at as since
    from public.usage_calendars calendars
    where calendars.rolled_up_until < 'infinity'
    union all
    select changed.organization_id, late.since
    from changed
    join public.usage_calendars calendars on calendars.organization_id = changed.organization_id
    cross join private.usage_watermark watermark
    cross join lateral (
      select deltas.created_at as since from public.usage_deltas deltas
      where deltas.organization_id = changed.organization_id
        and deltas.started_at < least(watermark.rolled_up_until, calendars.rolled_up_until)
      order by deltas.started_at limit 1
    ) late
  ) due
  join public.usage_calendars calendars on calendars.organization_id = due.organization_id
  group by calendars.id
$body$;

create function private.calls_that_sold(turn private.running_turns, outcome jsonb)
returns TABLE(attempt integer, service_id text, usage jsonb)
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  attempts jsonb := coalesce(nullif(calls_that_sold.outcome -> 'attempts', 'null'), '[]');
  estimate jsonb := private.bounded_usage(jsonb_build_object(
    'input_tokens', calls_that_sold.turn.input_tokens,
    'output_tokens', calls_that_sold.turn.output_tokens,
    'estimated', true
  ));
  said text := concat(
    calls_that_sold.outcome ->> 'content', calls_that_sold.outcome ->> 'tool_calls'
  );
begin
  if not attempts @? '$[*] ? (exists(@.usage) || exists(@.usage_is_unknown))' then
    if said <> '' then
      estimate := estimate || jsonb_build_object('output_tokens', private.text_tokens(said));
    end if;
    -- An outcome that does not tell its attempts apart speaks of the last one. Of a
    -- turn without any, all that were reserved may have been sold.
    attempts := (
      select jsonb_agg(jsonb_build_object(
        'attempt', attempts -> -1 -> 'attempt',
        'service_id', case
          when calls_that_sold.outcome ->> 'vendor_id' is null
            then calls_that_sold.turn.service_id else calls_that_sold.outcome ->> 'service_id'
        end,
        'usage', calls_that_sold.outcome -> 'usage',
        'usage_is_unknown',
        coalesce(
          (calls_that_sold.outcome ->> 'usage_is_unknown')::boolean,
          calls_that_sold.outcome ->> 'state' <> 'failed'
        )
      ))
      from generate_series(
        1,
        case
          when calls_that_sold.outcome @> '{"usage_is_unknown": true}' and attempts = '[]'
            then calls_that_sold.turn.calls
          else 1
        end
      )
    );
  end if;
  return query
  select
    (call ->> 'attempt')::integer,
    call ->> 'service_id',
    case jsonb_typeof(call -> 'usage')
      when 'object' then private.bounded_usage(call -> 'usage')
      else estimate
    end
  from jsonb_array_elements(attempts) as call
  where jsonb_typeof(call -> 'usage') = 'object' or (call ->> 'usage_is_unknown')::boolean;
end
$body$;
grant execute on function private.calls_that_sold(private.running_turns,jsonb) to service_role;

create function private.catch_up_calendar(calendar bigint, batch integer DEFAULT 20000)
returns bigint
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deadline constant timestamptz := clock_timestamp() + interval '2 seconds';
  watermark timestamptz := (private.lock_watermark()).rolled_up_until;
  since timestamptz;
  late bigint;
  result record;
begin
  -- Every rollup waits for this transaction, so it waits for no other.
  select least(calendars.rolled_up_until, watermark) into since
  from public.usage_calendars calendars
  where calendars.id = catch_up_calendar.calendar for update skip locked;
  if since is null then
    return 0;
  end if;
  late := private.roll_up(
    array[catch_up_calendar.calendar], since, since, catch_up_calendar.batch
  );
  if since = watermark and exists (
    select
    from public.usage_calendars calendars
    where calendars.id = catch_up_calendar.calendar and calendars.rolled_up_until = 'infinity'
  ) then
    return late;
  end if;
  select * into result
  from private.roll_up_until(
    catch_up_calendar.calendar, since, watermark, catch_up_calendar.batch, deadline
  );
  update public.usage_calendars
  set rolled_up_until = case
    when result.reached >= watermark then 'infinity' else result.reached
  end
  where usage_calendars.id = catch_up_calendar.calendar;
  -- Progress was made, even where nothing was to be written.
  return greatest(late + result.written, 1);
end
$body$;

create function private.change_deployment_status()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if not (
    (old.status = 'pending' and new.status in ('deploying', 'failed', 'stopped'))
    or (old.status = 'deploying' and new.status in ('deployed', 'failed', 'stopped'))
    or (old.status in ('deployed', 'failed') and new.status = 'stopped')
  ) then
    perform private.refuse(
      'deployment_transition_refused',
      format('A deployment that is %s cannot become %s.', old.status, new.status),
      'Make a new deployment with deploy_agent().'
    );
  end if;
  if new.status = 'deployed' then
    new.deployed_at = coalesce(new.deployed_at, now());
    -- Two that become deployed at once stop each other in turn.
    perform from public.agents where agents.id = new.agent_id for no key update;
    update public.deployments
    set status = 'stopped'
    where deployments.agent_id = new.agent_id
      and deployments.status = 'deployed'
      and deployments.id <> new.id;
  elsif new.status = 'stopped' then
    new.stopped_at = coalesce(new.stopped_at, greatest(now(), new.deployed_at));
  end if;
  return new;
end
$body$;

create function private.changed_fields(before jsonb, after jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select coalesce(jsonb_object_agg(fields.key, fields.value), '{}')
  from jsonb_each(changed_fields.after) fields
  where fields.value is distinct from changed_fields.before -> fields.key
$body$;
grant execute on function private.changed_fields(jsonb,jsonb) to authenticated, service_role;

create function private.channel_policy_is_missing()
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select to_regclass('realtime.messages') is not null
    and not exists (
      select from pg_catalog.pg_policy policies
      where policies.polrelid = to_regclass('realtime.messages')
        and policies.polname = 'Users receive what is sent to them and their organizations'
    )
$body$;
grant execute on function private.channel_policy_is_missing() to service_role;

create function private.charge_budgets(turn public.ai_interactions, amount numeric)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if not private.lock_budgets(charge_budgets.turn.organization_id) then
    return;
  end if;
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

create function private.check_access_key_narrows()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if not (
    new.scopes <@ old.scopes
    and (old.agent_ids is null or coalesce(new.agent_ids <@ old.agent_ids, false))
    and (
      old.requests_per_minute is null
      or coalesce(new.requests_per_minute <= old.requests_per_minute, false)
    )
    and (old.expires_at is null or coalesce(new.expires_at <= old.expires_at, false))
  ) then
    perform private.refuse(
      'access_key_not_yours_to_widen', 'Only the owner of an access key can extend what it may do.',
      'An admin can narrow or revoke it.'
    );
  end if;
  return new;
end
$body$;

create function private.check_agent()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform from public.agents where agents.id = new.agent_id for key share;
  if not found then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  return null;
end
$body$;

create function private.check_key_agents(agent_ids uuid[], organization_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  unknown uuid;
begin
  select wanted.id into unknown
  from unnest(check_key_agents.agent_ids) as wanted (id)
  where wanted.id not in (select private.agents_for_chat(check_key_agents.organization_id))
    and not exists (
      select from private.public_agents where public_agents.id = wanted.id
    )
  limit 1;
  if unknown is not null then
    perform private.refuse(
      'agent_not_found',
      format('Agent "%s" not found, or you may not use it in this organization.', unknown),
      'GET /models lists the models and agents that you may use.'
    );
  end if;
end
$body$;
grant execute on function private.check_key_agents(uuid[],uuid) to service_role;

create function private.check_key_sharing()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if new.user_id is distinct from (select auth.uid())
    or new.organization_id not in (select private.my_organizations('admin'))
  then
    perform private.refuse(
      'key_not_yours_to_share',
      'Only its owner can share a key, and only with an organization that the owner manages.'
    );
  end if;
  return new;
end
$body$;

create function private.check_rate_limit(key text, per_minute integer)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if exists (
    select from private.rate_limits limits
    where limits.key = check_rate_limit.key
      and limits.empty_at + make_interval(
        secs => 60.0 / check_rate_limit.per_minute
      ) > clock_timestamp() + interval '1 minute'
  ) then
    -- Refuses, and says until when.
    perform private.take_rate_limit(check_rate_limit.key, check_rate_limit.per_minute);
  end if;
end
$body$;
grant execute on function private.check_rate_limit(text,integer) to service_role;

create function private.check_request()
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if current_user = 'service_role' then
    return;
  end if;
  if headers ->> 'prefer' ~* 'count\s*=\s*"?(planned|estimated)' then
    perform private.refuse(
      'estimated_count_refused',
      'Cannot count by estimate: an estimate reveals the number of rows that you may not see.',
      'Send "Prefer: count=exact".'
    );
  end if;
  if headers ->> 'accept' ~* 'vnd\.pgrst\.plan' then
    perform private.refuse(
      'plan_refused',
      'Cannot show the plan of a query: its estimates reveal the number of rows that you may not '
      'see.',
      'Run EXPLAIN as the owner of the database.'
    );
  end if;
end
$body$;
grant execute on function private.check_request() to anon, authenticated, service_role;

create function private.check_thought_tree()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  most integer := (private.limits()).thought_tree_levels;
  level integer := 1;
  above text := new.parent_node_id;
begin
  -- Two requests that record halves of a cycle wait for each other here.
  perform from public.workflow_executions executions
  where executions.id = new.execution_id
  for no key update;
  while above is not null loop
    if above = new.node_id then
      perform private.refuse(
        'thought_cycle',
        format('The node "%s" would be among its own ancestors.', private.name_to_quote(above)),
        'Send the node with a parent that does not descend from it.'
      );
    end if;
    level = level + 1;
    exit when level > most;
    above = (
      select thoughts.parent_node_id
      from public.agent_thoughts thoughts
      where thoughts.execution_id = new.execution_id and thoughts.node_id = above
    );
  end loop;
  if level + private.thought_levels_below(new, most) > most then
    perform private.refuse(
      'thoughts_too_deep',
      format('The thoughts of an execution form a tree of at most %s levels.', most),
      'Attach the node to one that is closer to the root.'
    );
  end if;
  return null;
end
$body$;

create function private.circuit_retry_at(agent_id uuid, is_first boolean)
returns timestamp with time zone
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- Only the first route may be the probe of a half-open circuit: a fallback
  -- that is never called would hold the place for nothing.
  if circuit_retry_at.is_first then
    return private.admit_to_circuit(circuit_retry_at.agent_id);
  end if;
  return (
    select agent_health.circuit_retry_at
    from public.agent_health
    where agent_health.agent_id = circuit_retry_at.agent_id
      and agent_health.circuit_state <> 'closed'
  );
end
$body$;
grant execute on function private.circuit_retry_at(uuid,boolean) to service_role;

create function private.claim_function_calls()
returns TABLE(id uuid, path text, body jsonb)
language sql volatile security invoker
set search_path=""
as $body$
  update private.function_call_outbox
  set outcome = 'sent'
  where function_call_outbox.id in (
    select waiting.id from private.function_call_outbox waiting
    where waiting.finished_at is null and waiting.outcome = 'waiting'
    order by waiting.created_at
    limit 10
    for no key update skip locked
  )
  returning
    function_call_outbox.id,
    function_call_outbox.path,
    jsonb_build_object(
      'run_id', function_call_outbox.id, 'scheduled_at', function_call_outbox.created_at
    )
$body$;

create function private.claim_oauth_refresh(session public.mcp_sessions, claimant uuid)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  update public.mcp_sessions sessions
  set
    oauth_lease = claim_oauth_refresh.claimant,
    oauth_lease_until = clock_timestamp() + interval '30 seconds',
    expires_at = now() + interval '90 days'
  where sessions.session_id = claim_oauth_refresh.session.session_id;
  return (
    select jsonb_build_object(
      'state', 'claimed',
      'token_endpoint', providers.token_endpoint,
      'client_authentication', providers.client_authentication,
      'resource', providers.resource,
      'scope', providers.scope,
      'refusals', providers.refusals
    )
    from public.oauth_providers providers
    where providers.id = claim_oauth_refresh.session.oauth_provider
  );
end
$body$;
grant execute on function private.claim_oauth_refresh(public.mcp_sessions,uuid) to service_role;

create function private.clean_job_log()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deleted integer;
  total integer;
begin
  perform private.close_crashed_runs();
  delete from private.job_runs where coalesce(finished_at, started_at) < now() - interval '7 days';
  get diagnostics total = row_count;
  -- Of items that are no longer there; those that are fail again sooner.
  delete from private.job_failures where failed_at < now() - interval '7 days';
  get diagnostics deleted = row_count;
  total := total + deleted;
  if to_regclass('cron.job_run_details') is not null then
    -- After a crash pg_cron leaves rows that failed and never ended.
    execute $query$
      delete from cron.job_run_details
      where coalesce(end_time, start_time) < now() - interval '7 days'
    $query$;
    get diagnostics deleted = row_count;
    total := total + deleted;
  end if;
  return total;
end
$body$;

create function private.clear_statistics(table_id regclass, name text, number smallint)
returns boolean
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if exists (select from pg_catalog.pg_roles where rolname = current_user and rolsuper) then
    delete from pg_catalog.pg_statistic
    where starelid = clear_statistics.table_id and staattnum = clear_statistics.number;
    return true;
  end if;
  -- The same type again: the rows stay as they are, and Postgres drops the statistics.
  execute format(
    'alter table %s alter column %I type %s', table_id, clear_statistics.name,
    (
      select pg_catalog.format_type(columns.atttypid, columns.atttypmod)
      from pg_catalog.pg_attribute columns
      where columns.attrelid = clear_statistics.table_id
        and columns.attnum = clear_statistics.number
    )
  );
  return true;
exception when feature_not_supported then
  -- A view, a policy or a trigger names the column.
  return false;
end
$body$;

create function private.close_crashed_runs()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  closed integer;
begin
  update private.job_runs
  set outcome = 'crashed', finished_at = clock_timestamp(),
      error_message = 'The session that ran this job ended before it could say how it went.'
  where job_runs.finished_at is null
    and (job_runs.job_name, job_runs.session_pid) not in (
      select sessions.job_name, sessions.pid from private.job_sessions() sessions
    );
  get diagnostics closed = row_count;
  return closed;
end
$body$;

create function private.close_job_run(run_id bigint, outcome text, result text, error_code text, error_message text)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  update private.job_runs
  set outcome = close_job_run.outcome,
      result = left(close_job_run.result, 1000),
      error_code = close_job_run.error_code,
      error_message = private.without_secrets(close_job_run.error_message),
      finished_at = clock_timestamp()
  where job_runs.id = close_job_run.run_id and job_runs.finished_at is null
$body$;

create function private.close_topic()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.topic = null;
  return new;
end
$body$;

create function private.complete_interaction()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  if new.organization_id is null then
    new.organization_id = private.organization_for_record(new.agent_id, new.user_id);
  end if;
  -- What the agent calls later on changes nothing of what it called now.
  new.vendor_id = coalesce(
    new.vendor_id, (select agents.vendor_id from public.agents where agents.id = new.agent_id)
  );
  return new;
end
$body$;

create function private.complete_session()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- A backend that begins a session for a visitor acts for no user: the agent's
  -- organization pays. For a person it does where that person is a member.
  new.org_id = coalesce(
    (
      select agents.organization_id
      from public.agents
      where agents.id = new.agent_id
        and (
          new.user_id is null
          or agents.organization_id = any (array(select private.my_organizations('member')))
        )
    ),
    private.my_organization(),
    (select profiles.current_organization_id from public.profiles where profiles.id = new.user_id)
  );
  return new;
end
$body$;

create function private.continuation_of(message jsonb, vendor_id text)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object('vendor_id', continuation_of.vendor_id, 'message', kept.fields)
    from (
      select coalesce(jsonb_object_agg(field.key, field.value), '{}') as fields
      from jsonb_each(continuation_of.message) field
      where field.key in ('reasoning', 'reasoning_content', 'reasoning_details', 'extra_content')
        and field.value not in ('null', '""', '[]', '{}')
    ) kept
    where continuation_of.message ->> 'role' = 'assistant'
      and (
        kept.fields <> '{}'
        or continuation_of.message @? '$.tool_calls[*].extra_content'
      )
  );
end
$body$;
grant execute on function private.continuation_of(jsonb,text) to service_role;

create function private.continue_chat_session(session_id text)
returns public.chat_sessions
language plpgsql volatile strict security invoker
set search_path=""
as $body$
declare
  session public.chat_sessions;
begin
  -- The lock makes two requests on one session take turns here, so that exactly
  -- one of them finds it free.
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.session_id = continue_chat_session.session_id
    and sessions.user_id = auth.uid()
    -- Its agent reads what was said, so a key for some agents goes on with theirs only.
    and private.key_allows(sessions.agent_id)
  for no key update;
  if session.id is null or session.org_id <> all (array(select private.my_organizations('member')))
  then
    perform private.refuse(
      'session_not_found', 'Session not found, or it is not yours.',
      'Leave the session id out to start a new session.'
    );
  end if;
  if session.status <> 'active' then
    perform private.refuse(
      'session_ended', 'This session has ended.',
      'Set its status to "active" to continue it, or leave the session id out to start a new one.'
    );
  end if;

  if private.running_turn(session.id) is not null then
    perform private.refuse(
      'session_busy', 'This session is busy with another request.',
      'Wait for that answer, then send the request again.'
    );
  end if;
  return session;
end
$body$;
grant execute on function private.continue_chat_session(text) to service_role;

create function private.conversations_kept_since(organization_id uuid)
returns timestamp with time zone
language sql stable security invoker
set search_path=""
as $body$
  select case
    when organization_id is not null then (
      select now() - make_interval(days => plans.conversation_days)
      from public.organizations join public.plans on plans.id = organizations.plan
      where organizations.id = conversations_kept_since.organization_id
    )
    -- What belongs to no organization stays as long as the longest plan in use says.
    else (
      select now() - make_interval(days => max(plans.conversation_days))
      from public.plans where plans.id in (select organizations.plan from public.organizations)
      having bool_and(plans.conversation_days is not null)
    )
  end
$body$;

create function private.copy_session(session public.chat_sessions, history int8multirange)
returns public.chat_sessions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  made public.chat_sessions;
begin
  insert into public.chat_sessions (user_id, org_id, agent_id, model_id, title)
  values (
    copy_session.session.user_id, copy_session.session.org_id, copy_session.session.agent_id,
    copy_session.session.model_id, copy_session.session.title
  )
  returning * into made;
  insert into public.chat_messages (
    session_id, role, content, content_parts, name, tool_calls, tool_call_id, continuation,
    finish_reason, status, history_fingerprint
  )
  select
    made.id, messages.role, messages.content, messages.content_parts, messages.name,
    messages.tool_calls, messages.tool_call_id, messages.continuation, messages.finish_reason,
    messages.status, messages.history_fingerprint
  from public.chat_messages messages
  where messages.session_id = copy_session.session.id
    and messages.seq <@ copy_session.history
    and (
      messages.content_fingerprint is not null and messages.status <> 'error'
      or messages.seq = any (
        (private.instructions_in_force(
          copy_session.session.id, copy_session.history, 20971520
        )).seqs
      )
    )
  order by messages.seq;
  return made;
end
$body$;
grant execute on function private.copy_session(public.chat_sessions,int8multirange) to service_role;

create function private.cost_of(price public.service_prices, usage jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  rates public.service_prices := cost_of.price;
begin
  if rates.id is null or cost_of.usage is null then
    return null;
  end if;
  return (
    select coalesce(
      jsonb_object_agg(line.class, trim_scale(line.amount * coalesce(rates.multiplier, 1)))
        filter (where line.amount <> 0),
      '{}'
    )
    from (
      select rated.class, rated.tokens * rated.rate * 0.000001 as amount
      from private.token_classes(cost_of.usage) as tokens,
      lateral (
        values
          ('input', tokens.input, rates.input_rate),
          ('cached_input', tokens.cached, coalesce(rates.cached_input_rate, rates.input_rate)),
          ('cache_write', tokens.written, coalesce(rates.cache_write_rate, rates.input_rate)),
          (
            'cache_write_1h', tokens.written_1h,
            coalesce(rates.cache_write_1h_rate, rates.cache_write_rate, rates.input_rate)
          ),
          ('output', tokens.output, rates.output_rate),
          ('reasoning', tokens.reasoning, coalesce(rates.reasoning_rate, rates.output_rate))
      ) as rated (class, tokens, rate)
      union all
      select 'request', rates.request_rate
      union all
      select units.class, units.amount
      from private.unit_costs(
        rates, coalesce(cost_of.usage #> '{usage_details,units}', cost_of.usage -> 'units')
      ) units
    ) line
  );
end
$body$;
grant execute on function private.cost_of(public.service_prices,jsonb) to service_role;

create function private.costs_of_routes(routes jsonb, size private.prompt_size, kind text)
returns TABLE(fixed numeric, per_token numeric)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select
    -- The dearer rate, where a prompt may be cached or an answer reasoned about.
    price.multiplier * (
      input.tokens * greatest(
        price.input_rate, price.cache_write_rate, price.cache_write_1h_rate
      ) * 0.000001 + price.request_rate
    ),
    price.multiplier * greatest(price.output_rate, price.reasoning_rate) * 0.000001
  from jsonb_array_elements(costs_of_routes.routes) as route,
  lateral private.most_input_tokens(
    costs_of_routes.size, route, costs_of_routes.kind
  ) as input (tokens),
  -- The dearer tier of service, which only an own key may ask for.
  unnest(
    case route ->> 'credential' when 'own' then array['standard', 'priority']
      else array['standard'] end
  ) as tier,
  lateral private.price_at(route ->> 'service_id', now(), input.tokens, tier) price
  where price.id is not null;
end
$body$;
grant execute on function private.costs_of_routes(jsonb,private.prompt_size,text) to service_role;

create function private.count_changed_executions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.add_to_workflow_counts((
    select jsonb_agg(
      jsonb_build_object(
        'workflow_id', workflow_id, 'status', status, 'started_at', started_at, 'weight', weight
      )
    )
    from (
      select workflow_id, status, started_at, 1 as weight from new_rows
      union all
      select workflow_id, status, started_at, -1 from old_rows
    ) as changes
  ));
  return null;
end
$body$;

create function private.count_changed_interaction()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.agents
  set usage_count = greatest(0, usage_count + changes.added - changes.removed),
      last_used_at = case
        when changes.added = 1 then greatest(last_used_at, least(new.started_at, now()))
        else last_used_at
      end
  from (
    select
      counted.id,
      (
        counted.id is not distinct from new.agent_id
        and private.is_use_of(counted, new.source, new.organization_id, new.user_id)
      )::integer as added,
      (
        counted.id is not distinct from old.agent_id
        and private.is_use_of(counted, old.source, old.organization_id, old.user_id)
      )::integer as removed
    from public.agents counted
    where counted.id in (old.agent_id, new.agent_id)
  ) changes
  where agents.id = changes.id and changes.added is distinct from changes.removed;
  return null;
end
$body$;

create function private.count_deleted_executions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.add_to_workflow_counts(
    (
      select jsonb_agg(
        jsonb_build_object(
          'workflow_id', workflow_id, 'status', status, 'started_at', started_at, 'weight', -1
        )
      )
      from old_rows
    )
  );
  return null;
end
$body$;

create function private.count_deleted_interactions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  removed record;
begin
  for removed in
    select old_interactions.agent_id, count(*) as interactions
    from old_interactions
    join public.agents
      on agents.id = old_interactions.agent_id
      and private.is_use_of(
        agents, old_interactions.source, old_interactions.organization_id, old_interactions.user_id
      )
    group by old_interactions.agent_id
    order by old_interactions.agent_id
  loop
    -- Set to less by hand, it must not keep an interaction or an organization from being deleted.
    update public.agents
    set usage_count = greatest(0, usage_count - removed.interactions)
    where agents.id = removed.agent_id;
  end loop;
  return null;
end
$body$;

create function private.count_deleted_messages()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  removed record;
begin
  for removed in
    select old_messages.session_id, count(*) as messages
    from old_messages
    group by old_messages.session_id
    order by old_messages.session_id
  loop
    update public.chat_sessions
    set message_count = greatest(0, message_count - removed.messages)
    where chat_sessions.id = removed.session_id;
  end loop;
  return null;
end
$body$;

create function private.count_moved_message()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.chat_sessions
  set message_count = greatest(
    0, message_count + case when chat_sessions.id = new.session_id then 1 else -1 end
  )
  where chat_sessions.id in (old.session_id, new.session_id);
  return null;
end
$body$;

create function private.count_new_executions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.add_to_workflow_counts(
    (
      select jsonb_agg(
        jsonb_build_object(
          'workflow_id', workflow_id, 'status', status, 'started_at', started_at, 'weight', 1
        )
      )
      from new_rows
    )
  );
  return null;
end
$body$;

create function private.count_new_interactions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  added record;
begin
  for added in
    select
      new_interactions.agent_id,
      count(*) as interactions,
      max(new_interactions.started_at) as latest
    from new_interactions
    join public.agents
      on agents.id = new_interactions.agent_id
      and private.is_use_of(
        agents, new_interactions.source, new_interactions.organization_id, new_interactions.user_id
      )
    group by new_interactions.agent_id
    order by new_interactions.agent_id
  loop
    -- The time to a minute: it is indexed, and a busy agent's row is written with
    -- every turn, which is far cheaper while no indexed column changes.
    update public.agents
    set usage_count = usage_count + added.interactions,
        last_used_at = case
          when last_used_at > added.latest - interval '1 minute' then last_used_at
          else least(added.latest, now())
        end
    where agents.id = added.agent_id;
  end loop;
  return null;
end
$body$;

create function private.count_new_messages()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  added record;
begin
  for added in
    select new_messages.session_id, count(*) as messages, max(new_messages.created_at) as latest
    from new_messages
    group by new_messages.session_id
    order by new_messages.session_id
  loop
    update public.chat_sessions
    set message_count = message_count + added.messages,
        last_activity_at = greatest(last_activity_at, added.latest)
    where chat_sessions.id = added.session_id;
  end loop;
  return null;
end
$body$;

create function private.count_turn(user_id uuid, request jsonb, limits jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return case
    when (count_turn.request ->> 'rate_limit')::boolean
      then private.take_rate_limits(count_turn.user_id, count_turn.limits)
    else private.take_rate_limit(
      'organization:' || (count_turn.limits ->> 'organization_id'),
      (count_turn.limits ->> 'organization_per_minute')::integer
    )
  end;
end
$body$;
grant execute on function private.count_turn(uuid,jsonb,jsonb) to service_role;

create function private.create_partition(table_name text, month timestamp with time zone)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  name text := create_partition.table_name || '_' || coalesce(
    to_char(create_partition.month at time zone 'UTC', 'YYYY_MM'), 'default'
  );
  next_month timestamptz := (
    date_trunc('month', create_partition.month at time zone 'UTC') + interval '1 month'
  ) at time zone 'UTC';
begin
  -- Made apart and attached: the table stays open for all but a moment.
  execute format(
    'create table partitions.%I (like public.%I including defaults including constraints)', name,
    create_partition.table_name
  );
  execute format('alter table partitions.%I enable row level security', name);
  execute format(
    'comment on table partitions.%I is %L',
    name,
    'Rows of ' || create_partition.table_name || coalesce(
      to_char(create_partition.month at time zone 'UTC', ' of YYYY-MM'),
      ' of no month that was made'
    ) || '.'
  );
  if create_partition.month is null then
    execute format(
      'alter table public.%I attach partition partitions.%I default', create_partition.table_name,
      name
    );
    return;
  end if;
  -- What came while the month was missing is in the default partition, and moves.
  execute format(
    'with moved as (delete from partitions.%I where created_at >= $1 and created_at < $2 '
    'returning *) insert into partitions.%I select * from moved',
    create_partition.table_name || '_default', name
  ) using create_partition.month, next_month;
  execute format(
    'alter table public.%I attach partition partitions.%I for values from (%L) to (%L)',
    create_partition.table_name, name, create_partition.month, next_month
  );
end
$body$;

create function private.create_partitions_ahead(months integer DEFAULT 3)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  missing record;
  made integer := 0;
begin
  for missing in
    select tables.table_name, wanted.month
    from (select distinct partitions.table_name from private.partitions) tables
    cross join lateral (
      select null::timestamptz as month
      union all
      select (
        date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month'
      ) at time zone 'UTC'
      from generate_series(0, create_partitions_ahead.months) as ahead
    ) wanted
    where not exists (
      select from private.partitions
      where partitions.table_name = tables.table_name
        and partitions.partition_name is not null
        and partitions.starts_at is not distinct from wanted.month
    )
    order by tables.table_name, wanted.month nulls first
  loop
    perform private.create_partition(missing.table_name, missing.month);
    made := made + 1;
  end loop;
  if made > 0 then
    perform private.hide_statistics();
  end if;
  return made;
end
$body$;

create function private.current_service(service_id text)
returns text
language plpgsql stable strict security invoker
set search_path=""
as $body$
declare
  service public.vendor_services;
  next_id text := current_service.service_id;
begin
  -- Rows that replace each other in a circle end here as well.
  for step in 1..8 loop
    select services.* into service from public.vendor_services services where services.id = next_id;
    if (service.retired_on <= current_date) is not true then
      return case when service.is_active then service.id end;
    end if;
    next_id := service.replaced_by;
  end loop;
  return null;
end
$body$;
grant execute on function private.current_service(text) to service_role;

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

create function private.cut_overdue_runs()
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  -- A scheduler may have no statement timeout, or a longer one. A command
  -- that ignores the cancellation for a minute loses the session.
  select count(*)::integer
  from private.job_runs
  join private.jobs on jobs.name = job_runs.job_name
  join private.job_sessions() sessions on sessions.job_name = jobs.name
  and sessions.pid = job_runs.session_pid
  where job_runs.finished_at is null
    and case
      when job_runs.started_at + jobs.timeout + interval '1 minute' < clock_timestamp()
        then pg_terminate_backend(sessions.pid)
      when job_runs.started_at + jobs.timeout < clock_timestamp()
        then pg_cancel_backend(sessions.pid)
    end
$body$;

create function private.day_difference(day date, watermark timestamp with time zone)
returns SETOF public.usage_daily_rollup
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  return query
  select
    null::bigint, parts.calendar_id, day_difference.day, parts.organization_id, parts.user_id,
    parts.agent_id, parts.vendor_id, parts.model_name,
    -- each measure: sum(parts.sign * parts.{name})::{type},
    sum(parts.sign * parts.interactions)::bigint, sum(parts.sign * parts.failed)::bigint,
    sum(parts.sign * parts.unpriced)::bigint, sum(parts.sign * parts.recorded)::bigint,
    sum(parts.sign * parts.input_tokens)::numeric, sum(parts.sign * parts.output_tokens)::numeric,
    sum(parts.sign * parts.total_cost)::numeric, sum(parts.sign * parts.recorded_cost)::numeric,
    sum(parts.sign * parts.duration_minutes)::bigint,
    sum(parts.sign * parts.satisfaction_sum)::bigint,
    sum(parts.sign * parts.satisfaction_count)::bigint,
    sum(parts.sign * parts.usefulness_sum)::bigint,
    sum(parts.sign * parts.usefulness_count)::bigint,
    -- end
    null::timestamptz
  from (
    select 1 as sign, calendars.id as calendar_id, usage.*
    from public.usage_calendars calendars cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id
        and usage.started_at >= private.day_start(day_difference.day, calendars.timezone)
        and usage.started_at < interval '1 hour'
          + (day_difference.day + 1)::timestamp at time zone calendars.timezone
        and usage.started_at < least(day_difference.watermark, calendars.rolled_up_until)
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    where (usage.started_at at time zone calendars.timezone)::date = day_difference.day
    union all
    select
      -1, rollup.calendar_id, null, null, rollup.organization_id, rollup.user_id,
      rollup.agent_id, rollup.vendor_id, rollup.model_name, null,
      -- each measure: rollup.{name}
      rollup.interactions, rollup.failed, rollup.unpriced, rollup.recorded, rollup.input_tokens,
      rollup.output_tokens, rollup.total_cost, rollup.recorded_cost, rollup.duration_minutes,
      rollup.satisfaction_sum, rollup.satisfaction_count, rollup.usefulness_sum,
      rollup.usefulness_count
      -- end
    from public.usage_calendars calendars cross join lateral (
      select rollup.* from public.usage_daily_rollup rollup
      where rollup.calendar_id = calendars.id and rollup.date = day_difference.day offset 0
    ) rollup
  ) parts
  group by 2, 4, 5, 6, 7, 8
  having 0 <> any (array[
    -- each measure: sum(parts.sign * parts.{name})
    sum(parts.sign * parts.interactions), sum(parts.sign * parts.failed),
    sum(parts.sign * parts.unpriced), sum(parts.sign * parts.recorded),
    sum(parts.sign * parts.input_tokens), sum(parts.sign * parts.output_tokens),
    sum(parts.sign * parts.total_cost), sum(parts.sign * parts.recorded_cost),
    sum(parts.sign * parts.duration_minutes), sum(parts.sign * parts.satisfaction_sum),
    sum(parts.sign * parts.satisfaction_count), sum(parts.sign * parts.usefulness_sum),
    sum(parts.sign * parts.usefulness_count)
    -- end
  ]);
end
$body$;

create function private.day_start(day date, timezone text)
returns timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  midnight constant timestamp := day_start.day;
  -- Of two midnights the second; where clocks go forward at midnight, the moment at which they do.
  start timestamptz := midnight at time zone day_start.timezone;
  day_before timestamptz := start - interval '24 hours';
  -- Midnight by the clocks of the day before.
  first timestamptz := day_before + (midnight - (day_before at time zone day_start.timezone));
begin
  if first < start and first at time zone day_start.timezone = midnight then
    return first;
  end if;
  return start;
end
$body$;
grant execute on function private.day_start(date,text) to authenticated, service_role;

create function private.delete_account()
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from auth.users where users.id = (select auth.uid());
  if not found then
    perform private.refuse('user_not_found', 'The account of this token no longer exists.');
  end if;
  -- What is checked at the end of the transaction is to fail here, with its words.
  set constraints all immediate;
end
$body$;
grant execute on function private.delete_account() to authenticated;

create function private.delete_agent_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from public.chat_sessions where chat_sessions.id = old.id;
  return case when found then old end;
end
$body$;

create function private.delete_ai_agent()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from public.agents where agents.id = old.id;
  return case when found then old end;
end
$body$;

create function private.delete_expired(item text, batch integer DEFAULT 5000)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  kind constant text := split_part(delete_expired.item, ':', 1);
  owner constant uuid := nullif(split_part(delete_expired.item, ':', 2), '')::uuid;
  deleted integer;
begin
  case kind
    when 'mcp_sessions' then
      return private.remove_mcp_sessions(array(
        select session_id
        from public.mcp_sessions
        where user_id = owner and expires_at < now()
        limit delete_expired.batch
        for update skip locked
      ));
    when 'chat_sessions' then
      return private.expire_chat_sessions(owner, delete_expired.batch);
    when 'invitations' then
      delete from public.organization_invitations where id in (
        select id from public.organization_invitations
        where organization_id = owner
          and accepted_at is null
          and expires_at < now() - interval '30 days'
        limit delete_expired.batch for update skip locked
      );
    when 'access_key_secrets' then
      delete from private.access_key_secrets where token_hash in (
        select token_hash from private.access_key_secrets
        where access_key_id = owner and expires_at < now() - interval '30 days'
        limit delete_expired.batch for update skip locked
      );
    when 'notifications' then
      delete from public.notifications where id in (
        select id
        from public.notifications
        where user_id = owner and expires_at < now()
        limit delete_expired.batch
        for update skip locked
      );
    when 'stored_answers' then
      delete from private.stored_answers where interaction_id in (
        select interaction_id
        from private.stored_answers
        where expires_at < now()
        limit delete_expired.batch
        for update skip locked
      );
    when 'responses', 'response_events' then
      return private.delete_expired_responses(kind, delete_expired.batch);
    when 'rate_limits' then
      delete from private.rate_limits where key in (
        select key
        from private.rate_limits
        where empty_at < now() - interval '1 minute'
        limit delete_expired.batch
        for update skip locked
      );
  end case;
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;

create function private.delete_expired_responses(kind text, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deleted integer;
begin
  if delete_expired_responses.kind = 'responses' then
    delete from private.responses where responses.turn_id in (
      select expired.turn_id
      from private.responses expired
      where expired.expires_at < now()
      limit delete_expired_responses.batch
      for update skip locked
    );
  else
    delete from private.response_events stored
    using (
      select expired.turn_id, expired.first_number
      from private.response_events expired
      where expired.created_at < now() - (private.limits()).response_event_lifetime
      limit delete_expired_responses.batch
      for update skip locked
    ) old
    where stored.turn_id = old.turn_id and stored.first_number = old.first_number;
  end if;
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;
grant execute on function private.delete_expired_responses(text,integer) to service_role;

create function private.delete_old_records(item text, batch integer DEFAULT 5000)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  owner constant uuid := nullif(split_part(delete_old_records.item, ':', 2), '')::uuid;
  deleted integer;
begin
  case split_part(delete_old_records.item, ':', 1)
    when 'notifications' then
      delete from public.notifications where id in (
        select id from public.notifications
        where user_id = owner
          and expires_at is null and created_at < now() - interval '180 days'
        limit delete_old_records.batch for update skip locked
      );
    when 'access_key_events' then
      delete from public.access_key_events where id in (
        select id from public.access_key_events
        where organization_id = owner and created_at < now() - interval '2 years'
        limit delete_old_records.batch for update skip locked
      );
    when 'api_key_events' then
      delete from public.api_key_events where id in (
        select id from public.api_key_events
        where user_id is not distinct from owner and created_at < now() - interval '2 years'
        limit delete_old_records.batch for update skip locked
      );
    when 'organization_invitations' then
      delete from public.organization_invitations where id in (
        select id from public.organization_invitations
        where organization_id = owner and accepted_at < now() - interval '1 year'
        limit delete_old_records.batch for update skip locked
      );
  end case;
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;

create function private.delete_organization(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.organizations
  set deleted_at = now()
  where organizations.id = delete_organization.organization_id
    and organizations.id = any (array(select private.my_organizations('owner')))
    and not organizations.is_personal;
  if not found then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you are not its owner.',
      'Only an owner can delete an organization. A personal organization is deleted with its user.'
    );
  end if;
end
$body$;
grant execute on function private.delete_organization(uuid) to authenticated;

create function private.delete_own_agents()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.agents where agents.created_by = old.id and agents.organization_id is null;
  return old;
end
$body$;

create function private.delete_personal_organization()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.organizations
  where organizations.created_by = old.id and organizations.is_personal;
  return old;
end
$body$;

create function private.delete_user_role()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from public.organization_members members
  where members.organization_id = old.team_id and members.user_id = old.user_id;
  return case when found then old end;
end
$body$;

create function private.describe_response(response private.responses)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  turn public.ai_interactions;
  answer public.chat_messages := private.answer_of_turn(describe_response.response.turn_id);
begin
  select turns.* into turn
  from public.ai_interactions turns
  where turns.id = describe_response.response.turn_id;
  if turn.id is null then
    select turns.model_id, turns.model_name, turns.vendor_id
    into turn.model_id, turn.model_name, turn.vendor_id
    from private.running_turns turns
    where turns.id = describe_response.response.turn_id;
  end if;
  return jsonb_build_object(
    'turn_id', describe_response.response.turn_id,
    'created_at', describe_response.response.request -> 'created_at',
    'asked', describe_response.response.request -> 'asked',
    'is_cancelled', describe_response.response.cancelled_at is not null,
    'state', coalesce(turn.turn_state, 'running'),
    'model', private.model_of_response(describe_response.response.turn_id),
    'vendor_id', coalesce(turn.vendor_id, ''),
    'finish_reason', answer.finish_reason,
    'error', case
      when turn.error_code is not null
        then jsonb_build_object('code', turn.error_code, 'message', turn.error_message)
    end,
    'usage', case
      when answer.tokens_in is not null then jsonb_build_object(
        'input_tokens', turn.input_tokens, 'output_tokens', turn.output_tokens,
        'cached_input_tokens', turn.cached_input_tokens,
        'cache_write_tokens', turn.cache_write_tokens,
        'reasoning_tokens', turn.reasoning_tokens, 'estimated', turn.usage_is_estimated
      )
    end,
    'ended_at', floor(extract(epoch from turn.ended_at)),
    'message', case when answer.id is not null then private.as_model_message(answer) end
  );
end
$body$;
grant execute on function private.describe_response(private.responses) to service_role;

create function private.drop_dangling_interactions()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  left_out integer;
begin
  -- A row without its person or key would be another row in the figures.
  delete from private.archived_interactions archived
  where not exists (
    select from public.organizations where organizations.id = archived.organization_id
  )
    or archived.user_id is not null
    and not exists (select from public.profiles where profiles.id = archived.user_id)
    or archived.vendor_id is not null
    and not exists (select from public.vendors where vendors.id = archived.vendor_id)
    or archived.access_key_id is not null
    and not exists (select from public.access_keys keys where keys.id = archived.access_key_id);
  get diagnostics left_out = row_count;
  update private.archived_interactions archived
  set session_id = (
    select sessions.id from public.chat_sessions sessions where sessions.id = archived.session_id
  ),
      model_id = (select models.id from public.models where models.id = archived.model_id),
      service_id = (
        select services.id
        from public.vendor_services services
        where services.id = archived.service_id
      ),
      price_id = (
        select prices.id from public.service_prices prices where prices.id = archived.price_id
      );
  return left_out;
end
$body$;

create function private.drop_old_measurements()
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  -- A month holds rows of all organizations: it goes when the longest plan in use lets it.
  select private.drop_old_partitions((
    select case
      when bool_and(plans.measurement_days is not null)
        then now() - make_interval(days => max(plans.measurement_days))
    end
    from public.plans where plans.id in (select organizations.plan from public.organizations)
  ))
$body$;

create function private.drop_old_partitions(older_than timestamp with time zone)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  old record;
  dropped integer := 0;
begin
  for old in
    select partitions.table_name, partitions.partition_name
    from private.partitions
    where partitions.ends_at <= drop_old_partitions.older_than
      and partitions.ends_at <= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'
    order by partitions.ends_at, partitions.table_name
    -- Each needs its table for a moment alone; the rest comes with the next run.
    limit 12
  loop
    execute format('drop table partitions.%I', old.partition_name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$body$;

create function private.drop_unknown_interactions()
returns uuid[]
language sql volatile security invoker
set search_path=""
as $body$
  with unknown as (
    delete from private.archived_interactions archived
    where not exists (
      select from public.usage_archive_rollup rollup
      where rollup.organization_id = archived.organization_id
        and rollup.started_at
          = date_bin('15 minutes', archived.started_at, '2000-01-01 00:00:00+00')
        and private.interaction_fingerprint(
          row(archived.*)::public.ai_interactions
        ) = any (rollup.fingerprints)
    )
    returning archived.id
  )
  select array(select unknown.id from unknown order by unknown.id)
$body$;

create function private.due_items(name text, after text, passed_over text[])
returns SETOF private.due_item
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- @plpgsql_check_options: security_warnings = off
  source text := (select jobs.items from private.jobs where jobs.name = due_items.name);
begin
  return query execute format($query$
    select due.*
    from %s due
    where not exists (
      select from unnest($3) as passed_over (item) where passed_over.item = due.item
    )
      and not exists (
        select from private.job_failures failures
        where failures.job_name = $1
          and failures.item = due.item
          and failures.retry_at > clock_timestamp()
      )
    -- Each organization's first, beginning after the last one served.
    order by due.round, due.item <= $2, due.item
    limit 1000
  $query$, source) using due_items.name, coalesce(due_items.after, ''), due_items.passed_over;
end
$body$;

create function private.encrypted_column(table_name text, column_name text)
returns private.encrypted_columns
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  registered private.encrypted_columns;
begin
  select columns.* into registered
  from private.encrypted_columns columns
  where columns.table_name = encrypted_column.table_name
    and columns.column_name = encrypted_column.column_name;
  if registered.table_name is null then
    perform private.refuse(
      'column_not_found', format('The column "%s.%s" is not registered.', table_name, column_name)
    );
  end if;
  return registered;
end
$body$;
grant execute on function private.encrypted_column(text,text) to service_role;

create function private.end_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.ended_at = case when new.status <> 'active' then now() end;
  return new;
end
$body$;

create function private.enqueue_function_call(path text, timeout interval DEFAULT '00:01:00'::interval)
returns uuid
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  run_id uuid := gen_random_uuid();
  request_id bigint;
begin
  if to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)') is null then
    insert into private.function_call_outbox (id, path) values (run_id, enqueue_function_call.path);
    perform pg_notify('function_calls', run_id::text);
    return run_id;
  end if;
  execute format(
    'select %I.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := $4)', 'net'
  )
  into request_id
  using
    rtrim(
      private.vault_secret('project_url'), '/'
    ) || '/functions/v1' || enqueue_function_call.path,
    jsonb_build_object('run_id', run_id, 'scheduled_at', now()),
    jsonb_build_object(
      'Content-Type', 'application/json', 'apikey', private.vault_secret('cron_secret_key')
    ),
    (extract(epoch from enqueue_function_call.timeout) * 1000)::integer;
  insert into private.function_call_outbox (id, path, outcome, request_id)
  values (run_id, enqueue_function_call.path, 'sent', request_id);
  return run_id;
end
$body$;

create function private.expire_chat_sessions(organization_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  expired integer;
begin
  update public.chat_sessions set status = 'expired' where id in (
    select id from public.chat_sessions
    where org_id = expire_chat_sessions.organization_id
      and status = 'active' and last_activity_at < now() - (private.limits()).session_idle_time
    order by last_activity_at limit expire_chat_sessions.batch for update skip locked
  );
  get diagnostics expired = row_count;
  return expired;
end
$body$;

create function private.expired_rows()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select kinds.kind || ':' || coalesce(kinds.owner, ''), 1::bigint, kinds.due_at
  from (
    select 'mcp_sessions', user_id::text, min(expires_at)
    from public.mcp_sessions
    where expires_at < now()
    group by 2
    union all
    select
      'chat_sessions', org_id::text, min(last_activity_at) + (private.limits()).session_idle_time
    from public.chat_sessions
    where status = 'active' and last_activity_at < now() - (private.limits()).session_idle_time
    group by 2
    union all
    -- An invitation that was not accepted is shown as expired for a month.
    select 'invitations', organization_id::text, min(expires_at) + interval '30 days'
    from public.organization_invitations
    where accepted_at is null and expires_at < now() - interval '30 days' group by 2
    union all
    -- Who still comes with a secret that was replaced hears so for a month.
    select 'access_key_secrets', access_key_id::text, min(expires_at) + interval '30 days'
    from private.access_key_secrets
    where expires_at < now() - interval '30 days' group by 2
    union all
    select 'notifications', user_id::text, min(greatest(expires_at, created_at))
    from public.notifications
    where expires_at < now()
    group by 2
    union all
    select 'stored_answers', null, min(expires_at)
    from private.stored_answers
    where expires_at < now()
    having count(*) > 0
    union all
    select 'responses', null, min(expires_at)
    from private.responses
    where expires_at < now()
    having count(*) > 0
    union all
    select 'response_events', null, min(created_at) + (private.limits()).response_event_lifetime
    from private.response_events
    where created_at < now() - (private.limits()).response_event_lifetime
    having count(*) > 0
    union all
    -- An empty bucket is as good as none.
    select 'rate_limits', null, min(empty_at)
    from private.rate_limits
    where empty_at < now() - interval '1 minute'
    having count(*) > 0
  ) kinds (kind, owner, due_at)
$body$;

create function private.fail_oauth_refresh(session public.mcp_sessions, outcome jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  is_refusal boolean := coalesce(
    (fail_oauth_refresh.outcome ->> 'is_refusal')::boolean, false
  );
  failing_since timestamptz := coalesce(
    fail_oauth_refresh.session.oauth_failing_since, case when is_refusal then now() end
  );
begin
  if is_refusal and failing_since <= now() - (private.limits()).oauth_failure_patience then
    perform private.require_oauth_reauth(fail_oauth_refresh.session);
    return;
  end if;
  update public.mcp_sessions sessions
  set
    oauth_lease = null,
    oauth_lease_until = clock_timestamp() + least(
      (fail_oauth_refresh.outcome ->> 'retry_after_ms')::double precision, 60000
    ) * interval '1 millisecond',
    oauth_failing_since = failing_since
  where sessions.session_id = fail_oauth_refresh.session.session_id;
end
$body$;
grant execute on function private.fail_oauth_refresh(public.mcp_sessions,jsonb) to service_role;

create function private.fails_for_others(agent_id uuid, user_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.agent_executions executions
    join public.ai_interactions turns on turns.id = executions.interaction_id
    where executions.agent_id = fails_for_others.agent_id
      and executions.counts_against_agent
      and executions.started_at > now() - interval '10 minutes'
      and turns.user_id is distinct from fails_for_others.user_id
  );
end
$body$;
grant execute on function private.fails_for_others(uuid,uuid) to service_role;

create function private.find_answer(said private.request_messages, user_id uuid, org_id uuid, agent_id uuid, session_id uuid, OUT known integer, OUT answer_session uuid, OUT answer_seq bigint)
returns record
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  hashes uuid[] := private.history_fingerprints(
    find_answer.user_id, find_answer.org_id, find_answer.agent_id, find_answer.said.hashes
  );
begin
  for place in reverse cardinality(find_answer.said.answers)..1 loop
    known := find_answer.said.answers[place];
    select answers.session_id, answers.seq into answer_session, answer_seq
    from public.chat_messages answers
    where answers.history_fingerprint = hashes[known] and answers.status <> 'error'
      and (find_answer.session_id is null or answers.session_id = find_answer.session_id)
    order by answers.seq desc
    limit 1;
    if answer_seq is not null then
      return;
    end if;
  end loop;
  known := 0;
end
$body$;
grant execute on function private.find_answer(private.request_messages,uuid,uuid,uuid,uuid) to service_role;

create function private.find_chat_model(model text, default_agent text, organization_id uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  me uuid := auth.uid();
  here uuid := (
    select mine.id from private.my_organizations('member') mine (id)
    where mine.id = find_chat_model.organization_id
  );
  target private.chat_target;
begin
  select models.agent_id, models.id, models.service_id into target
  from public.models
  join public.agents on agents.id = models.agent_id
  where models.name = find_chat_model.model
    and models.enabled
    and agents.enabled and agents.status <> 'paused'
    and case
      when agents.organization_id is null then agents.is_platform or agents.created_by = me
      else agents.organization_id = here
    end
    and private.key_allows(agents.id)
  order by
    (agents.name = find_chat_model.default_agent) is true desc,
    (agents.created_by = me) is true desc,
    agents.organization_id is null,
    agents.created_at,
    agents.id
  limit 1;
  return target;
end
$body$;
grant execute on function private.find_chat_model(text,text,uuid) to service_role;

create function private.find_chat_session(target private.chat_target, payer uuid, said private.request_messages)
returns public.chat_sessions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  session public.chat_sessions;
begin
  if find_chat_session.said.answers is null then
    return null;
  end if;
  -- One that another request holds is busy.
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = (
    select found.answer_session
    from private.find_answer(
      find_chat_session.said, (select auth.uid()), find_chat_session.payer,
      find_chat_session.target.agent_id, null
    ) found
  )
    and sessions.status = 'active'
    and sessions.user_id = (select auth.uid())
    and sessions.org_id = find_chat_session.payer
    and sessions.agent_id is not distinct from find_chat_session.target.agent_id
  for no key update skip locked;
  if session.id is null or private.running_turn(session.id) is not null then
    return null;
  end if;
  return session;
end
$body$;
grant execute on function private.find_chat_session(private.chat_target,uuid,private.request_messages) to service_role;

create function private.find_chat_target(model text, default_agent text, organization_id uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- What nearly every request names, found without looking for the rest.
  target private.chat_target := private.find_chat_model(model, default_agent, organization_id);
  shared uuid := private.as_uuid(model);
  first_part text := split_part(model, '/', 1);
  second_part text := substr(model, nullif(strpos(model, '/'), 0) + 1);
begin
  if target.agent_id is not null then
    return private.with_service(target);
  end if;
  select targets.agent_id, targets.model_id, targets.service_id into target
  from (
    -- A model's name, or an alias of its service.
    select named.way, named.agent_id, named.model_id, named.service_id
    from private.models_named(find_chat_target.model) named
    where private.may_name(named.agent_id, find_chat_target.organization_id)
    union all
    -- agent/model.
    select 2, models.agent_id, models.id, models.service_id
    from private.agents_named(array[first_part], find_chat_target.organization_id) named (id)
    join public.models on models.agent_id = named.id and models.enabled
    where models.name = second_part
    union all
    -- vendor/service, with the caller's own key.
    select 3, null, null, named.id
    from (select private.service_named(first_part, second_part)) named (id)
    where named.id is not null
    union all
    -- The id of any agent that the caller may use, a stranger's too if it is shared;
    -- or its name, but no agent may have another's id as its name.
    select
      case when agents.id = shared then 4 else 5 end,
      agents.id,
      models.id,
      coalesce(models.service_id, agents.service_id)
    from (
      select private.agents_named(array[find_chat_target.model], find_chat_target.organization_id)
      union
      select shared where private.sees_agent(shared, 'member')
    ) named (id)
    join public.agents on agents.id = named.id
    left join public.models on models.agent_id = agents.id and models.is_default and models.enabled
  ) targets
  left join public.agents on agents.id = targets.agent_id
  where private.key_allows(targets.agent_id)
  -- Where several agents offer the name: one that is switched on, the
  -- organization's default, the own, the organization's, the platform's.
  order by
    (agents.enabled and agents.status <> 'paused') is not false desc,
    targets.way,
    (agents.name = find_chat_target.default_agent) is true desc,
    (agents.created_by = (select auth.uid())) is true desc,
    agents.organization_id is null,
    agents.created_at, agents.id
  limit 1;
  return private.with_service(target);
end
$body$;
grant execute on function private.find_chat_target(text,text,uuid) to service_role;

create function private.find_stored_answer(user_id uuid, request jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  given_key text := find_stored_answer.request ->> 'idempotency_key';
  answer private.stored_answers;
  turn public.ai_interactions;
  session text;
begin
  if given_key is null then
    return null;
  end if;
  -- Two first calls at once: the second waits here until the first has its row.
  perform pg_advisory_xact_lock(
    private.lock_namespace('idempotency_keys'),
    hashtext(find_stored_answer.user_id::text || ' ' || given_key)
  );
  select answers.* into answer
  from private.stored_answers answers
  where answers.user_id = find_stored_answer.user_id
    and answers.idempotency_key = given_key;
  if answer.interaction_id is null then
    perform private.refuse_running_repeat(find_stored_answer.user_id, find_stored_answer.request);
    return null;
  end if;

  select turns.* into turn from public.ai_interactions turns where turns.id = answer.interaction_id;
  -- What was answered in an organization stays there when its caller has left.
  if turn.organization_id <> all (array(select private.my_organizations('member')))
    or answer.expires_at < now()
  then
    delete from private.stored_answers where stored_answers.interaction_id = answer.interaction_id;
    return null;
  end if;
  session := private.session_of_repeat(
    answer.fingerprint, turn.session_id, turn.access_key_id, find_stored_answer.request
  );
  return jsonb_build_object(
    'replay', answer.body,
    'turn_id', turn.id,
    'session_id', session,
    'caller', jsonb_build_object('user_id', turn.user_id, 'access_key_id', turn.access_key_id)
  );
end
$body$;
grant execute on function private.find_stored_answer(uuid,jsonb) to service_role;

create function private.fingerprint_of_message(message jsonb)
returns uuid
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  content jsonb := fingerprint_of_message.message -> 'content';
  is_text boolean := jsonb_typeof(content) is not distinct from 'string' and content <> '""';
begin
  return private.message_fingerprint(
    fingerprint_of_message.message ->> 'role',
    fingerprint_of_message.message ->> 'name',
    case
      when is_text then content #>> '{}'
      else private.text_of_message(fingerprint_of_message.message)
    end,
    -- Parts without a text may go with a refusal beside them.
    case when not is_text and private.plain_parts(content) is not null then content end,
    nullif(fingerprint_of_message.message -> 'tool_calls', 'null')
  );
end
$body$;
grant execute on function private.fingerprint_of_message(jsonb) to service_role;

create function private.finish_function_call(id uuid, status_code integer, error_message text)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  update private.function_call_outbox
  set outcome = case
    when finish_function_call.status_code between 200 and 299 then 'succeeded'
    else 'failed'
  end,
      status_code = finish_function_call.status_code,
      error_message = private.without_secrets(finish_function_call.error_message),
      finished_at = now()
  where function_call_outbox.id = finish_function_call.id
    and function_call_outbox.finished_at is null
$body$;

create function private.fitting_messages(messages jsonb, token_limit bigint, keep_last boolean)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  with messages as (
    select
      element.value as message,
      element.ordinality as place,
      private.message_tokens(element.value) as tokens,
      element.value ->> 'role' in ('system', 'developer') as is_instruction,
      -- An exchange is a person's message and all that answers it: calls of
      -- tools and their results stay together.
      count(*) filter (
        where element.value ->> 'role' = 'user'
      ) over (order by element.ordinality) as exchange
    from jsonb_array_elements(fitting_messages.messages) with ordinality as element
  ),
  running as (
    select
      messages.*,
      coalesce(
        sum(messages.tokens) filter (where messages.is_instruction) over (), 0
      ) as instructions,
      sum(messages.tokens) filter (where not messages.is_instruction) over (
        order by messages.exchange desc range unbounded preceding
      ) as since,
      max(messages.exchange) over () as last_exchange
    from messages
  )
  select coalesce(jsonb_agg(running.message order by running.place), '[]')
  from running
  where running.is_instruction
    or running.instructions + running.since <= fitting_messages.token_limit
    or (fitting_messages.keep_last and running.exchange = running.last_exchange)
$body$;
grant execute on function private.fitting_messages(jsonb,bigint,boolean) to service_role;

create function private.follow_deployment()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  agent public.agents := (
    select agents from public.agents where agents.id = new.agent_id and not agents.is_platform
  );
begin
  -- Beside a live deployment, what fails or stops changes nothing; nor does one that never ran.
  if new.status = 'deployed' or (
    (new.status = 'failed' or new.status = 'stopped' and old.status in ('deployed', 'failed'))
    and not exists (
      select from public.deployments
      where deployments.agent_id = new.agent_id and deployments.status in ('deploying', 'deployed')
    )
  ) then
    update public.agents
    set status = case new.status
        when 'deployed' then 'active' when 'failed' then 'error' else 'inactive'
      end
    where agents.id = agent.id;
  end if;
  perform private.notify(
    private.agent_contact(agent),
    case new.status when 'deployed' then 'deployment_success' else 'deployment_failed' end,
    case new.status when 'deployed' then 'Agent deployed' else 'Deployment failed' end,
    format(
      'Version %s of the agent "%s" %s.', new.version, private.name_to_quote(agent.name),
      case new.status when 'deployed' then 'is deployed' else 'could not be deployed' end
    ),
    jsonb_build_object(
      'agent_id', new.agent_id, 'deployment_id', new.id, 'version', new.version
    )
  )
  where new.status in ('deployed', 'failed') and private.agent_contact(agent) is not null;
  return null;
end
$body$;

create function private.forget_key_error()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.last_error = null;
  return new;
end
$body$;

create function private.free_circuit(agent_id uuid, admitted_at timestamp with time zone)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  update public.agent_health
  set circuit_retry_at = clock_timestamp()
  where agent_health.agent_id = free_circuit.agent_id
    and agent_health.circuit_state = 'half_open'
    and agent_health.circuit_retry_at = free_circuit.admitted_at + interval '1 minute'
$body$;
grant execute on function private.free_circuit(uuid,timestamp with time zone) to service_role;

create function private.handle_new_user()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.open_account(new);
  return new;
end
$body$;

create function private.handle_user_change()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- An account that was loaded while triggers were off has its first sign-in here.
  perform private.open_account(new);
  update public.profiles
  set email = private.profile_email(new), is_sso_user = coalesce(new.is_sso_user, false),
      last_login_at = new.last_sign_in_at
  where profiles.id = new.id;
  return new;
end
$body$;

create function private.health_after(health public.agent_health, before private.agent_probes, finding text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select case
    -- Calls know more than probes: the breaker's word holds until it closes.
    when health_after.health.circuit_state <> 'closed' then health_after.health.status
    when health_after.finding = health_after.health.status then health_after.finding
    when private.is_repeat_finding(health_after.before) is not true then health_after.health.status
    when health_after.finding = health_after.before.finding then health_after.finding
    when health_after.health.status = 'healthy'
      and health_after.finding <> 'healthy'
      and health_after.before.finding <> 'healthy'
      then 'degraded'
    else health_after.health.status
  end
$body$;
grant execute on function private.health_after(public.agent_health,private.agent_probes,text) to service_role;

create function private.hide_statistics()
returns SETOF text
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  hidden record;
begin
  for hidden in
    select columns.table_id::regclass as relation, columns.*
    from private.statistics_columns columns
    where not columns.is_kept
  loop
    if hidden.is_collected then
      execute format(
        'alter table only %s alter column %I set statistics 0', hidden.relation, hidden.name
      );
    end if;
    if exists (
      select from pg_catalog.pg_stats found
      where format('%I.%I', found.schemaname, found.tablename)::regclass = hidden.relation
        and found.attname = hidden.name
    ) and not private.clear_statistics(hidden.relation, hidden.name, hidden.number) then
      return next format('%s.%I', hidden.relation, hidden.name);
    end if;
  end loop;
  -- An index on an expression has statistics of its own. Recreated it has none.
  for hidden in
    select
      indexes.indexrelid::regclass as relation, columns.attnum as number
    from pg_catalog.pg_index indexes
    join pg_catalog.pg_attribute columns on columns.attrelid = indexes.indexrelid
    where indexes.indexprs is not null
      and indexes.indkey[columns.attnum - 1] = 0
      and indexes.indrelid in (select tables.table_id from private.statistics_columns tables)
      and coalesce(columns.attstattarget, -1) <> 0
  loop
    execute format(
      'drop index %1$s; %2$s; alter index %1$s alter column %3$s set statistics 0',
      hidden.relation, pg_catalog.pg_get_indexdef(hidden.relation), hidden.number
    );
  end loop;
end
$body$;

create function private.history_fingerprint_of(session_id uuid, answer uuid)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  session public.chat_sessions;
  before cursor for
    select stored.content_fingerprint, stored.history_fingerprint
    from public.chat_messages stored
    where stored.session_id = session.id
      and stored.seq <@ session.current_branch
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq desc;
  hashes uuid[] := array[history_fingerprint_of.answer];
  last uuid;
  hash uuid;
begin
  if history_fingerprint_of.answer is null then
    return null;
  end if;
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = history_fingerprint_of.session_id;
  -- Back to the answer before, whose own hash stands for all before it.
  for said in before loop
    last := said.history_fingerprint;
    exit when last is not null;
    hashes := said.content_fingerprint || hashes;
  end loop;
  if last is null then
    hashes := private.history_fingerprints(
      session.user_id, session.org_id, session.agent_id, hashes
    );
    return hashes[cardinality(hashes)];
  end if;
  foreach hash in array hashes loop
    last := private.short_hash(last || ' ' || hash);
  end loop;
  return last;
end
$body$;
grant execute on function private.history_fingerprint_of(uuid,uuid) to service_role;

create function private.history_fingerprints(user_id uuid, org_id uuid, agent_id uuid, hashes uuid[])
returns uuid[]
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  chained uuid[] := array[]::uuid[];
  last uuid := private.short_hash(concat_ws(
    ' ', history_fingerprints.user_id, history_fingerprints.org_id, history_fingerprints.agent_id
  ));
  hash uuid;
begin
  foreach hash in array coalesce(history_fingerprints.hashes, chained) loop
    last := private.short_hash(last || ' ' || hash);
    chained := chained || last;
  end loop;
  return chained;
end
$body$;
grant execute on function private.history_fingerprints(uuid,uuid,uuid,uuid[]) to service_role;

create function private.history_of_turn(session public.chat_sessions, turn_id uuid)
returns int8multirange
language sql stable security invoker
set search_path=""
as $body$
  select case
    when answers.seq < (
      select max(messages.seq)
      from public.chat_messages messages
      where messages.session_id = answers.session_id
        and messages.content_fingerprint is not null and messages.status <> 'error'
    )
      or not answers.seq <@ history_of_turn.session.current_branch
      then private.branch_until(answers.session_id, answers.seq)
  end
  from public.chat_messages answers
  where answers.interaction_id = history_of_turn.turn_id
    and answers.session_id = history_of_turn.session.id
  order by answers.seq desc
  limit 1
$body$;
grant execute on function private.history_of_turn(public.chat_sessions,uuid) to service_role;

create function private.history_window(session_id uuid, token_limit bigint, byte_limit bigint, keep_last boolean, branch int8multirange)
returns private.history_window
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- A cursor is planned for its first rows.
  latest cursor (part int8range) for
    select
      stored.seq,
      stored.role = 'user' as is_request,
      -- What they take when they are read; so much is known without reading them.
      octet_length(stored.content) as text_bytes,
      coalesce(pg_column_size(stored.content_parts), 0) as part_bytes,
      coalesce(pg_column_size(stored.tool_calls), 0)
        + coalesce(pg_column_size(stored.continuation), 0) as call_bytes
    from public.chat_messages stored
    where stored.session_id = history_window.session_id
      and stored.content_fingerprint is not null and stored.status <> 'error'
      and stored.seq >= coalesce(lower(part), 0)
      and stored.seq < coalesce(upper(part), 9223372036854775807)
    order by stored.seq desc;
  part int8range;
  found private.history_window;
  bytes bigint;
  weight bigint := 0;
begin
  select instructions.* into found.instructions, bytes
  from private.instructions_in_force(
    history_window.session_id, history_window.branch, history_window.byte_limit
  ) instructions;
  -- Back from the latest until the window is full: what lies before costs nothing.
  for part in select ranges from unnest(history_window.branch) ranges order by ranges desc loop
    for said in latest (part) loop
      bytes := bytes + said.text_bytes + said.part_bytes + said.call_bytes;
      -- Four bytes are at least a token, but of an image no more than a thousand.
      weight := weight + said.call_bytes / 2 + case said.part_bytes
        when 0 then said.text_bytes else least(said.part_bytes, 4096) end;
      if bytes > history_window.byte_limit or weight > history_window.token_limit * 4 then
        if found.first_message is not null or not history_window.keep_last then
          return found;
        end if;
        -- The last exchange is given in any case.
        continue when not said.is_request;
        found.first_message := said.seq;
        return found;
      end if;
      if said.is_request then
        found.first_message := said.seq;
      end if;
    end loop;
  end loop;
  if bytes <= history_window.byte_limit
    and (history_window.token_limit is null or weight <= history_window.token_limit * 4)
  then
    found.first_message := 0;
  end if;
  return found;
end
$body$;
grant execute on function private.history_window(uuid,bigint,bigint,boolean,int8multirange) to service_role;

create function private.impersonate(caller jsonb, scope text DEFAULT NULL::text)
returns public.profiles
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  key public.access_keys;
  profile public.profiles;
begin
  if impersonate.caller ? 'access_key' then
    key := private.use_access_key(impersonate.caller ->> 'access_key', impersonate.scope);
  end if;
  select profiles.* into profile
  from public.profiles
  where profiles.id = coalesce(key.user_id, (impersonate.caller ->> 'user_id')::uuid);
  if profile.id is null then
    perform private.refuse(
      'user_not_found', 'The account of this token no longer exists.',
      'Sign in again.'
    );
  end if;
  if profile.status <> 'active' then
    perform private.refuse(
      'account_not_active', format('This account is %s.', profile.status),
      'Contact the operator.'
    );
  end if;
  perform set_config(
    'request.jwt.claims',
    (
      jsonb_build_object('sub', profile.id, 'role', 'authenticated')
      || case when key.id is null then '{}' else jsonb_build_object('access_key',
      jsonb_build_object(
        'id', key.id, 'organization_id', key.organization_id, 'agent_ids', key.agent_ids,
        'requests_per_minute', key.requests_per_minute
      )) end
    )::text,
    true
  );
  perform set_config('request.jwt.claim.sub', profile.id::text, true);
  if key.id is not null and not exists (select from private.my_organizations('member')) then
    perform private.refuse(
      'access_key_without_role',
      'The owner of this access key no longer has a role that may chat in its organization.',
      'Ask an admin of the organization for the role "member".'
    );
  end if;
  return profile;
end
$body$;
grant execute on function private.impersonate(jsonb,text) to service_role;

create function private.inherit_comments(view regclass, VARIADIC sources regclass[])
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  inherited record;
begin
  for inherited in
    select distinct on (columns.attnum) columns.attname as name, found.comment
    from pg_catalog.pg_attribute columns
    cross join unnest(inherit_comments.sources) with ordinality as origins (source, place)
    join pg_catalog.pg_attribute originals
      on originals.attrelid = origins.source and originals.attname = columns.attname
    cross join lateral (
      select pg_catalog.col_description(origins.source, originals.attnum) as comment
    ) found
    where columns.attrelid = inherit_comments.view
      and found.comment is not null
      and pg_catalog.col_description(columns.attrelid, columns.attnum) is null
    order by columns.attnum, origins.place
  loop
    execute format(
      'comment on column %s.%I is %L', inherit_comments.view, inherited.name, inherited.comment
    );
  end loop;
end
$body$;

create function private.input_of_response(response private.responses)
returns int8multirange
language sql stable security invoker
set search_path=""
as $body$
  select private.branch_until(input_of_response.response.session_id, last.seq)
  from (
    select max(messages.seq) as seq
    from public.chat_messages messages
    where messages.interaction_id = input_of_response.response.turn_id
      and messages.session_id = input_of_response.response.session_id
      and messages.latency_ms is null
  ) last
$body$;
grant execute on function private.input_of_response(private.responses) to service_role;

create function private.insert_agent_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb;
begin
  new.website_domain = lower(new.website_domain);
  -- The database counts the messages itself.
  stored = private.insert_row(
    'public.chat_sessions', to_jsonb(new) - 'conversation_history' - 'message_count'
  );
  perform private.append_history((stored ->> 'id')::uuid, new.conversation_history);
  select sessions.* into new
  from public.agent_sessions sessions
  where sessions.id = (stored ->> 'id')::uuid;
  return new;
end
$body$;

create function private.insert_ai_agent()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb := private.insert_row('public.agents', private.rename_fields(
    to_jsonb(new), '{"configuration": "config", "is_active": "enabled", "user_id": "created_by"}'
  ));
begin
  return jsonb_populate_record(new, private.rename_fields(
    stored - 'is_active',
    '{"config": "configuration", "enabled": "is_active", "created_by": "user_id"}'
  ));
end
$body$;

create function private.insert_row(target regclass, given jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  columns text := (
    select string_agg(format('%I', fields.key), ', ')
    from jsonb_each(insert_row.given) fields
    where fields.value <> 'null'
  );
  stored jsonb;
begin
  execute format(
    'insert into %1$s as stored (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1) '
    'returning to_jsonb(stored)',
    insert_row.target, columns
  ) into stored using insert_row.given;
  return stored;
end
$body$;
grant execute on function private.insert_row(regclass,jsonb) to authenticated, service_role;

create function private.insert_user_role()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb := private.insert_row(
    'public.organization_members',
    private.rename_fields(to_jsonb(new) - 'id', '{"team_id": "organization_id"}')
  );
begin
  select roles.* into new from public.user_roles roles
  where roles.team_id = (stored ->> 'organization_id')::uuid
    and roles.user_id = (stored ->> 'user_id')::uuid;
  return new;
end
$body$;

create function private.instructions_in_force(session_id uuid, branch int8multirange, byte_limit bigint, OUT seqs bigint[], OUT bytes bigint)
returns record
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  latest record;
begin
  select stored.seq, stored.interaction_id into latest
  from public.chat_messages stored
  where stored.session_id = instructions_in_force.session_id
    and stored.role in ('system', 'developer') and stored.status <> 'error'
    and stored.seq <@ instructions_in_force.branch
  order by stored.seq desc
  limit 1;
  select array_agg(brought.seq), coalesce(max(brought.bytes), 0) into seqs, bytes
  from (
    select
      stored.seq,
      sum(
        octet_length(stored.content) + coalesce(pg_column_size(stored.content_parts), 0)
      ) over (order by stored.seq desc) as bytes
    from public.chat_messages stored
    where stored.session_id = instructions_in_force.session_id
      and stored.role in ('system', 'developer') and stored.status <> 'error'
      and stored.seq <@ instructions_in_force.branch
      and stored.interaction_id is not distinct from latest.interaction_id
      and stored.seq <= latest.seq
      and stored.seq >= coalesce(
        (
          select min(first.seq)
          from public.chat_messages first
          where first.interaction_id = latest.interaction_id
        ),
        0
      )
  ) brought
  where brought.bytes <= greatest(instructions_in_force.byte_limit / 2, 1048576);
end
$body$;
grant execute on function private.instructions_in_force(uuid,int8multirange,bigint) to authenticated, service_role;

create function private.interaction_fingerprint(archived public.ai_interactions)
returns bigint
language sql immutable security invoker
set search_path=""
as $body$
  select hashtextextended(
    row(
      interaction.id, interaction.user_id, interaction.agent_id, interaction.vendor_id,
      interaction.model_name, interaction.access_key_id, interaction.status = 'deleted',
      -- each measure: {of}
      1::bigint, (interaction.turn_state is not distinct from 'failed')::integer::bigint,
      ( interaction.source <> 'manual' and interaction.total_cost is null and
        interaction.input_tokens + interaction.output_tokens > 0 )::integer::bigint,
      (interaction.source = 'manual')::integer::bigint, interaction.input_tokens::numeric,
      interaction.output_tokens::numeric,
      case when interaction.source = 'manual' then 0 else coalesce(interaction.total_cost, 0) end,
      case when interaction.source = 'manual' then coalesce(interaction.total_cost, 0) else 0 end,
      coalesce(interaction.duration_minutes, 0)::bigint,
      coalesce(interaction.satisfaction_rating, 0)::bigint,
      (interaction.satisfaction_rating is not null)::integer::bigint,
      coalesce(interaction.usefulness_rating, 0)::bigint,
      (interaction.usefulness_rating is not null)::integer::bigint
      -- end
    )::text,
    0
  )
  from (select (interaction_fingerprint.archived).*) interaction
$body$;

create function private.invite_member(organization_id uuid, email text, role text)
returns text
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  token text := private.new_token('inv_');
begin
  if not exists (
    select
    from private.my_organizations('admin') mine (id)
    where mine.id = invite_member.organization_id
  ) then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you may not manage its members.',
      'Ask an admin or owner of the organization.'
    );
  end if;
  if private.is_invited_role(invite_member.role) is not true then
    perform private.refuse(
      'invalid_role', 'An invitation cannot grant this role.',
      'Use admin, agent_manager, member or viewer.'
    );
  end if;
  if private.is_email(invite_member.email) is not true then
    perform private.refuse(
      'invalid_email', 'This is not a valid e-mail address.',
      'Use an address of at most 255 characters such as "carol@example.com".'
    );
  end if;
  if exists (
    select from public.organization_members members
    join public.profiles on profiles.id = members.user_id
    where members.organization_id = invite_member.organization_id
      and lower(profiles.email collate "C") = lower(invite_member.email collate "C")
  ) then
    perform private.refuse(
      'already_member', format('"%s" is already a member.', invite_member.email)
    );
  end if;

  -- A new invitation replaces an open one to the same address.
  delete from public.organization_invitations invitations
  where invitations.organization_id = invite_member.organization_id
    and lower(invitations.email collate "C") = lower(invite_member.email collate "C")
    and invitations.accepted_at is null;
  insert into public.organization_invitations (
    organization_id, email, role, token_hash, invited_by
  )
  values (
    invite_member.organization_id, invite_member.email, invite_member.role,
    private.token_hash(token), (select auth.uid())
  );
  return token;
exception when unique_violation then
  perform private.refuse(
    'invitation_in_progress', 'Another request is inviting this address.',
    'Try again to replace that invitation.'
  );
  return null;
end
$body$;
grant execute on function private.invite_member(uuid,text,text) to authenticated;

create function private.is_at_most_64_levels_deep(value jsonb)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  -- The path stops at the level it asks for, however deep the value is.
  return not jsonb_path_exists(
    is_at_most_64_levels_deep.value, '$.**{64} ? (@.type() == "object" || @.type() == "array")'
  );
end
$body$;
grant execute on function private.is_at_most_64_levels_deep(jsonb) to authenticated, service_role;

create function private.is_calendar_time(value timestamp with time zone)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return is_calendar_time.value >= '1970-01-01 00:00:00+00'
    and is_calendar_time.value < '2200-01-01 00:00:00+00';
end
$body$;
grant execute on function private.is_calendar_time(timestamp with time zone) to authenticated, service_role;

create function private.is_ciphertext(value text)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select is_ciphertext.value ~ '^v1:[A-Za-z0-9_-]{1,32}:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]{23,}$'
$body$;
grant execute on function private.is_ciphertext(text) to authenticated, service_role;

create function private.is_content(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_content.value) <= 1048576;
end
$body$;
grant execute on function private.is_content(text) to authenticated, service_role;

create function private.is_deleted_id(id uuid)
returns boolean
language sql stable security definer
set search_path=""
as $body$
  select exists (select from private.deleted_ids where deleted_ids.id = is_deleted_id.id)
$body$;
grant execute on function private.is_deleted_id(uuid) to authenticated, service_role;

create function private.is_deleted_response(turn_id uuid)
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select exists (
    select from private.responses
    where responses.turn_id = is_deleted_response.turn_id and responses.deleted_at is not null
  )
$body$;
grant execute on function private.is_deleted_response(uuid) to service_role;

create function private.is_document(value jsonb)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_document.value::text) <= 262144
    and private.is_at_most_64_levels_deep(is_document.value);
end
$body$;
grant execute on function private.is_document(jsonb) to authenticated, service_role;

create function private.is_email(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return char_length(is_email.value) <= 255
    and private.is_plain(is_email.value)
    and is_email.value ~ '^[^@\s]+@[^@\s]+$';
end
$body$;
grant execute on function private.is_email(text) to authenticated, service_role;

create function private.is_failing(agent_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select count(*) >= 10
    and count(*) filter (where executions.counts_against_agent) * 2 >= count(*)
    from public.agent_executions executions
    where executions.agent_id = is_failing.agent_id
      and executions.started_at > now() - interval '60 seconds'
  );
end
$body$;
grant execute on function private.is_failing(uuid) to service_role;

create function private.is_invited_role(role text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return is_invited_role.role in ('admin', 'agent_manager', 'member', 'viewer');
end
$body$;
grant execute on function private.is_invited_role(text) to authenticated, service_role;

create function private.is_label(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return char_length(is_label.value) <= 255 and private.is_plain(is_label.value);
end
$body$;
grant execute on function private.is_label(text) to authenticated, service_role;

create function private.is_payload(value jsonb)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_payload.value::text) <= 1048576
    and private.is_at_most_64_levels_deep(is_payload.value);
end
$body$;
grant execute on function private.is_payload(jsonb) to authenticated, service_role;

create function private.is_plain(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  -- C0, DEL and C1, line and paragraph separators, and what turns the direction of writing.
  return is_plain.value !~
    '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]';
end
$body$;
grant execute on function private.is_plain(text) to authenticated, service_role;

create function private.is_priced(service_id text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (private.price_at(is_priced.service_id, now(), 0)).id is not null;
end
$body$;
grant execute on function private.is_priced(text) to service_role;

create function private.is_prompt(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_prompt.value) <= 262144;
end
$body$;
grant execute on function private.is_prompt(text) to authenticated, service_role;

create function private.is_prose(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_prose.value) <= 65536;
end
$body$;
grant execute on function private.is_prose(text) to authenticated, service_role;

create function private.is_repeat_finding(before private.agent_probes)
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  -- However long a round takes through all agents: only a call, or a day, makes a finding too old.
  select is_repeat_finding.before.found_at > now() - interval '1 day' and not exists (
    select from public.agent_executions executions
    where executions.agent_id = is_repeat_finding.before.agent_id
      and executions.status = 'succeeded'
      and executions.started_at > is_repeat_finding.before.found_at
  )
$body$;
grant execute on function private.is_repeat_finding(private.agent_probes) to service_role;

create function private.is_stranger_to(agent public.agents)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return is_stranger_to.agent.id is not null
    and not is_stranger_to.agent.is_platform
    and (
      is_stranger_to.agent.organization_id is null
      and is_stranger_to.agent.created_by = (select auth.uid())
    ) is not true
    and (
      is_stranger_to.agent.organization_id = any (array(select private.my_organizations('viewer')))
    ) is not true;
end
$body$;
grant execute on function private.is_stranger_to(public.agents) to service_role;

create function private.is_time_zone(name text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- Postgres also takes POSIX strings such as 'ABC7'; only names are wanted here.
  if is_time_zone.name !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$' then
    return false;
  end if;
  perform now() at time zone is_time_zone.name;
  return true;
exception when invalid_parameter_value then
  return false;
end
$body$;
grant execute on function private.is_time_zone(text) to authenticated, service_role;

create function private.is_use_of(agent public.agents, source text, organization_id uuid, user_id uuid)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return is_use_of.source <> 'manual'
    or is_use_of.agent.organization_id = is_use_of.organization_id is true
    or (
      is_use_of.agent.organization_id is null and is_use_of.agent.created_by = is_use_of.user_id
    ) is true;
end
$body$;

create function private.is_web_address(value text, schemes text DEFAULT 'https?'::text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return char_length(is_web_address.value) <= 2048 and private.is_plain(is_web_address.value)
    and is_web_address.value ~ (
      '^'
        || is_web_address.schemes
        || '://[^\s/"<>\\^`{|}]+(/[^\s"<>\\^`{|}]*|[?#][^\s"<>\\^`{|}]*)?$'
    );
end
$body$;
grant execute on function private.is_web_address(text,text) to authenticated, service_role;

create function private.is_word_list(value text[])
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return cardinality(is_word_list.value) <= 100 and not exists (
    select from unnest(is_word_list.value) as word where word is null or not private.is_label(word)
  );
end
$body$;
grant execute on function private.is_word_list(text[]) to authenticated, service_role;

create function private.items_of_run(run_id bigint, passed_over text[], OUT items text[], OUT outcome text, OUT error_code text, OUT error_message text)
returns record
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  name text := (
    select runs.job_name from private.job_runs runs where runs.id = items_of_run.run_id
  );
  after text := (
    select runs.last_item from private.job_runs runs
    where runs.job_name = name and runs.last_item is not null
    order by runs.id desc limit 1
  );
  oldest timestamptz;
begin
  select coalesce(array_agg(due.item), '{}'), min(due.due_at) into items, oldest
  from private.due_items(name, after, items_of_run.passed_over) due;
  update private.job_runs
  set items_left = cardinality(items), oldest_due_at = oldest
  where job_runs.id = items_of_run.run_id;
  outcome := 'succeeded';
exception
  when query_canceled then
    items := '{}';
    outcome := 'timed_out';
    error_code := sqlstate;
    error_message := 'The run was cut while it looked for what is due.';
  when others then
    items := '{}';
    outcome := 'failed';
    error_code := sqlstate;
    error_message := sqlerrm;
end
$body$;

create function private.job_sessions()
returns TABLE(job_name text, pid integer)
language sql stable security invoker
set search_path=""
as $body$
  select jobs.name, locks.pid
  from private.jobs
  join pg_catalog.pg_locks locks
    on locks.locktype = 'advisory'
    and locks.database = (
      select databases.oid
      from pg_catalog.pg_database databases
      where databases.datname = current_database()
    )
    and locks.classid = private.lock_namespace('jobs')::oid
    and locks.objid = hashtext(jobs.name)::oid
    and locks.objsubid = 2 -- of the form with two keys
    and locks.granted
$body$;
grant execute on function private.job_sessions() to service_role;

create function private.keep_body(turn public.ai_interactions, running private.running_turns, outcome jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if keep_body.running.idempotency_key is null
    or keep_body.outcome ->> 'state' <> 'succeeded'
    or jsonb_typeof(keep_body.outcome -> 'answer') is distinct from 'object'
    -- Whose it was is gone.
    or (keep_body.turn.user_id, keep_body.turn.session_id, keep_body.turn.access_key_id)
      is distinct from (
        keep_body.running.user_id, keep_body.running.session_id, keep_body.running.access_key_id
      )
  then
    return;
  end if;
  insert into private.stored_answers (
    interaction_id, user_id, session_id, access_key_id, idempotency_key, fingerprint, body,
    expires_at
  )
  values (
    keep_body.turn.id, keep_body.turn.user_id, keep_body.turn.session_id,
    keep_body.turn.access_key_id, keep_body.running.idempotency_key,
    keep_body.running.fingerprint, keep_body.outcome -> 'answer',
    now() + (private.limits()).stored_answer_lifetime
  );
end
$body$;
grant execute on function private.keep_body(public.ai_interactions,private.running_turns,jsonb) to service_role;

create function private.keep_response(turn private.running_turns, request jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(keep_response.request -> 'response') is distinct from 'object'
    or keep_response.turn.session_id is null
  then
    return;
  end if;
  insert into private.responses (
    turn_id, user_id, session_id, request, is_background, expires_at
  )
  values (
    keep_response.turn.id, keep_response.turn.user_id, keep_response.turn.session_id,
    keep_response.request -> 'response',
    keep_response.request @> '{"response": {"asked": {"background": true}}}',
    now() + (private.limits()).response_lifetime
  );
end
$body$;
grant execute on function private.keep_response(private.running_turns,jsonb) to service_role;

create function private.key_allows(agent_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  listed jsonb := (select auth.jwt()) -> 'access_key' -> 'agent_ids';
begin
  return jsonb_typeof(listed) is distinct from 'array'
    or coalesce(listed ? key_allows.agent_id::text, false);
end
$body$;
grant execute on function private.key_allows(uuid) to service_role;

create function private.key_id_of(blob text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return split_part(key_id_of.blob, ':', 2);
end
$body$;
grant execute on function private.key_id_of(text) to service_role;

create function private.key_limits()
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  key jsonb := (select auth.jwt()) -> 'access_key';
begin
  return case when key is null then '{}' else jsonb_build_object(
    'user_id', (select auth.uid()), 'access_key_id', key -> 'id', 'access_key_per_minute',
    key -> 'requests_per_minute'
  ) end;
end
$body$;
grant execute on function private.key_limits() to service_role;

create function private.key_rules(vendor_id text)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object(
      'vendor_id', vendors.id, 'name', vendors.name, 'key_pattern', vendors.key_pattern,
      'base_url', vendors.base_url, 'api_format', vendors.api_format,
      'probe_path', vendors.probe_path, 'auth_header', vendors.auth_header, 'auth_scheme',
      vendors.auth_scheme
    )
    from public.vendors
    where vendors.id = key_rules.vendor_id and vendors.is_active and vendors.auth_type <> 'oauth'
  );
end
$body$;
grant execute on function private.key_rules(text) to service_role;

create function private.keys_for_route(route jsonb, payer uuid)
returns TABLE(is_own boolean, keys jsonb)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select
    best.user_id = (select auth.uid()),
    jsonb_agg(
      jsonb_build_object(
        'id', best.id, 'user_id', best.user_id, 'vendor_id', best.vendor_id, 'encrypted_key',
        best.encrypted_key, 'settings', best.settings
      )
      order by best.place
    )
  from (
    select usable.*, row_number() over () as place
    from private.usable_api_keys(
      (select auth.uid()), keys_for_route.payer, keys_for_route.route ->> 'vendor_id',
      keys_for_route.route ->> 'service_id'
    ) usable
    -- More than a turn could try.
    limit 5
  ) best
  group by 1
  order by 1 desc;
end
$body$;
grant execute on function private.keys_for_route(jsonb,uuid) to service_role;

create function private.known_in_session(session public.chat_sessions, said private.request_messages)
returns private.known_messages
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  here public.chat_sessions := known_in_session.session;
  hashes uuid[] := known_in_session.said.hashes;
  known private.known_messages;
  last bigint;
  next cursor for
    select stored.seq, stored.content_fingerprint
    from public.chat_messages stored
    where stored.session_id = here.id
      and stored.seq > last
      and stored.seq <@ here.current_branch
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq;
begin
  select answers.known, coalesce(answers.answer_seq, 0) into known.known, last
  from private.find_answer(
    known_in_session.said, here.user_id, here.org_id, here.agent_id, here.id
  ) answers;
  if last > 0 and not last <@ here.current_branch then
    known.history := private.branch_until(here.id, last);
    return known;
  end if;
  for stored in next loop
    if stored.content_fingerprint is distinct from hashes[known.known + 1] then
      -- Nothing in common: the latest messages alone, or a conversation of its own.
      if known.known = 0 then
        known.known := private.overlap(here, known_in_session.said);
        if known.known > 0 or known_in_session.said.messages -> 0 ->> 'role' <> 'user'
        then
          return known;
        end if;
      end if;
      known.history := here.current_branch
        * int8multirange(int8range(null, case last when 0 then stored.seq else last + 1 end));
      return known;
    end if;
    known.known := known.known + 1;
    last := stored.seq;
  end loop;
  return known;
end
$body$;
grant execute on function private.known_in_session(public.chat_sessions,private.request_messages) to service_role;

create function private.latest_day()
returns date
language sql stable security invoker
set search_path=""
as $body$
  -- A day begins in the easternmost time zone 14 hours before it does in UTC.
  select (now() at time zone 'UTC' + interval '14 hours')::date
$body$;
grant execute on function private.latest_day() to authenticated, service_role;

create function private.latest_interactions(wanted integer, organization_id uuid DEFAULT NULL::uuid, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF private.listed_interaction
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  organizations uuid[] := private.listed_organizations(latest_interactions.organization_id);
  share integer := least(wanted, ceil(wanted::numeric / greatest(cardinality(organizations), 1)));
  shares integer[] := array_fill(share, array[cardinality(organizations)]);
  deeper integer[];
  found private.listed_interaction[];
begin
  -- The latest few of each organization, by its index; then more of those whose last one is
  -- still among the latest of all. So what is read is a few times what is wanted.
  loop
    with fetched as (
      select mine.place, mine.share, listed.id, listed.started_at
      from unnest(organizations, shares) with ordinality as mine (id, share, place)
      cross join lateral (
        select i.id, i.started_at
        from public.ai_interactions i
        where i.organization_id = mine.id and i.status <> 'deleted'
          and i.started_at <= latest_interactions.before
          and (i.started_at < latest_interactions.before
            or i.id > latest_interactions.before_id)
        order by i.started_at desc, i.id
        limit mine.share
      ) listed
    ),
    latest as (
      select fetched.id, fetched.started_at from fetched
      order by fetched.started_at desc, fetched.id
      limit latest_interactions.wanted
    ),
    ends as (
      select fetched.place, max(fetched.share) as share from fetched
      group by fetched.place
      having count(*) = max(fetched.share) and max(fetched.share) < latest_interactions.wanted
        and min(fetched.started_at) >= case
          when (select count(*) from latest) < latest_interactions.wanted then '-infinity'
          else (select min(latest.started_at) from latest)
        end
    )
    select
      array(select row(latest.id, latest.started_at)::private.listed_interaction from latest),
      array(select coalesce(ends.share * 4, mine.share)
        from unnest(shares) with ordinality as mine (share, place)
        left join ends on ends.place = mine.place
        order by mine.place)
    into found, deeper;
    exit when deeper = shares;
    shares := deeper;
  end loop;
  return query select * from unnest(found);
end
$body$;
grant execute on function private.latest_interactions(integer,uuid,timestamp with time zone,uuid) to authenticated, service_role;

create function private.leave_organization(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.organization_members members
  where members.organization_id = leave_organization.organization_id
    and members.user_id = (select auth.uid());
  if not found then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you are not a member of it.'
    );
  end if;
  perform private.require_owner(leave_organization.organization_id);
end
$body$;
grant execute on function private.leave_organization(uuid) to authenticated;

create function private.limit_access_key_changes()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if (
    select count(*) >= (private.limits()).changes_per_access_key
    from public.access_key_events events
    where events.access_key_id = new.id
  )
  then
    perform private.refuse(
      'too_many_changes',
      format(
        'This access key has been changed %s times, the maximum.',
        to_char((private.limits()).changes_per_access_key, 'FM999,999')
      ),
      'Revoke it and create a new one.'
    );
  end if;
  return null;
end
$body$;

create function private.limit_organizations()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Requests of one person wait for each other here, so that none counts too few.
  perform from public.profiles where profiles.id = new.created_by for no key update;
  if (
    select count(*) > (private.limits()).organizations_per_user from public.organizations
    where organizations.created_by = new.created_by and not organizations.is_personal
  ) then
    perform private.refuse(
      'too_many_organizations',
      format(
        'You have created %s organizations, including recently deleted ones, the maximum.',
        (private.limits()).organizations_per_user
      ),
      'Delete organizations that you no longer use, or ask the operator to create one.'
    );
  end if;
  return null;
end
$body$;

create function private.limit_public_agents()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Requests of one owner wait for each other here, so that none counts too few.
  perform from public.organizations where organizations.id = new.organization_id for no key update;
  perform from public.profiles
  where profiles.id = new.created_by and new.organization_id is null
  for no key update;
  if (
    select count(*) > (private.limits()).shared_agents_per_owner
    from public.agents
    where (agents.is_public or agents.is_published)
      and agents.organization_id is not distinct from new.organization_id
      and (agents.organization_id is not null or agents.created_by = new.created_by)
  ) then
    perform private.refuse(
      'too_many_public_agents',
      format(
        'This owner shares %s agents already.', (private.limits()).shared_agents_per_owner
      ),
      'Stop sharing one first, or ask the operator.'
    );
  end if;
  return null;
end
$body$;

create function private.limits(OUT provider_key_calls_per_minute integer, OUT oauth_token_calls_per_minute integer, OUT stored_keys_per_user integer, OUT access_keys_per_membership integer, OUT changes_per_access_key integer, OUT organizations_per_user integer, OUT shared_agents_per_owner integer, OUT deployments_per_agent integer, OUT workflow_reports_per_minute integer, OUT execution_silence interval, OUT thought_tree_levels integer, OUT thought_tree_nodes integer, OUT turn_lease interval, OUT stored_answer_lifetime interval, OUT response_lifetime interval, OUT response_event_lifetime interval, OUT organization_grace interval, OUT session_idle_time interval, OUT oauth_failure_patience interval)
returns record
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select
    30, -- provider_key_calls_per_minute: rules, tests and changes of stored keys
    300, -- oauth_token_calls_per_minute: reads of a token
    100, -- stored_keys_per_user
    100, -- access_keys_per_membership: active keys of a user in an organization
    1000, -- changes_per_access_key: each writes an event that is kept
    50, -- organizations_per_user: created and not purged, without the personal one
    100, -- shared_agents_per_owner: in the catalogue of public agents
    100, -- deployments_per_agent: the latest, which deploy_agent() keeps
    600, -- workflow_reports_per_minute: about the executions of one workflow
    interval '1 day', -- execution_silence: a running execution without a report has failed
    100, -- thought_tree_levels: from the root of an execution's thoughts to the deepest
    10000, -- thought_tree_nodes: that agent_thought_tree() returns
    interval '15 minutes', -- turn_lease: a running turn that has not settled is swept
    interval '24 hours', -- stored_answer_lifetime: replies to a repeated idempotency key
    interval '30 days', -- response_lifetime: retrieving and deleting a response by its id
    interval '1 day', -- response_event_lifetime: coming back to one in the background
    interval '30 days', -- organization_grace: between deletion and purge
    interval '30 days', -- session_idle_time: a conversation without activity expires
    interval '1 day' -- oauth_failure_patience: refused refreshes before a new sign-in is needed
$body$;
grant execute on function private.limits() to authenticated, service_role;

create function private.limits_of_turn(request jsonb, payer uuid)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  limits jsonb;
begin
  if (limits_of_turn.request ->> 'rate_limit')::boolean is not true
    and coalesce(
      limits_of_turn.request ->> 'counted_organization_id', limits_of_turn.payer::text
    ) = limits_of_turn.payer::text
  then
    return null;
  end if;
  limits := private.plan_limits(limits_of_turn.payer);
  if (limits_of_turn.request ->> 'rate_limit')::boolean then
    perform private.check_rate_limit(
      'user:' || (select auth.uid()), (limits ->> 'user_per_minute')::integer
    );
  end if;
  return limits;
end
$body$;
grant execute on function private.limits_of_turn(jsonb,uuid) to service_role;

create function private.listed_agents(organization_id uuid, model text)
returns SETOF public.agents
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- An id is the agent's name, or begins with it and a slash.
  names text[] := array(
    select left(listed_agents.model, place - 1)
    from generate_series(1, char_length(listed_agents.model) + 1) as place
    where substr(listed_agents.model, place, 1) in ('/', '')
  );
begin
  if listed_agents.model is null then
    return query
    select agents.*
    from private.agents_for_chat(listed_agents.organization_id) mine (id)
    join public.agents on agents.id = mine.id;
  else
    return query
    select agents.*
    from private.agents_named(names, listed_agents.organization_id) mine (id)
    join public.agents on agents.id = mine.id;
  end if;
end
$body$;
grant execute on function private.listed_agents(uuid,text) to service_role;

create function private.listed_message(message public.chat_messages)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    -- An answer is known by the id of its turn, which its clients were sent.
    'id', case
      when listed_message.message.role = 'assistant'
        and listed_message.message.latency_ms is not null
        then coalesce(listed_message.message.interaction_id, listed_message.message.id)
      else listed_message.message.id
    end,
    'message', private.as_openai_message(listed_message.message)
  )
$body$;
grant execute on function private.listed_message(public.chat_messages) to service_role;

create function private.listed_organizations(organization_id uuid)
returns uuid[]
language sql stable security invoker
set search_path=""
as $body$
  select case
    when listed_organizations.organization_id is not null
      then array[listed_organizations.organization_id]
    -- The backend sees all.
    when (select auth.uid()) is null then array(select organizations.id from public.organizations)
    else array(select private.my_organizations('viewer'))
  end
$body$;
grant execute on function private.listed_organizations(uuid) to authenticated, service_role;

create function private.lock_agent_to_deploy(agent uuid)
returns public.agents
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  locked public.agents;
begin
  select agents.* into locked
  from public.agents
  where agents.id = lock_agent_to_deploy.agent
    and (
      current_user <> 'authenticated'
      or exists (select from private.editable_agents where editable_agents.id = agents.id)
    )
  for no key update;
  if locked.id is null then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not deploy it.');
  end if;
  if exists (
    select from public.deployments
    where deployments.agent_id = locked.id and deployments.status in ('pending', 'deploying')
  ) then
    perform private.refuse(
      'deployment_in_progress', 'A deployment of this agent is pending or deploying.',
      'Wait until it ends, or set its status to stopped.'
    );
  end if;
  return locked;
end
$body$;
grant execute on function private.lock_agent_to_deploy(uuid) to authenticated, service_role;

create function private.lock_budgets(organization_id uuid)
returns boolean
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- A budget that is set now comes first, or waits until this has ended.
  perform pg_advisory_xact_lock_shared(
    private.lock_namespace('budgets'), hashtext(lock_budgets.organization_id::text)
  );
  -- All of them, always in the same order, whichever a turn counts against: so
  -- one transaction can settle several turns, and two never wait for each other.
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

create function private.lock_namespace(purpose text)
returns integer
language plpgsql immutable strict security invoker
set search_path=""
as $body$
declare
  number integer;
begin
  -- Each number once: locks of two purposes never meet, whatever their second key is made of.
  case lock_namespace.purpose
    when 'jobs' then number := 1; -- the name of the job
    when 'idempotency_keys' then number := 2; -- the person and the key
    when 'budgets' then number := 3; -- the organization
    when 'agent_metrics' then number := 4; -- the day
    when 'settling_many' then number := 5; -- 0: one at a time
  end case;
  return number;
end
$body$;
grant execute on function private.lock_namespace(text) to service_role;

create function private.lock_turn(turn_id uuid)
returns private.running_turns
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  turn private.running_turns;
begin
  perform private.set_idle_timeout();
  -- The session first, as begin_chat_turn() does, or the two could wait for each other.
  perform from public.chat_sessions sessions
  where sessions.id = (
    select turns.session_id from private.running_turns turns where turns.id = lock_turn.turn_id
  )
  for no key update;
  select turns.* into turn
  from private.running_turns turns
  where turns.id = lock_turn.turn_id
  for no key update;
  return turn;
end
$body$;
grant execute on function private.lock_turn(uuid) to service_role;

create function private.lock_watermark()
returns private.usage_watermark
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  locked private.usage_watermark;
begin
  select usage_watermark.* into locked from private.usage_watermark for update;
  return locked;
end
$body$;

create function private.maintain_usage_calendar()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  changes timestamptz[];
begin
  -- A new row with a new id: rollups of the old one are of other days.
  delete from public.usage_calendars where usage_calendars.organization_id = new.id
  returning array(
    select changed.at from unnest(recent_changes) as changed (at)
    where changed.at > now() - interval '1 day'
  ) into changes;
  -- Each change rolls the whole ledger of the organization up again.
  if tg_op = 'UPDATE' and cardinality(changes) >= 5 and auth.uid() is not null then
    perform private.refuse(
      'timezone_changed_too_often',
      'The time zone of this organization was changed five times within a day, the maximum.',
      'Try again tomorrow.'
    );
  end if;
  insert into public.usage_calendars (organization_id, timezone, rolled_up_until, recent_changes)
  values (
    new.id,
    new.timezone,
    case when tg_op = 'INSERT' then 'infinity' else '-infinity' end::timestamptz,
    case when tg_op = 'INSERT' then '{}' else coalesce(changes, '{}') || now() end
  );
  return null;
end
$body$;

create function private.make_auth_triggers()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- Replacing one that is switched off switches it on.
  create or replace trigger on_auth_user_created after insert on auth.users
    for each row execute function private.handle_new_user();
  create or replace trigger on_auth_user_changed
    after update of email, last_sign_in_at, is_sso_user on auth.users
    for each row
    when (
      old.email is distinct from new.email
      or old.last_sign_in_at is distinct from new.last_sign_in_at
      or old.is_sso_user is distinct from new.is_sso_user
    )
    execute function private.handle_user_change();
  create or replace trigger delete_personal_organization before delete on auth.users
    for each row execute function private.delete_personal_organization();
  create or replace trigger release_organizations before delete on auth.users
    for each row execute function private.release_organizations();
  create or replace trigger delete_own_agents before delete on auth.users
    for each row execute function private.delete_own_agents();
  create or replace trigger scrub_interactions before delete on auth.users
    for each row execute function private.scrub_interactions();
end
$body$;

create function private.make_channel_policy()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if private.channel_policy_is_missing() then
    execute $policy$
      create policy "Users receive what is sent to them and their organizations"
        on realtime.messages for select to authenticated
        using (extension = 'broadcast' and (select private.may_receive(realtime.topic())))
    $policy$;
  end if;
exception when insufficient_privilege then
  raise warning 'Private channels stay closed: this role may not create policies on '
    'realtime.messages. See "Realtime" in docs/operations.md.';
end
$body$;

create function private.mark_member_active()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- To five minutes: a busy member's row is not written with every turn. No
  -- turn waits for it either: the row's holder does the same.
  update public.organization_members
  set last_active_at = now()
  where (organization_members.organization_id, organization_members.user_id) in (
    select members.organization_id, members.user_id
    from public.organization_members members
    where members.organization_id = new.organization_id
      and members.user_id = new.user_id
      and (members.last_active_at is null or members.last_active_at < now() - interval '5 minutes')
    for no key update skip locked
  );
  return null;
end
$body$;

create function private.matches_each(list text[], pattern text)
returns boolean
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select coalesce(
    bool_and(coalesce(items.item ~ matches_each.pattern, false)), true
  )
  from unnest(matches_each.list) as items (item)
$body$;
grant execute on function private.matches_each(text[],text) to service_role;

create function private.matching_interactions(organization_id uuid, tags text[], keywords text[], metadata jsonb, page_size integer, before timestamp with time zone, before_id uuid)
returns SETOF private.listed_interaction
language plpgsql stable security definer
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  if not exists (
    select from private.my_organizations('viewer') mine (id)
    where mine.id = matching_interactions.organization_id
  ) then
    perform private.refuse(
      'organization_not_found', 'There is no such organization, or it is not yours to see.'
    );
  end if;
  return query
  -- First what matches, then its order: nothing is known of how rare a word is, and a plan that
  -- hopes for many matches walks back through the whole ledger for a few.
  with matches as materialized (
    select i.id, i.started_at
    from public.ai_interactions i
    where i.organization_id = matching_interactions.organization_id and i.status <> 'deleted'
      and (matching_interactions.tags is null
        or (i.tags @> matching_interactions.tags and i.tags <> '{}'))
      and (matching_interactions.keywords is null
        or (i.keywords @> matching_interactions.keywords and i.keywords <> '{}'))
      and (matching_interactions.metadata is null
        or (i.external_metadata @> matching_interactions.metadata and i.external_metadata <> '{}'))
      and i.started_at <= matching_interactions.before
      and (i.started_at < matching_interactions.before or i.id > matching_interactions.before_id)
  )
  select matches.id, matches.started_at from matches
  order by matches.started_at desc, matches.id
  limit matching_interactions.page_size;
end
$body$;
grant execute on function private.matching_interactions(uuid,text[],text[],jsonb,integer,timestamp with time zone,uuid) to authenticated, service_role;

create function private.may_grant(organization_id uuid, user_id uuid, role text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select
    from public.organization_members members
    join public.profiles on profiles.id = members.user_id and profiles.status = 'active'
    where members.organization_id = may_grant.organization_id
      and members.user_id = may_grant.user_id
      and private.role_rank(members.role) >= private.role_rank('admin')
      and (members.role = 'owner' or may_grant.role <> 'owner')
  );
end
$body$;

create function private.may_name(agent_id uuid, organization_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.agents
    where agents.id = may_name.agent_id
      and case
        when agents.organization_id is null
          then agents.is_platform or agents.created_by = (select auth.uid())
        else agents.organization_id = may_name.organization_id
          and agents.organization_id = any (array(select private.my_organizations('member')))
      end
  );
end
$body$;
grant execute on function private.may_name(uuid,uuid) to service_role;

create function private.may_receive(topic text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- Compared as text: a topic without an id is no one's.
  return may_receive.topic = 'user:' || private.my_id()
    or may_receive.topic in (
      select 'organization:' || mine.id from private.my_organizations('viewer') mine (id)
    );
end
$body$;
grant execute on function private.may_receive(text) to authenticated;

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

create function private.may_spend_platform_credential(payer uuid)
returns boolean
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  most numeric := (
    select plans.platform_credential_usd
    from public.organizations
    join public.plans on plans.id = organizations.plan
    where organizations.id = may_spend_platform_credential.payer
      and plans.platform_credential = 'priced_catalogue'
  );
begin
  if most is null then
    return false;
  end if;
  insert into public.budgets (organization_id, period, limit_usd, created_by)
  values (may_spend_platform_credential.payer, 'month', most, null)
  on conflict on constraint one_budget_per_scope_and_period do nothing;
  perform from public.budgets
  where budgets.organization_id = may_spend_platform_credential.payer
    and num_nonnulls(budgets.user_id, budgets.agent_id, budgets.access_key_id) = 0
    and budgets.period = 'month'
    and budgets.is_active
    and budgets.limit_usd <= most;
  return found;
end
$body$;
grant execute on function private.may_spend_platform_credential(uuid) to service_role;

create function private.measure_interaction()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.duration_minutes = floor(extract(epoch from new.ended_at - new.started_at) / 60);
  return new;
end
$body$;

create function private.merge_execution(workflow uuid, report jsonb)
returns public.workflow_executions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  told text := merge_execution.report ->> 'status';
  status text := case
    when told = 'new' then 'running' when told in ('canceled', 'crashed') then 'error' else told
  end;
  is_final boolean := coalesce(status in ('success', 'error'), false);
  ended timestamptz := case
    when is_final then coalesce((merge_execution.report ->> 'completed_at')::timestamptz, now())
  end;
  began timestamptz := least(
    coalesce((merge_execution.report ->> 'started_at')::timestamptz, now()), ended
  );
  failure jsonb := case when status = 'error' then coalesce(
    nullif(merge_execution.report -> 'error', 'null'), jsonb_build_object('status', told)
  ) end;
  merged public.workflow_executions;
begin
  insert into public.workflow_executions as known (
    workflow_id, execution_id, status, input_data, output_data, error_data, started_at,
    completed_at
  )
  values (
    merge_execution.workflow, merge_execution.report ->> 'execution_id',
    coalesce(status, 'running'),
    private.redact_secrets(nullif(merge_execution.report -> 'input', 'null')),
    case when is_final then
      private.redact_secrets(nullif(merge_execution.report -> 'output', 'null'))
    end,
    private.redact_secrets(failure), began, ended
  )
  on conflict (workflow_id, execution_id) do update
  set status = case
        when known.status in ('success', 'error') or told is null then known.status
        else excluded.status
      end,
      input_data = coalesce(known.input_data, excluded.input_data),
      output_data = case
        when known.status in ('success', 'error') then known.output_data
        else excluded.output_data
      end,
      error_data = case
        when known.status in ('success', 'error') then known.error_data
        else excluded.error_data
      end,
      started_at = least(known.started_at, excluded.started_at),
      completed_at = coalesce(known.completed_at, excluded.completed_at),
      execution_time_ms = null
  returning * into merged;
  return merged;
end
$body$;
grant execute on function private.merge_execution(uuid,jsonb) to service_role;

create function private.merge_json(target jsonb, changes jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(merge_json.changes) <> 'object' then
    return merge_json.changes;
  end if;
  if jsonb_typeof(merge_json.target) is distinct from 'object' then
    target := '{}';
  end if;
  return (
    select coalesce(jsonb_object_agg(parts.key, parts.value), '{}')
    from (
      select kept.key, kept.value
      from jsonb_each(merge_json.target) kept
      where not merge_json.changes ? kept.key
      union all
      select changed.key, private.merge_json(merge_json.target -> changed.key, changed.value)
      from jsonb_each(merge_json.changes) changed
      where changed.value <> 'null'
    ) parts
  );
end
$body$;
grant execute on function private.merge_json(jsonb,jsonb) to authenticated;

create function private.message_fingerprint(role text, name text, content text, content_parts jsonb, tool_calls jsonb)
returns uuid
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  text text := btrim(
    case
      when message_fingerprint.content_parts is null then message_fingerprint.content
      else private.text_of(message_fingerprint.content_parts)
    end,
    E' \t\r\n'
  );
  -- Nearly every message is a text, and thousands may be compared: no call without need.
  parts jsonb := case
    when message_fingerprint.content_parts is not null
      then private.plain_parts(message_fingerprint.content_parts)
  end;
  calls jsonb := case
    when message_fingerprint.tool_calls is not null
      then private.plain_calls(message_fingerprint.tool_calls)
  end;
begin
  if message_fingerprint.role in ('system', 'developer')
    or (message_fingerprint.role = 'assistant' and text = '' and coalesce(parts, calls) is null)
  then
    return null;
  end if;
  -- As private.short_hash() has it.
  return left(encode(sha256(convert_to(
    jsonb_build_array(
      message_fingerprint.role,
      case message_fingerprint.role when 'user' then message_fingerprint.name end,
      text, parts, calls
    )::text, 'UTF8'
  )), 'hex'), 32)::uuid;
end
$body$;
grant execute on function private.message_fingerprint(text,text,text,jsonb,jsonb) to authenticated, service_role;

create function private.message_tokens(messages jsonb)
returns bigint
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  json text := message_tokens.messages::text;
  weight bigint := 3 * octet_length(json)::bigint - char_length(json);
  attachments bigint := 0;
begin
  if json ~ '"(image_url|file_data|input_audio)"' then
    select
      -- What stands between the quotes.
      weight - coalesce(sum(3 * octet_length(bytes::text) - char_length(bytes::text) - 4), 0),
      count(bytes)
    into weight, attachments
    from (
      select case part ->> 'type'
        when 'image_url' then coalesce(part #> '{image_url,url}', part -> 'image_url')
        when 'file' then part #> '{file,file_data}'
        else part #> '{input_audio,data}'
      end as bytes
      from jsonb_path_query(
        message_tokens.messages,
        '$[*].content[*] ? (
          (@.type == "image_url" && (@.image_url.type() == "string" || exists(@.image_url.url)))
          || (@.type == "file" && exists(@.file.file_data))
          || (@.type == "input_audio" && exists(@.input_audio.data))
        )'
      ) as part
    ) parts;
  end if;
  return ceil(weight / 8.0)::bigint + attachments * 1024;
end
$body$;
grant execute on function private.message_tokens(jsonb) to service_role;

create function private.messages_for_model(session_id uuid, prompt text, place private.turn_place, token_limit integer)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  first jsonb := case
    when messages_for_model.prompt is null then '[]'
    else jsonb_build_array(
      jsonb_build_object('role', 'system', 'content', messages_for_model.prompt)
    )
  end || messages_for_model.place.instructions;
begin
  if messages_for_model.session_id is null then
    return first || messages_for_model.place.said;
  end if;
  return first
    || private.without_open_calls(
      private.recent_history(
        messages_for_model.session_id,
        messages_for_model.token_limit - private.message_tokens(messages_for_model.place.said)
          - case first when '[]' then 0 else private.message_tokens(first) end,
        messages_for_model.place.said -> 0 ->> 'role' = 'tool',
        -- No more than a request may have, which is also what some vendors accept.
        20971520 - pg_column_size(messages_for_model.place.said),
        messages_for_model.place.history,
        messages_for_model.place.instructions = '[]'
      ),
      messages_for_model.place.said
    )
    || messages_for_model.place.said;
end
$body$;
grant execute on function private.messages_for_model(uuid,text,private.turn_place,integer) to service_role;

create function private.messages_for_turn(resolved private.resolved_turn, route jsonb, place private.turn_place)
returns jsonb
language sql volatile security invoker
set search_path=""
as $body$
  select private.messages_for_model(
    (messages_for_turn.resolved.session).id,
    coalesce(
      (messages_for_turn.resolved.agent).system_prompt,
      messages_for_turn.resolved.settings ->> 'system_prompt'
    ),
    messages_for_turn.place,
    least(
      (
        messages_for_turn.route ->> 'context_window'
      )::integer - coalesce(messages_for_turn.resolved.max_tokens, 1024),
      (messages_for_turn.resolved.session).prompt_limit
    )
  )
$body$;
grant execute on function private.messages_for_turn(private.resolved_turn,jsonb,private.turn_place) to service_role;

create function private.messages_in(session_id uuid, history private.history_window, branch int8multirange)
returns SETOF public.chat_messages
language sql stable security invoker
set search_path=""
as $body$
  -- Ranges of an index, where one condition for all would read the whole session.
  select instructions.* from public.chat_messages instructions
  where instructions.session_id = messages_in.session_id
    and instructions.seq = any ((messages_in.history).instructions)
  union all
  select messages.*
  from unnest(messages_in.branch) part
  cross join lateral (
    select stored.* from public.chat_messages stored
    where stored.session_id = messages_in.session_id
      and stored.content_fingerprint is not null and stored.status <> 'error'
      and stored.seq >= greatest((messages_in.history).first_message, lower(part))
      and stored.seq < coalesce(upper(part), 9223372036854775807)
      -- No window, no messages: greatest() would pass over the null.
      and (messages_in.history).first_message is not null
  ) messages
$body$;
grant execute on function private.messages_in(uuid,private.history_window,int8multirange) to service_role;

create function private.metadata_text(account auth.users, key text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  -- Anybody can sign up with any metadata: what is no text counts as missing.
  select nullif(btrim(metadata_text.account.raw_user_meta_data ->> metadata_text.key), '')
  where jsonb_typeof(metadata_text.account.raw_user_meta_data -> metadata_text.key) = 'string'
$body$;

create function private.mirror_of_turn(turn public.ai_interactions)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object(
      'session', (
        select jsonb_build_object(
          'user_id', sessions.user_id, 'org_id', sessions.org_id, 'agent_id', sessions.agent_id,
          'model_id', sessions.model_id, 'metadata', sessions.metadata,
          'message_count', sessions.message_count, 'last_activity_at', sessions.last_activity_at
        )
        from public.chat_sessions sessions
        where sessions.id = mirror_of_turn.turn.session_id
          -- The backend knows this turn's messages only: with others among them it
          -- would cache the session without those.
          and not exists (
            select from public.chat_messages messages
            where messages.session_id = sessions.id
              and messages.interaction_id is distinct from mirror_of_turn.turn.id
              and messages.seq > (
                select min(mine.seq)
                from public.chat_messages mine
                where mine.interaction_id = mirror_of_turn.turn.id
              )
          )
      ),
      'agents', (
        select jsonb_agg(jsonb_build_object(
          'agent_id', health.agent_id, 'status', health.status, 'last_check', health.last_check,
          'latency_ms', health.latency_ms, 'consecutive_failures', health.consecutive_failures,
          'circuit_state', health.circuit_state, 'circuit_retry_at', health.circuit_retry_at
        ))
        from public.agent_health health
        where health.agent_id in (
          select executions.agent_id
          from public.agent_executions executions
          where executions.interaction_id = mirror_of_turn.turn.id
        )
      )
    )
  );
end
$body$;
grant execute on function private.mirror_of_turn(public.ai_interactions) to service_role;

create function private.missing_auth_triggers()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select wanted.name
  from private.auth_triggers() wanted (name)
  where not exists (
    select from pg_catalog.pg_trigger triggers
    where triggers.tgrelid = 'auth.users'::regclass
      and triggers.tgname = wanted.name
      and triggers.tgenabled in ('O', 'A')
  )
$body$;
grant execute on function private.missing_auth_triggers() to service_role;

create function private.missing_settings()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select 'pgrst.db_pre_request'
  where not exists (
    select from pg_catalog.pg_roles
    where pg_roles.rolname = 'authenticator'
      and 'pgrst.db_pre_request=private.check_request' = any (pg_roles.rolconfig)
  )
  union all
  select 'default_privileges'
  where not exists (
    select from pg_catalog.pg_default_acl defaults
    join pg_catalog.pg_namespace on pg_namespace.nspowner = defaults.defaclrole
    where pg_namespace.nspname = 'private'
      and defaults.defaclnamespace = 0
      and defaults.defaclobjtype = 'f'
  )
$body$;
grant execute on function private.missing_settings() to service_role;

create function private.model_of_response(turn_id uuid)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    (
      select coalesce(models.name, turns.model_name)
      from (
        select settled.model_id, settled.model_name
        from public.ai_interactions settled
        where settled.id = model_of_response.turn_id
        union all
        select running.model_id, running.model_name
        from private.running_turns running
        where running.id = model_of_response.turn_id
      ) turns
      left join public.models on models.id = turns.model_id
      limit 1
    ),
    ''
  )
$body$;
grant execute on function private.model_of_response(uuid) to service_role;

create function private.models_named(name text)
returns TABLE(way integer, agent_id uuid, model_id uuid, service_id text)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select 1, models.agent_id, models.id, models.service_id
  from public.models
  where models.name = models_named.name and models.enabled
  union all
  select 6, models.agent_id, models.id, models.service_id
  from public.models
  where models.enabled
    -- An array, for which no plan reads all models.
    and models.service_id = any (array(
      select aliases.service_id from public.service_aliases aliases
      where aliases.alias = models_named.name
    ));
end
$body$;
grant execute on function private.models_named(text) to service_role;

create function private.most_cost(routes jsonb, size private.prompt_size, kind text, output_tokens integer)
returns numeric
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select coalesce(round(max(costs.fixed + most_cost.output_tokens * costs.per_token), 10), 0)
    from private.costs_of_routes(most_cost.routes, most_cost.size, most_cost.kind) costs
  );
end
$body$;
grant execute on function private.most_cost(jsonb,private.prompt_size,text,integer) to service_role;

create function private.most_input_tokens(size private.prompt_size, route jsonb, kind text)
returns bigint
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  -- A window holds one text of many that are embedded.
  window_tokens bigint := case most_input_tokens.kind
    when 'chat' then (most_input_tokens.route ->> 'context_window')::bigint
  end;
begin
  if not most_input_tokens.size.is_bounded and window_tokens is null then
    perform private.refuse(
      'cost_not_bounded',
      'Cannot run the request: a budget applies, and the cost of files or audio is not known in '
      'advance.',
      'Send text or images, or choose a model whose context window is known.'
    );
  end if;
  return least(
    window_tokens,
    -- No tokenizer makes more tokens than bytes.
    case
      when most_input_tokens.size.is_bounded
        then most_input_tokens.size.bytes + most_input_tokens.size.images * coalesce(
          (most_input_tokens.route ->> 'image_tokens')::bigint, 2048
        ) + most_input_tokens.size.documents * 16384
    end
  );
end
$body$;
grant execute on function private.most_input_tokens(private.prompt_size,jsonb,text) to service_role;

create function private.move_budget_periods()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.lock_budgets(new.id);
  -- The new zone's day may have begun before the old one's, or after it.
  update public.budgets
  set period_started_at = private.period_start(budgets.period, new.timezone, clock_timestamp())
  where budgets.organization_id = new.id;
  perform private.recount_budgets(new.id);
  return null;
end
$body$;

create function private.my_access_keys()
returns SETOF uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select keys.id
  from public.access_keys keys
  where keys.user_id = (select auth.uid())
    and keys.organization_id = any (array(select private.my_organizations('member')));
end
$body$;
grant execute on function private.my_access_keys() to authenticated, service_role;

create function private.my_account_is_active()
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.profiles
    where profiles.id = (select auth.uid()) and profiles.status = 'active'
  );
end
$body$;
grant execute on function private.my_account_is_active() to authenticated, service_role;

create function private.my_calendars()
returns SETOF bigint
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return query
  select calendars.id
  from public.usage_calendars calendars
  where calendars.organization_id = any (array(select private.my_organizations('viewer')));
end
$body$;
grant execute on function private.my_calendars() to authenticated, service_role;

create function private.my_deleted_organizations()
returns TABLE(id uuid, name text, role text, deleted_at timestamp with time zone, purged_after timestamp with time zone)
language sql stable security definer
set search_path=""
as $body$
  select
    organizations.id, organizations.name, members.role, organizations.deleted_at,
    organizations.deleted_at + (private.limits()).organization_grace
  from public.organization_members members
  join public.organizations on organizations.id = members.organization_id
  where members.user_id = (select auth.uid())
    and organizations.deleted_at is not null
$body$;
grant execute on function private.my_deleted_organizations() to authenticated;

create function private.my_id()
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return auth.uid();
exception when invalid_text_representation then
  return null;
end
$body$;
grant execute on function private.my_id() to anon, authenticated, service_role;

create function private.my_organization()
returns uuid
language plpgsql stable security definer
set search_path=""
as $body$
begin
  if (select auth.jwt()) ? 'access_key' then
    return (select mine.id from private.my_organizations('member') mine (id));
  end if;
  return coalesce(
    (
      select profiles.current_organization_id
      from public.profiles
      where profiles.id = (select auth.uid())
        and profiles.current_organization_id = any (
          array(select private.my_organizations('member'))
        )
    ),
    (
      select organizations.id
      from public.organizations
      where organizations.created_by = (select auth.uid()) and organizations.is_personal
    )
  );
end
$body$;
grant execute on function private.my_organization() to authenticated, service_role;

create function private.my_organizations(minimum_role text DEFAULT 'viewer'::text)
returns SETOF uuid
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return query
  select members.organization_id
  from public.organization_members members
  join public.organizations on organizations.id = members.organization_id
  join public.profiles on profiles.id = members.user_id and profiles.status = 'active'
  where members.user_id = (select private.my_id())
    -- Who comes with an access key is in the key's organization only.
    and members.organization_id::text = coalesce(
      (select auth.jwt()) -> 'access_key' ->> 'organization_id', members.organization_id::text
    )
    and organizations.deleted_at is null
    and private.role_rank(members.role) >= private.role_rank(my_organizations.minimum_role);
end
$body$;
grant execute on function private.my_organizations(text) to authenticated, service_role;

create function private.name_to_quote(name text)
returns text
language plpgsql immutable strict security invoker
set search_path=""
as $body$
declare
  plain text := replace(private.plain_label(name_to_quote.name), '"', '''');
begin
  return case when char_length(plain) > 80 then left(plain, 79) || '…' else coalesce(plain, '') end;
end
$body$;
grant execute on function private.name_to_quote(text) to service_role;

create function private.new_chat_session(target private.chat_target, payer uuid, title text)
returns public.chat_sessions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  made public.chat_sessions;
begin
  insert into public.chat_sessions (user_id, org_id, agent_id, model_id, title)
  values (
    (select auth.uid()), new_chat_session.payer, new_chat_session.target.agent_id,
    new_chat_session.target.model_id,
    private.plain_label(new_chat_session.title)
  )
  returning * into made;
  return made;
end
$body$;
grant execute on function private.new_chat_session(private.chat_target,uuid,text) to service_role;

create function private.new_instructions(session_id uuid, branch int8multirange, instructions jsonb)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  if new_instructions.instructions = '[]' then
    return '[]'::jsonb;
  end if;
  return (
    with brought as (
      select
        array_agg(
          jsonb_build_array(
            coalesce(element.value -> 'name', 'null'), private.text_of(element.value -> 'content'),
            private.plain_parts(element.value -> 'content')
          )
          order by element.ordinality
        ) as instructions
      from jsonb_array_elements(new_instructions.instructions) with ordinality as element
    ),
    in_force as (
      select
        array_agg(
          jsonb_build_array(
            stored.name,
            case
              when stored.content_parts is null then stored.content
              else private.text_of(stored.content_parts)
            end,
            private.plain_parts(stored.content_parts)
          )
          order by stored.seq
        ) as instructions
      from public.chat_messages stored
      where stored.session_id = new_instructions.session_id
        and stored.seq = any (
          (private.instructions_in_force(
            new_instructions.session_id, new_instructions.branch, 20971520
          )).seqs
        )
    )
    select case
      when brought.instructions = in_force.instructions then '[]'::jsonb
      else new_instructions.instructions
    end
    from brought, in_force
  );
end
$body$;
grant execute on function private.new_instructions(uuid,int8multirange,jsonb) to service_role;

create function private.new_token(prefix text)
returns text
language sql volatile security invoker
set search_path=""
as $body$
  -- Two random UUIDs carry 244 bits from the server's strong random source.
  select new_token.prefix || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
$body$;
grant execute on function private.new_token(text) to authenticated, service_role;

create function private.new_turn(request jsonb, resolved private.resolved_turn, route jsonb)
returns private.running_turns
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  turn private.running_turns;
begin
  turn.id := gen_random_uuid();
  turn.user_id := auth.uid();
  turn.organization_id := new_turn.resolved.payer;
  turn.agent_id := (new_turn.resolved.agent).id;
  turn.session_id := (new_turn.resolved.session).id;
  turn.model_id := (new_turn.resolved.target).model_id;
  turn.access_key_id := (auth.jwt() -> 'access_key' ->> 'id')::uuid;
  turn.vendor_id := new_turn.route ->> 'vendor_id';
  turn.service_id := new_turn.route ->> 'service_id';
  turn.source := coalesce(new_turn.request ->> 'kind', 'chat');
  turn.model_name := new_turn.route ->> 'model';
  turn.title := 'Chat with ' || coalesce((new_turn.resolved.agent).name, turn.model_name);
  turn.request_id := new_turn.request ->> 'request_id';
  turn.idempotency_key := new_turn.request ->> 'idempotency_key';
  turn.fingerprint := new_turn.request ->> 'fingerprint';
  turn.calls := 1;
  turn.lease_expires_at := now() + (private.limits()).turn_lease;
  turn.created_at := now();
  return turn;
end
$body$;
grant execute on function private.new_turn(jsonb,private.resolved_turn,jsonb) to service_role;

create function private.next_rollup_end(calendar bigint, since timestamp with time zone)
returns timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  share constant integer := 5000;
  organization uuid := (
    select calendars.organization_id from public.usage_calendars calendars
    where calendars.id = next_rollup_end.calendar
  );
begin
  return least(
    (
      select interactions.started_at from public.ai_interactions interactions
      where interactions.organization_id = organization
        and interactions.started_at >= next_rollup_end.since
      order by interactions.started_at offset share limit 1
    ),
    (
      select archived.started_at from public.usage_archive_rollup archived
      where archived.organization_id = organization
        and archived.started_at >= next_rollup_end.since
      order by archived.started_at offset share limit 1
    )
  ) + interval '1 microsecond';
end
$body$;

create function private.next_usage(calendar_ids bigint[], since timestamp with time zone, until timestamp with time zone)
returns TABLE(calendar_id bigint, starts_at timestamp with time zone)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  with calendars as materialized (
    select calendars.id, calendars.organization_id from public.usage_calendars calendars
    where next_usage.calendar_ids is null and calendars.rolled_up_until = 'infinity'
    union all
    select calendars.id, calendars.organization_id from public.usage_calendars calendars
    where calendars.id = any (next_usage.calendar_ids)
  )
  select calendars.id, least(interactions.started_at, archived.started_at, deltas.started_at)
  from calendars
  left join lateral (
    select interactions.started_at from public.ai_interactions interactions
    where interactions.organization_id = calendars.organization_id
      and interactions.started_at >= next_usage.since
      and interactions.started_at < next_usage.until
    order by interactions.started_at limit 1
  ) interactions on true
  left join lateral (
    select archived.started_at from public.usage_archive_rollup archived
    where archived.organization_id = calendars.organization_id
      and archived.started_at >= next_usage.since
      and archived.started_at < next_usage.until
    order by archived.started_at limit 1
  ) archived on true
  left join (
    select deltas.organization_id, min(deltas.started_at) as started_at
    from public.usage_deltas deltas
    where deltas.started_at >= next_usage.since and deltas.started_at < next_usage.until
    group by deltas.organization_id
  ) deltas on deltas.organization_id = calendars.organization_id
  where num_nonnulls(interactions.started_at, archived.started_at, deltas.started_at) > 0;
end
$body$;

create function private.no_usage()
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    -- each measure: '{name}', '0'
    'interactions', '0', 'failed', '0', 'unpriced', '0', 'recorded', '0', 'input_tokens', '0',
    'output_tokens', '0', 'total_cost', '0', 'recorded_cost', '0', 'duration_minutes', '0',
    'satisfaction_sum', '0', 'satisfaction_count', '0', 'usefulness_sum', '0',
    'usefulness_count', '0'
    -- end
  )
$body$;
grant execute on function private.no_usage() to authenticated, service_role;

create function private.note_item(name text, item text, error_code text, error_message text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if note_item.error_code is null then
    delete from private.job_failures
    where job_failures.job_name = note_item.name and job_failures.item = note_item.item;
    return;
  end if;
  insert into private.job_failures as failures (job_name, item, error_code, error_message)
  values (
    note_item.name,
    note_item.item,
    note_item.error_code,
    private.without_secrets(note_item.error_message)
  )
  on conflict on constraint job_failures_pkey do update
  set attempts = failures.attempts + 1,
      error_code = excluded.error_code,
      error_message = excluded.error_message,
      failed_at = excluded.failed_at,
      retry_at = excluded.failed_at + least(
        interval '1 minute' * power(2, least(failures.attempts, 9)), interval '6 hours'
      );
end
$body$;

create function private.note_prompt_limit(session_id uuid, outcome jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if note_prompt_limit.outcome ->> 'prompt_limit' is null then
    return;
  end if;
  update public.chat_sessions
  set prompt_limit = greatest((note_prompt_limit.outcome ->> 'prompt_limit')::integer, 1)
  where chat_sessions.id = note_prompt_limit.session_id;
end
$body$;
grant execute on function private.note_prompt_limit(uuid,jsonb) to service_role;

create function private.notification_topic(type private.notification_types, data jsonb)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  -- A subject that is not given is not known to be the same.
  select case when count(fields.value) = cardinality(notification_topic.type.subject) then
    concat_ws(':', notification_topic.type.topic, string_agg(fields.value, ':' order by place))
  end
  from unnest(notification_topic.type.subject) with ordinality as subject (field, place)
  cross join lateral (select notification_topic.data ->> subject.field as value) fields
  where notification_topic.type.topic is not null
  having notification_topic.type.topic is not null
$body$;
grant execute on function private.notification_topic(private.notification_types,jsonb) to service_role;

create function private.notify(user_id uuid, type text, title text, message text, data jsonb DEFAULT '{}'::jsonb, priority text DEFAULT NULL::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
-- The columns of a conflict cannot be qualified.
#variable_conflict use_column
declare
  registered private.notification_types := (
    select types from private.notification_types types where types.id = notify.type
  );
begin
  if registered.id is null then
    raise exception 'Notification type "%" is not in private.notification_types.', notify.type
      using errcode = 'undefined_object';
  end if;
  insert into public.notifications as kept (
    user_id, type, title, message, data, priority, expires_at, topic
  )
  values (
    notify.user_id, registered.id, notify.title, notify.message, notify.data,
    coalesce(notify.priority, registered.priority), now() + registered.kept_for,
    private.notification_topic(registered, notify.data)
  )
  on conflict (user_id, topic) where topic is not null do update set
    type = excluded.type, title = excluded.title, message = excluded.message,
    data = excluded.data, priority = excluded.priority, expires_at = excluded.expires_at,
    occurrences = kept.occurrences + 1, last_occurred_at = now();
end
$body$;
grant execute on function private.notify(uuid,text,text,text,jsonb,text) to service_role;

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

create function private.notify_health_change(was public.agent_health, status text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if notify_health_change.status = 'unhealthy' then
    perform private.notify_agent_owner(
      notify_health_change.was.agent_id, 'agent_error', 'Agent does not answer',
      'Agent "%s" does not answer: its health check failed.'
    );
  elsif notify_health_change.status = 'degraded' then
    perform private.notify_agent_owner(
      notify_health_change.was.agent_id, 'agent_degraded', 'Agent is degraded',
      'Agent "%s" answers slowly or with errors.'
    );
  elsif notify_health_change.was.is_alerted then
    perform private.notify_agent_owner(
      notify_health_change.was.agent_id, 'agent_recovered', 'Agent answers again',
      'Agent "%s" answers again.'
    );
  end if;
end
$body$;
grant execute on function private.notify_health_change(public.agent_health,text) to service_role;

create function private.notify_workflow_error()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.notify(
    private.agent_contact(agents), 'workflow_error', 'Workflow failed',
    format('An execution of the workflow "%s" failed.', private.name_to_quote(workflows.name)),
    jsonb_build_object('workflow_id', workflows.id, 'execution_id', new.id)
  )
  from public.workflows
  join public.agents on agents.id = workflows.agent_id
  where workflows.id = new.workflow_id
    and private.agent_contact(agents) is not null
    and not exists (
      select from public.notifications
      where notifications.user_id = private.agent_contact(agents)
        and notifications.type = 'workflow_error'
        and notifications.data ->> 'workflow_id' = workflows.id::text
        and notifications.created_at > now() - interval '1 hour'
    );
  return null;
end
$body$;

create function private.number_deployment()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  agent public.agents;
begin
  -- An upsert of a row that is there changes it, and numbers nothing.
  if exists (select from public.deployments where deployments.id = new.id) then
    return new;
  end if;
  if current_user = 'authenticated' and new.status <> 'pending' then
    perform private.refuse(
      'deployment_transition_refused', 'A deployment begins as pending.',
      'Leave status out, and change it as the deployment proceeds.'
    );
  end if;
  -- Two deployments of an agent are numbered one after the other.
  select agents.* into agent from public.agents
  where agents.id = new.agent_id for no key update;
  if exists (
    select from public.deployments
    where deployments.agent_id = new.agent_id and deployments.version = new.version
  ) then
    new.version = (
      select max(deployments.version) + 1 from public.deployments
      where deployments.agent_id = new.agent_id
    );
  end if;
  if agent.id is not null and new.snapshot = '{}' then
    new.snapshot = private.agent_definition(agent);
  end if;
  return new;
end
$body$;

create function private.oauth_due_at(session public.mcp_sessions)
returns timestamp with time zone
language sql immutable security invoker
set search_path=""
as $body$
  select oauth_due_at.session.oauth_expires_at - least(
    interval '60 seconds',
    (oauth_due_at.session.oauth_expires_at - oauth_due_at.session.oauth_issued_at) / 2
  )
$body$;
grant execute on function private.oauth_due_at(public.mcp_sessions) to service_role;

create function private.oauth_lifetime(provider text, seconds double precision, known interval, refreshable boolean)
returns interval
language sql stable security invoker
set search_path=""
as $body$
  select case
    when oauth_lifetime.seconds > 0
      then make_interval(secs => least(oauth_lifetime.seconds, 315360000)) -- ten years
    else coalesce(
      providers.default_lifetime, oauth_lifetime.known,
      case when oauth_lifetime.seconds <= 0 and oauth_lifetime.refreshable then interval '0' end
    )
  end
  from public.oauth_providers providers
  where providers.id = oauth_lifetime.provider
$body$;
grant execute on function private.oauth_lifetime(text,double precision,interval,boolean) to service_role;

create function private.oauth_refusals()
returns text[]
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select array[
    'invalid_grant', 'bad_refresh_token', 'invalid_refresh_token', 'refresh_token_expired',
    'token_revoked', 'token_expired', 'invalid_token', 'access_denied', 'account_inactive',
    'interaction_required', 'consent_required', 'login_required'
  ]
$body$;
grant execute on function private.oauth_refusals() to service_role;

create function private.oauth_session(user_id uuid, provider text, moment timestamp with time zone, is_rejected boolean)
returns public.mcp_sessions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  session public.mcp_sessions;
begin
  select sessions.* into session
  from public.mcp_sessions sessions
  where sessions.user_id = oauth_session.user_id
    and sessions.oauth_provider = oauth_session.provider
    and sessions.expires_at > now();
  if oauth_session.is_rejected or private.oauth_due_at(session) <= oauth_session.moment then
    -- Only one may decide on a refresh.
    select sessions.* into session
    from public.mcp_sessions sessions
    where sessions.user_id = oauth_session.user_id
      and sessions.oauth_provider = oauth_session.provider
      and sessions.expires_at > now()
    for no key update;
  elsif session.expires_at < now() + interval '89 days' then
    update public.mcp_sessions sessions
    set expires_at = now() + interval '90 days'
    where sessions.session_id = session.session_id
    -- A caller that waited for the row reads its new state.
    returning sessions.* into session;
  end if;
  return session;
end
$body$;
grant execute on function private.oauth_session(uuid,text,timestamp with time zone,boolean) to service_role;

create function private.offered_models(organization_id uuid, wanted text)
returns TABLE(id text, agent_id uuid, agent text, model text, display_name text, provider text, vendor_id text, created bigint)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- Each with what route_to() and a platform's credential ask for, looked up once for all.
  return query
  select
    concat_ws('/', agents.name, offered.name), agents.id, agents.name,
    coalesce(offered.name, services.service_name, agents.model_name),
    coalesce(offered.display_name, offered.name, agents.name), offered.provider,
    vendors.id, floor(extract(epoch from coalesce(offered.created_at, agents.created_at)))::bigint
  from private.listed_agents(offered_models.organization_id, offered_models.wanted) agents
  left join public.models offered on offered.agent_id = agents.id and offered.enabled
  left join lateral (
    select
      case when offered.id is null then agents.service_id else offered.service_id end as id,
      case when offered.id is null then agents.model_name else offered.model_id end as name
  ) sold on true
  left join public.vendor_services services on services.id = private.current_service(
    coalesce(sold.id, private.service_named(agents.vendor_id, sold.name))
  )
  join public.vendors on vendors.id = coalesce(services.vendor_id, agents.vendor_id)
    and vendors.is_active
  where agents.enabled and agents.status <> 'paused'
    and private.key_allows(agents.id)
    and coalesce(services.service_kind, 'chat') in ('chat', 'search', 'embedding')
    and (sold.id is null or services.id is not null)
    and coalesce(offered.model_id, services.service_name, agents.model_name) is not null
    and (not agents.is_platform or private.is_priced(services.id));
end
$body$;
grant execute on function private.offered_models(uuid,text) to service_role;

create function private.old_records()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select kinds.kind || ':' || coalesce(kinds.owner, ''), 1::bigint, kinds.due_at
  from (
    select 'notifications', user_id::text, min(created_at) + interval '180 days'
    from public.notifications
    where expires_at is null and created_at < now() - interval '180 days'
    group by 2
    union all
    select 'access_key_events', organization_id::text, min(created_at) + interval '2 years'
    from public.access_key_events
    where created_at < now() - interval '2 years'
    group by 2
    union all
    select 'api_key_events', user_id::text, min(created_at) + interval '2 years'
    from public.api_key_events
    where created_at < now() - interval '2 years'
    group by 2
    union all
    select 'organization_invitations', organization_id::text, min(accepted_at) + interval '1 year'
    from public.organization_invitations
    where accepted_at < now() - interval '1 year'
    group by 2
  ) kinds (kind, owner, due_at)
$body$;

create function private.open_account(account auth.users)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  full_name text := private.plain_label(private.metadata_text(open_account.account, 'full_name'));
  avatar_url text := private.metadata_text(open_account.account, 'avatar_url');
  display_name text := coalesce(
    full_name, private.plain_label(split_part(open_account.account.email, '@', 1)), 'Someone'
  );
  own_slug text := 'personal-' || open_account.account.id;
begin
  insert into public.profiles (id, email, is_sso_user, full_name, avatar_url, last_login_at)
  values (
    open_account.account.id,
    private.profile_email(open_account.account),
    coalesce(open_account.account.is_sso_user, false),
    full_name,
    -- Half an address leads nowhere, and a script or a file is no picture.
    case when private.is_web_address(avatar_url, 'https') then avatar_url end,
    open_account.account.last_sign_in_at
  )
  on conflict (id) do nothing;
  if exists (
    select
    from public.organizations
    where organizations.slug = own_slug and not organizations.is_personal
  ) then
    own_slug = 'personal-' || gen_random_uuid();
  end if;
  insert into public.organizations (name, slug, is_personal, created_by)
  values (left(display_name, 240) || '''s space', own_slug, true, open_account.account.id)
  on conflict do nothing;
  -- One that lost its person with the profile is that person's again.
  update public.organizations
  set created_by = open_account.account.id
  where organizations.slug = own_slug and organizations.created_by is null;
  insert into public.organization_members (
    organization_id, user_id, role, granted_by, last_active_at
  )
  select organizations.id, open_account.account.id, 'owner', open_account.account.id, now()
  from public.organizations
  where organizations.created_by = open_account.account.id and organizations.is_personal
  on conflict do nothing;
  update public.profiles
  set current_organization_id = organizations.id
  from public.organizations
  where profiles.id = open_account.account.id
    and profiles.current_organization_id is null
    and organizations.created_by = open_account.account.id
    and organizations.is_personal;
end
$body$;

create function private.open_job_run(name text)
returns bigint
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  run_id bigint;
begin
  perform private.cut_overdue_runs();
  perform private.close_crashed_runs();
  -- The lock's holder knows that no other run is alive, whatever its process id.
  update private.job_runs
  set outcome = 'crashed', finished_at = clock_timestamp(),
      error_message = 'The session that ran this job ended before it could say how it went.'
  where job_runs.job_name = open_job_run.name and job_runs.finished_at is null;
  insert into private.job_runs (job_name)
  values (open_job_run.name)
  returning job_runs.id into run_id;
  return run_id;
end
$body$;

create function private.open_routes(target private.chat_target, kinds text[], settings jsonb, payer uuid)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  route jsonb;
  offered jsonb[];
  routes jsonb := '[]'::jsonb;
  without_key text;
  without_price text;
  retry_at timestamptz;
  refused_until timestamptz;
begin
  for route in select * from private.all_routes(
    open_routes.target, open_routes.kinds, open_routes.settings, open_routes.payer
  ) loop
    offered := array(select private.routes_with_credentials(route, open_routes.payer));
    if offered = '{}' then
      without_key := coalesce(without_key, route ->> 'vendor_id');
      continue;
    end if;
    offered := array_remove(offered, null);
    if offered = '{}' then
      without_price := coalesce(without_price, route ->> 'agent', route ->> 'model');
      continue;
    end if;
    retry_at := private.circuit_retry_at((route ->> 'agent_id')::uuid, routes = '[]');
    if retry_at is null then
      routes := routes || to_jsonb(offered);
    else
      refused_until := least(refused_until, retry_at);
    end if;
  end loop;
  if routes = '[]' then
    perform private.refuse_routes(refused_until, without_key, without_price, open_routes.kinds[1]);
  end if;
  return routes;
end
$body$;
grant execute on function private.open_routes(private.chat_target,text[],jsonb,uuid) to service_role;

create function private.organization_for_record(agent_id uuid, user_id uuid)
returns uuid
language sql stable security invoker
set search_path=""
as $body$
  -- A client's own, or those of the person for whom a backend records.
  with memberships as (
    select mine.id from private.my_organizations('member') mine (id)
    union all
    select members.organization_id
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where (select auth.uid()) is null
      and members.user_id = organization_for_record.user_id
      and private.role_rank(members.role) >= private.role_rank('member')
      and organizations.deleted_at is null
  )
  select coalesce(
    (
      select agents.organization_id from public.agents
      where agents.id = organization_for_record.agent_id
        and (
          agents.organization_id in (select memberships.id from memberships)
          -- A backend that records for no user: only the agent's organization is known.
          or (select auth.uid()) is null and organization_for_record.user_id is null
        )
    ),
    private.my_organization(),
    (
      select profiles.current_organization_id from public.profiles
      where profiles.id = organization_for_record.user_id
        and profiles.current_organization_id in (select memberships.id from memberships)
    ),
    (
      select organizations.id from public.organizations
      where organizations.created_by = organization_for_record.user_id
        and organizations.is_personal
    )
  )
$body$;

create function private.organizations_to_purge()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select organizations.id::text, 1::bigint,
    organizations.deleted_at + (private.limits()).organization_grace
  from public.organizations
  where organizations.deleted_at <= now() - (private.limits()).organization_grace
$body$;

create function private.organizations_to_trim()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select organizations.id::text, 1::bigint, least(conversations.due_at, interactions.due_at)
  from public.organizations
  join public.plans on plans.id = organizations.plan
  cross join lateral (
    select min(sessions.last_activity_at) + make_interval(
      days => plans.conversation_days
    ) as due_at
    from public.chat_sessions sessions
    where sessions.org_id = organizations.id
      and sessions.last_activity_at < now() - make_interval(days => plans.conversation_days)
  ) conversations
  cross join lateral (
    select min(old.started_at) + make_interval(days => plans.interaction_days) as due_at
    from public.usage_calendars calendars
    cross join private.usage_watermark watermark
    join public.ai_interactions old
      on old.organization_id = organizations.id
      and old.started_at < date_bin(
        '15 minutes',
        now() - make_interval(days => plans.interaction_days),
        '2000-01-01 00:00:00+00'
      )
      and old.started_at
        < date_bin('15 minutes', watermark.rolled_up_until, '2000-01-01 00:00:00+00')
    where calendars.organization_id = organizations.id
      and calendars.rolled_up_until = 'infinity'
      and isfinite(watermark.rolled_up_until)
  ) interactions
  where num_nonnulls(conversations.due_at, interactions.due_at) > 0
$body$;

create function private.orphan_calendar()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into private.orphaned_calendars (calendar_id) values (old.id);
  return null;
end
$body$;

create function private.orphaned_usage()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select parts.calendar_id::text, 1::bigint, min(parts.since)
  from (
    select orphaned.calendar_id, orphaned.created_at as since
    from private.orphaned_calendars orphaned
    union all
    select rollup.calendar_id, null from public.usage_daily_rollup rollup
    where rollup.interactions = 0
  ) parts
  group by parts.calendar_id
$body$;

create function private.outcome_of_run(run_id bigint, OUT outcome text, OUT result text, OUT error_code text, OUT error_message text)
returns record
language sql stable security invoker
set search_path=""
as $body$
  select
    case when runs.items_done = 0 and runs.items_failed > 0 then 'failed' else 'succeeded' end,
    coalesce(runs.result, '0'),
    case when runs.items_done = 0 then failures.error_code end,
    case when runs.items_done = 0 then failures.error_message end
  from private.job_runs runs
  left join lateral (
    select failures.error_code, failures.error_message
    from private.job_failures failures
    where failures.job_name = runs.job_name and failures.failed_at >= runs.started_at
    order by failures.failed_at desc
    limit 1
  ) failures on true
  where runs.id = outcome_of_run.run_id
$body$;

create function private.overdue_jobs()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select status.name
  from public.job_status status
  join private.jobs using (name)
  where status.is_due and not status.is_running
    and (status.last_started_at is null or status.last_started_at < now() - jobs.period)
  order by status.name
$body$;

create function private.overlap(session public.chat_sessions, said private.request_messages)
returns integer
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  last uuid[];
begin
  select array_agg(messages.content_fingerprint order by messages.seq) into last
  from (
    select stored.seq, stored.content_fingerprint
    from public.chat_messages stored
    where stored.session_id = overlap.session.id
      and stored.seq <@ overlap.session.current_branch
      and stored.content_fingerprint is not null and stored.status <> 'error'
    order by stored.seq desc
    limit least(cardinality(overlap.said.hashes), 64)
  ) messages;
  return coalesce(
    (
      select max(length)
      from generate_series(1, cardinality(last)) as length
      where last[cardinality(last) - length + 1:] = overlap.said.hashes[:length]
        and overlap.said.answers[1] <= length
    ),
    0
  );
end
$body$;
grant execute on function private.overlap(public.chat_sessions,private.request_messages) to service_role;

create function private.own_response(turn_id uuid)
returns private.responses
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  response private.responses;
begin
  select responses.* into response
  from private.responses
  join public.chat_sessions sessions on sessions.id = responses.session_id
  where responses.turn_id = own_response.turn_id
    and responses.user_id = (select auth.uid())
    and responses.deleted_at is null
    and responses.expires_at > now()
    and sessions.org_id = any (array(select private.my_organizations('member')))
    and private.key_allows(sessions.agent_id);
  if response.turn_id is null then
    perform private.refuse(
      'response_not_found', 'Response not found, or it is not yours.',
      'Name a response that was stored. They are kept for 30 days.'
    );
  end if;
  return response;
end
$body$;
grant execute on function private.own_response(uuid) to service_role;

create function private.owner_topic(organization_id uuid, user_id uuid)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return coalesce(
    'organization:' || owner_topic.organization_id, 'user:' || owner_topic.user_id
  );
end
$body$;

create function private.paid_by_others(route jsonb, credential text, keys jsonb)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case when private.is_priced(paid_by_others.route ->> 'service_id') then
    paid_by_others.route || jsonb_build_object(
      'credential', paid_by_others.credential, 'keys', paid_by_others.keys, 'model',
      paid_by_others.route -> 'service_name'
    )
  end;
end
$body$;
grant execute on function private.paid_by_others(jsonb,text,jsonb) to service_role;

create function private.partition_report()
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'tables', count(*),
    -- The last moment for which every table is prepared, in months from now.
    'months_ahead', min(tables.months_ahead)
  )
  from (
    select (
      select count(*) from private.partitions ahead
      where ahead.table_name = partitions.table_name and ahead.starts_at > now()
    ) as months_ahead
    from private.partitions
    group by partitions.table_name
  ) tables
$body$;
grant execute on function private.partition_report() to service_role;

create function private.parts_of_message(message jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select case jsonb_typeof(parts_of_message.message -> 'content')
    when 'array' then parts_of_message.message -> 'content'
  end
$body$;
grant execute on function private.parts_of_message(jsonb) to service_role;

create function private.paying_organization(agent public.agents)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case
    when paying_organization.agent.organization_id = any (
      array(select private.my_organizations('member'))
    )
      then paying_organization.agent.organization_id
    else private.my_organization()
  end;
end
$body$;
grant execute on function private.paying_organization(public.agents) to service_role;

create function private.performance_of_day(day date)
returns TABLE(agent_id uuid, metric_type text, value numeric, unit text)
language sql stable security invoker
set search_path=""
as $body$
  with figures as (
    select
      i.agent_id,
      count(*) as messages,
      sum(i.input_tokens + i.output_tokens) as tokens,
      sum(i.total_cost) filter (where i.source <> 'manual') as cost,
      100.0 * count(*) filter (where i.turn_state in ('succeeded', 'partial'))
        / nullif(
          count(*) filter (where i.turn_state in ('succeeded', 'partial', 'failed')), 0
        ) as success_rate,
      percentile_disc(array[0.5, 0.95, 0.99]) within group (order by i.latency_ms) as latencies
    from public.usage_calendars calendars
    cross join lateral (
      select interactions.* from public.ai_interactions interactions
      where interactions.organization_id = calendars.organization_id
        and interactions.started_at >= private.day_start(
          performance_of_day.day, calendars.timezone
        )
        and interactions.started_at
          < (
            performance_of_day.day + 1
          )::timestamp at time zone calendars.timezone + interval '1 hour'
      -- Keeps the planner from reading the whole ledger at once instead.
      offset 0
    ) i
    where (i.started_at at time zone calendars.timezone)::date = performance_of_day.day
      and i.status <> 'deleted'
      and i.agent_id is not null
    group by i.agent_id
  )
  select figures.agent_id, metrics.metric_type, metrics.value, metrics.unit
  from figures
  -- What was deleted since has figures, and no metrics.
  join public.agents on agents.id = figures.agent_id
  cross join lateral (
    values
      ('messages', figures.messages::numeric, 'count'),
      ('tokens', figures.tokens, 'count'),
      ('cost', figures.cost, 'usd'),
      ('success_rate', round(figures.success_rate, 4), 'percent'),
      ('latency_p50', figures.latencies[1], 'ms'),
      ('latency_p95', figures.latencies[2], 'ms'),
      ('latency_p99', figures.latencies[3], 'ms')
  ) as metrics (metric_type, value, unit)
  where metrics.value is not null
$body$;
grant execute on function private.performance_of_day(date) to service_role;

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

create function private.period_of(schedule text)
returns interval
language sql immutable security invoker
set search_path=""
as $body$
  select case
    when period_of.schedule = '* * * * *' then interval '1 minute'
    when period_of.schedule ~ '^\*/([1-9]|[1-5]\d) \* \* \* \*$'
      then make_interval(mins => substring(period_of.schedule from '/(\d+)')::integer)
    when period_of.schedule ~ '^([1-5]?\d) \* \* \* \*$' then interval '1 hour'
    when period_of.schedule ~ '^([1-5]?\d) \*/([1-9]|1\d|2[0-3]) \* \* \*$'
      then make_interval(hours => substring(period_of.schedule from '/(\d+)')::integer)
    when period_of.schedule ~ '^([1-5]?\d) (1?\d|2[0-3]) \* \* \*$' then interval '1 day'
    when period_of.schedule ~ '^([1-5]?\d) (1?\d|2[0-3]) \* \* [0-6]$' then interval '7 days'
  end
$body$;

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

create function private.place_of_request(resolved private.resolved_turn, request jsonb)
returns private.turn_place
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  said private.request_messages := private.read_messages(
    place_of_request.request -> 'messages'
  );
  session public.chat_sessions := private.session_of_request(
    place_of_request.resolved, said, place_of_request.request
  );
  place private.turn_place := private.place_of_turn(
    session, said, (place_of_request.request ->> 'continues_turn')::uuid
  );
begin
  place.session := session;
  return place;
end
$body$;
grant execute on function private.place_of_request(private.resolved_turn,jsonb) to service_role;

create function private.place_of_turn(session public.chat_sessions, said private.request_messages, continues_turn uuid)
returns private.turn_place
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  place private.turn_place;
  known private.known_messages;
  last jsonb := place_of_turn.said.messages -> -1;
begin
  place.history := coalesce(place_of_turn.session.current_branch, '{}');
  place.said := place_of_turn.said.messages;
  if place_of_turn.continues_turn is not null then
    known.history := private.history_of_turn(place_of_turn.session, place_of_turn.continues_turn);
  elsif place_of_turn.session.message_count > 0 and place_of_turn.said.answers is not null then
    known := private.known_in_session(place_of_turn.session, place_of_turn.said);
  end if;
  if known.known > 0 then
    place.said := coalesce(
      jsonb_path_query_array(
        place_of_turn.said.messages, '$[$known to last]', jsonb_build_object('known', known.known)
      ),
      '[]'
    );
  end if;
  place.stored := place.said;
  if known.history is not null then
    place.history := known.history;
    place.kept := known.history;
  end if;
  place.instructions := private.new_instructions(
    place_of_turn.session.id, place.history, place_of_turn.said.instructions
  );
  if place.said = '[]' and last is not null then
    -- Answered once more: its last message is still what the model is asked.
    place.said := jsonb_build_array(last);
    place.history := private.before_last(place_of_turn.session.id, place.history);
  end if;
  return place;
end
$body$;
grant execute on function private.place_of_turn(public.chat_sessions,private.request_messages,uuid) to service_role;

create function private.plain_arguments(arguments text)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  value jsonb;
begin
  -- Read here, where an error can be caught, and not at the return.
  value := case
    when plain_arguments.arguments ~ '\S' then plain_arguments.arguments::jsonb
    else '{}'::jsonb
  end;
  return value;
exception when others then
  return to_jsonb(plain_arguments.arguments);
end
$body$;
grant execute on function private.plain_arguments(text) to authenticated, service_role;

create function private.plain_calls(tool_calls jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(plain_calls.tool_calls) is distinct from 'array' then
    return null;
  end if;
  return (
    select jsonb_agg(called.plain order by called.plain)
    from jsonb_array_elements(plain_calls.tool_calls) as call,
    lateral (
      select jsonb_build_array(
        coalesce(call #> '{function,name}', call #> '{custom,name}'),
        private.plain_arguments(
          coalesce(call #>> '{function,arguments}', call #>> '{custom,input}')
        )
      ) as plain
    ) called
  );
end
$body$;
grant execute on function private.plain_calls(jsonb) to authenticated, service_role;

create function private.plain_history(history jsonb, length integer)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_agg(
    jsonb_build_array(
      message.value -> 'role', coalesce(nullif(message.value -> 'content', 'null'), '""'),
      nullif(message.value -> 'tool_calls', 'null'),
      nullif(message.value -> 'tool_call_id', 'null')
    )
    order by message.ordinality
  )
  from jsonb_array_elements(plain_history.history) with ordinality as message
  where message.ordinality <= plain_history.length
$body$;
grant execute on function private.plain_history(jsonb,integer) to authenticated, service_role;

create function private.plain_label(value text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return nullif(btrim(left(
    regexp_replace(
      plain_label.value,
      '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+', ' ', 'g'
    ),
    255
  )), '');
end
$body$;
grant execute on function private.plain_label(text) to service_role;

create function private.plain_parts(content jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(plain_parts.content) is distinct from 'array' then
    return null;
  end if;
  return (
    select jsonb_agg(
      case
        when jsonb_typeof(part.value -> 'image_url') = 'string' then part.value
          || jsonb_build_object('image_url', jsonb_build_object('url', part.value -> 'image_url'))
        when part.value @> '{"image_url": {"detail": "auto"}}'
          then part.value #- '{image_url,detail}'
        else part.value
      end - 'cache_control'
      order by part.ordinality
    )
    from jsonb_array_elements(plain_parts.content) with ordinality as part
    where jsonb_typeof(part.value) = 'object'
      and coalesce(part.value ->> 'type', '') not in (
        'text', 'refusal', 'thinking', 'redacted_thinking', 'reasoning'
      )
  );
end
$body$;
grant execute on function private.plain_parts(jsonb) to authenticated, service_role;

create function private.plan_limits(payer uuid DEFAULT NULL::uuid)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object(
      'organization_id', organizations.id,
      'organization_per_minute', plans.requests_per_minute,
      'user_per_minute', plans.user_requests_per_minute
    ) || private.key_limits()
    from public.organizations
    join public.plans on plans.id = organizations.plan
    where organizations.id = coalesce(plan_limits.payer, private.my_organization())
  );
end
$body$;
grant execute on function private.plan_limits(uuid) to service_role;

create function private.platform_hooks_report()
returns jsonb
language sql stable security definer
set search_path=""
as $body$
  select jsonb_build_object(
    'missing_triggers', (
      select coalesce(jsonb_agg(missing.name order by missing.name), '[]')
      from private.missing_auth_triggers() missing (name)
    ),
    'unpublished_tables', (
      select coalesce(jsonb_agg(missing.name order by missing.name), '[]')
      from private.unpublished_tables() missing (name)
    ),
    'missing_settings', (
      select coalesce(jsonb_agg(missing.name order by missing.name), '[]')
      from private.missing_settings() missing (name)
    ),
    'channel_policy_is_missing', private.channel_policy_is_missing(),
    'has_unopened_accounts', exists (select from private.unopened_accounts())
  )
$body$;
grant execute on function private.platform_hooks_report() to service_role;

create function private.platform_sells(service_id text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.agents
    where agents.is_platform and agents.enabled and agents.status <> 'paused'
      and (
        agents.service_id = platform_sells.service_id
        or exists (
          select from public.models
          where models.agent_id = agents.id
            and models.enabled
            and models.service_id = platform_sells.service_id
        )
      )
  );
end
$body$;
grant execute on function private.platform_sells(text) to service_role;

create function private.price_at(service_id text, at timestamp with time zone, input_tokens bigint, service_tier text DEFAULT 'standard'::text)
returns public.service_prices
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  price public.service_prices;
begin
  select prices.* into price
  from public.service_prices prices
  where prices.service_id = price_at.service_id
    and prices.valid_during @> price_at.at
    and prices.min_input_tokens <= coalesce(price_at.input_tokens, 0)
    and prices.service_tier in ('standard', private.service_tier(price_at.service_tier))
  order by prices.service_tier = 'standard', prices.min_input_tokens desc
  limit 1;
  return case when found then price end;
end
$body$;
grant execute on function private.price_at(text,timestamp with time zone,bigint,text) to service_role;

create function private.price_of_call(turn private.running_turns, service_id text, usage jsonb)
returns public.service_prices
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  price public.service_prices;
  tokens bigint := (price_of_call.usage ->> 'input_tokens')::bigint;
  tier text := private.service_tier(price_of_call.usage #>> '{usage_details,service_tier}');
begin
  select noted.* into price
  from jsonb_populate_recordset(null::public.service_prices, price_of_call.turn.prices) noted
  where noted.service_id = price_of_call.service_id
    and noted.min_input_tokens <= tokens
    and noted.service_tier in ('standard', tier)
  order by noted.service_tier = 'standard', noted.min_input_tokens desc
  limit 1;
  if found then
    return price;
  end if;
  return private.price_at(
    price_of_call.service_id, price_of_call.turn.created_at, tokens, tier
  );
end
$body$;
grant execute on function private.price_of_call(private.running_turns,text,jsonb) to service_role;

create function private.priced_again(turn public.ai_interactions, sale jsonb, price_id uuid)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  price public.service_prices;
  priced jsonb;
begin
  select prices.* into price
  from public.service_prices prices
  where prices.id = (priced_again.sale ->> 'price_id')::uuid;
  price := coalesce(
    private.price_at(
      coalesce(priced_again.sale ->> 'service_id', price.service_id),
      priced_again.turn.started_at,
      (priced_again.sale ->> 'input_tokens')::bigint,
      priced_again.sale #>> '{usage_details,service_tier}'
    ),
    case when price.id = priced_again.price_id then price end
  );
  priced := private.as_sale(price, (priced_again.sale ->> 'attempt')::integer, priced_again.sale);
  -- What has no price any more keeps its cost.
  return case
    when jsonb_typeof(priced -> 'breakdown') = 'object' then priced
    else priced || jsonb_build_object(
      'breakdown', priced_again.sale -> 'breakdown', 'price_id', priced_again.sale -> 'price_id'
    )
  end;
end
$body$;
grant execute on function private.priced_again(public.ai_interactions,jsonb,uuid) to service_role;

create function private.prices_of_routes(routes jsonb)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select coalesce(
      jsonb_agg(to_jsonb(prices) - array['valid_during', 'source', 'verified_on', 'created_at']),
      '[]'
    )
    from public.service_prices prices
    where prices.service_id in (
      select route ->> 'service_id' from jsonb_array_elements(prices_of_routes.routes) as route
    )
      and prices.valid_during @> now()
  );
end
$body$;
grant execute on function private.prices_of_routes(jsonb) to service_role;

create function private.probe_targets()
returns TABLE(agent_id uuid, is_platform boolean, vendor public.vendors, service_id text, model text)
language sql stable security invoker
set search_path=""
as $body$
  select
    agents.id, agents.is_platform, vendors, services.id,
    coalesce(models.model_id, services.service_name, agents.model_name)
  from public.agents
  left join public.organizations on organizations.id = agents.organization_id
  left join public.models on models.agent_id = agents.id and models.is_default and models.enabled
  left join public.vendor_services services on services.id = coalesce(
    models.service_id, agents.service_id
  )
  join public.vendors on vendors.id = coalesce(services.vendor_id, agents.vendor_id)
  where agents.enabled and agents.status <> 'paused'
    and organizations.deleted_at is null
    and vendors.is_active and vendors.base_url is not null
    -- The platform pays for a call of its own agents, not of other users' agents.
    and (
      vendors.probe_path is not null
      or (vendors.probe_by_call and agents.is_platform)
    )
$body$;
grant execute on function private.probe_targets() to service_role;

create function private.profile_email(account auth.users)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select profile_email.account.email::text
  where char_length(profile_email.account.email) between 1 and 255
    and (profile_email.account.is_sso_user or not exists (
      select from public.profiles
      where profiles.email = profile_email.account.email
        and profiles.id <> profile_email.account.id
        and not profiles.is_sso_user
    ))
$body$;

create function private.prompt_tokens(request jsonb, messages jsonb)
returns bigint
language sql immutable security invoker
set search_path=""
as $body$
  select private.message_tokens(prompt_tokens.messages)
    + coalesce(
      (prompt_tokens.request ->> 'other_tokens')::bigint,
      (prompt_tokens.request ->> 'other_bytes')::bigint / 4,
      0
    )
$body$;
grant execute on function private.prompt_tokens(jsonb,jsonb) to service_role;

create function private.publish_tables()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  missing record;
begin
  if not exists (
    select from pg_catalog.pg_publication where pg_publication.pubname = 'supabase_realtime'
  )
  then
    create publication supabase_realtime;
  end if;
  for missing in
    select wanted.name, wanted.identity
    from private.realtime_tables() wanted
    where wanted.name in (select private.unpublished_tables())
  loop
    execute format(
      'alter table public.%I replica identity %s', missing.name,
      case missing.identity
        when 'index' then format('using index %I', missing.name || '_replica_identity')
        else missing.identity
      end
    );
    if not exists (
      select from pg_catalog.pg_publication_tables published
      where published.pubname = 'supabase_realtime'
        and published.schemaname = 'public'
        and published.tablename = missing.name
    )
    then
      execute format('alter publication supabase_realtime add table public.%I', missing.name);
    end if;
  end loop;
end
$body$;

create function private.purge_organization(organization_id uuid, batch integer DEFAULT 2000)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- @plpgsql_check_options: security_warnings = off
  step record;
  removed integer := 0;
begin
  perform from public.organizations
  where organizations.id = purge_organization.organization_id
    and organizations.deleted_at <= now() - (private.limits()).organization_grace
  for update skip locked;
  if not found then
    return 0;
  end if;
  -- Its figures go with it, so that nothing has to be counted again.
  perform set_config('agentbase.is_retention', 'on', true);
  for step in select steps.relation,
  steps.condition from private.purge_steps() steps order by steps.place loop
    execute format(
      'delete from %1$s where id in (select id from %1$s where %2$s limit $2)', step.relation,
      step.condition
    ) using purge_organization.organization_id, purge_organization.batch;
    get diagnostics removed = row_count;
    exit when removed > 0;
  end loop;
  perform set_config('agentbase.is_retention', '', true);
  return removed;
end
$body$;

create function private.purge_steps()
returns TABLE(place integer, relation regclass, condition text)
language sql stable security invoker
set search_path=""
as $body$
  -- Tables that can hold many rows of one organization, those that refer to others
  -- first. What is in no step goes with the row of the organization.
  select steps.place, steps.relation::regclass, replace(replace(
    steps.condition,
    '{agents}',
    'agent_id in (select agents.id from public.agents where agents.organization_id = $1)'),
    '{sessions}',
    'session_id in (select sessions.id from public.chat_sessions sessions where sessions.org_id '
    '= $1)'
  )
  from (values
    (1, 'public.chat_messages', '{sessions}'),
    (2, 'public.ai_interactions', 'organization_id = $1'),
    (3, 'public.chat_sessions', 'org_id = $1'),
    (4, 'public.usage_archive_rollup', 'organization_id = $1'),
    (5, 'public.workflow_executions',
      'workflow_id in (select workflows.id from public.workflows where workflows.{agents})'),
    (6, 'public.agent_thoughts', '{agents}'),
    (7, 'public.agent_metrics', '{agents}'),
    (8, 'public.agent_health_checks', '{agents}'),
    (9, 'public.agents', 'organization_id = $1'),
    (10, 'public.access_key_events', 'organization_id = $1'),
    (11, 'public.access_keys', 'organization_id = $1'),
    (12, 'public.organizations', 'id = $1')
  ) as steps (place, relation, condition)
$body$;

create function private.put_attempt_right(sale jsonb)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  update public.agent_executions
  set input_tokens = (put_attempt_right.sale ->> 'input_tokens')::bigint,
      output_tokens = (put_attempt_right.sale ->> 'output_tokens')::bigint,
      cached_input_tokens = (put_attempt_right.sale ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (put_attempt_right.sale ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (put_attempt_right.sale ->> 'reasoning_tokens')::bigint,
      usage_details = nullif(put_attempt_right.sale -> 'usage_details', 'null'),
      usage_is_estimated = (put_attempt_right.sale ->> 'estimated')::boolean,
      price_id = (put_attempt_right.sale ->> 'price_id')::uuid,
      cost_breakdown = nullif(put_attempt_right.sale -> 'breakdown', 'null'),
      total_cost = private.total_cost(nullif(put_attempt_right.sale -> 'breakdown', 'null'))
  where agent_executions.id = (put_attempt_right.sale ->> 'id')::uuid
$body$;
grant execute on function private.put_attempt_right(jsonb) to service_role;

create function private.put_turn_right(turn public.ai_interactions, sales jsonb)
returns numeric
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  sold jsonb := private.sum_of_sales(put_turn_right.sales);
  cost numeric := private.total_cost(nullif(sold -> 'breakdown', 'null'));
begin
  update public.ai_interactions
  set input_tokens = (sold ->> 'input_tokens')::bigint,
      output_tokens = (sold ->> 'output_tokens')::bigint,
      cached_input_tokens = (sold ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (sold ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (sold ->> 'reasoning_tokens')::bigint,
      usage_is_estimated = (sold ->> 'estimated')::boolean,
      price_id = (sold ->> 'price_id')::uuid,
      cost_breakdown = nullif(sold -> 'breakdown', 'null'),
      total_cost = cost
  where ai_interactions.id = put_turn_right.turn.id;
  return cost;
end
$body$;
grant execute on function private.put_turn_right(public.ai_interactions,jsonb) to service_role;

create function private.read_messages(messages jsonb)
returns private.request_messages
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  read private.request_messages;
begin
  read.instructions := '[]';
  read.messages := read_messages.messages;
  if read.messages @? '$[*] ? (@.role == "system" || @.role == "developer")' then
    read.instructions := jsonb_path_query_array(
      read.messages, '$[*] ? (@.role == "system" || @.role == "developer")'
    );
    read.messages := jsonb_path_query_array(
      read.messages, '$[*] ? (@.role != "system" && @.role != "developer")'
    );
  end if;
  if not read.messages @? '$[*] ? (@.role == "assistant")' then
    return read;
  end if;
  -- An answer that says nothing is left out: vendors refuse a conversation that has one.
  select
    coalesce(jsonb_agg(said.message order by said.place), '[]'),
    array_agg(said.hash order by said.place),
    array_agg(said.rank order by said.place) filter (where said.message ->> 'role' = 'assistant')
  into read.messages, read.hashes, read.answers
  from (
    select
      hashed.*,
      row_number() over (order by hashed.place)::integer as rank
    from (
      select
        element.value as message,
        element.ordinality as place,
        private.fingerprint_of_message(element.value) as hash
      from jsonb_array_elements(read.messages) with ordinality as element
    ) hashed
    where hashed.hash is not null
  ) said;
  return read;
end
$body$;
grant execute on function private.read_messages(jsonb) to service_role;

create function private.realtime_tables()
returns TABLE(name text, identity text)
language sql immutable security invoker
set search_path=""
as $body$
  values
    ('agent_health', 'default'), ('agent_thoughts', 'default'), ('agents', 'full'),
    ('chat_messages', 'default'), ('deployments', 'index'), ('notifications', 'index'),
    ('workflow_executions', 'index')
$body$;
grant execute on function private.realtime_tables() to service_role;

create function private.recent_history(session_id uuid, token_limit bigint, keep_last boolean, byte_limit bigint DEFAULT 20971520, branch int8multirange DEFAULT '{(,)}'::int8multirange, with_instructions boolean DEFAULT true)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  history private.history_window := private.history_window(
    recent_history.session_id, recent_history.token_limit, recent_history.byte_limit,
    recent_history.keep_last, recent_history.branch
  );
  everything jsonb;
begin
  if not recent_history.with_instructions then
    history.instructions := '{}';
  end if;
  select coalesce(
    jsonb_agg(
      private.as_model_message(messages)
      order by messages.role not in ('system', 'developer'), messages.seq
    ),
    '[]'
  ) into everything
  from private.messages_in(recent_history.session_id, history, recent_history.branch) messages;
  -- Nearly always all of it fits, by the same measure as below and one token a
  -- message for rounding.
  if recent_history.token_limit is null
    or private.message_tokens(everything) + jsonb_array_length(everything)
      < recent_history.token_limit
  then
    return everything;
  end if;
  return private.fitting_messages(everything, recent_history.token_limit, recent_history.keep_last);
end
$body$;
grant execute on function private.recent_history(uuid,bigint,boolean,bigint,int8multirange,boolean) to service_role;

create function private.reconcile_function_calls()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  failed integer;
begin
  if to_regclass('net._http_response') is not null then
    -- After a crash pg_net counts from the beginning: an answer is never older than its call.
    execute format($query$
      update private.function_call_outbox
      set outcome = case when not coalesce(answers.timed_out, false)
      and answers.status_code between 200 and 299
            then 'succeeded' else 'failed' end,
          status_code = answers.status_code,
          error_message = case when coalesce(answers.timed_out, false) then 'No answer in time.'
            else private.without_secrets(answers.error_msg) end,
          finished_at = answers.created
      from %I._http_response answers
      where function_call_outbox.outcome = 'sent'
        and answers.id = function_call_outbox.request_id
        and answers.created >= function_call_outbox.created_at
    $query$, 'net');
  end if;
  update private.function_call_outbox
  set outcome = 'failed', finished_at = now(),
      error_message = case function_call_outbox.outcome
        when 'waiting' then 'It was not sent.'
        else 'Its answer was lost.'
      end
  where function_call_outbox.finished_at is null
    and function_call_outbox.created_at < now() - interval '5 minutes';
  select count(*) into failed
  from private.function_call_outbox
  where function_call_outbox.outcome = 'failed'
    and function_call_outbox.finished_at > now() - interval '1 minute';
  delete from private.function_call_outbox
  where function_call_outbox.created_at < now() - interval '7 days';
  return failed;
end
$body$;

create function private.record_grant()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.granted_by = (select auth.uid());
  new.granted_at = now();
  return new;
end
$body$;

create function private.record_probe(agent_id uuid, finding text, latency_ms integer, is_call boolean)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  was public.agent_health;
  before private.agent_probes;
  now_is text;
  is_news boolean;
begin
  -- The circuit before the probe, as everywhere: all transactions lock both in this order.
  select agent_health.* into was
  from public.agent_health where agent_health.agent_id = record_probe.agent_id for no key update;
  select probes.* into before
  from private.agent_probes probes where probes.agent_id = record_probe.agent_id for no key update;
  update private.agent_probes
  set finding = record_probe.finding, found_at = now()
  where agent_probes.agent_id = record_probe.agent_id;

  -- A call that a probe makes proves what any call proves. The list of models proves less.
  if record_probe.is_call and record_probe.finding = 'healthy' and was.circuit_state <> 'closed'
  then
    perform private.report_success(record_probe.agent_id, record_probe.latency_ms);
    return;
  end if;
  now_is := private.health_after(was, before, record_probe.finding);
  -- A call that failed may have made it degraded without a word: two probes that agree are one.
  is_news := now_is <> was.status
    or now_is <> 'healthy' and not was.is_alerted and was.circuit_state = 'closed'
      and 'healthy' not in (before.finding, record_probe.finding)
      and private.is_repeat_finding(before);
  update public.agent_health
  set status = now_is, last_check = now(), latency_ms = record_probe.latency_ms,
      is_alerted = case when is_news then now_is <> 'healthy' else is_alerted end
  where agent_health.id = was.id;
  if is_news then
    perform private.notify_health_change(was, now_is);
  end if;
end
$body$;
grant execute on function private.record_probe(uuid,text,integer,boolean) to service_role;

create function private.record_turn(running private.running_turns, outcome jsonb, sold jsonb)
returns public.ai_interactions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  begun private.running_turns := record_turn.running;
  said jsonb := record_turn.outcome;
  price jsonb := record_turn.sold;
  was_called boolean := said ->> 'vendor_id' is not null;
  turn public.ai_interactions;
begin
  -- What was deleted while the turn ran is null, and there is no turn of an organization that was.
  insert into public.ai_interactions (
    id, user_id, organization_id, agent_id, session_id, model_id, access_key_id, vendor_id,
    service_id, source, title, model_name, request_id, started_at, ended_at, status, turn_state,
    finish_reason, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens,
    reasoning_tokens, usage_is_estimated, price_id, cost_breakdown, total_cost, provider_cost,
    latency_ms, first_token_ms, error_code, error_message
  )
  select
    begun.id, profiles.id, organizations.id, begun.agent_id, sessions.id, models.id, keys.id,
    vendors.id, services.id, begun.source,
    case when profiles.id is null then 'Deleted' else begun.title end,
    case
      when private.is_label(said ->> 'model_used') then said ->> 'model_used'
      else begun.model_name
    end,
    begun.request_id, begun.created_at, greatest(clock_timestamp(), begun.created_at),
    'completed', said ->> 'state', said ->> 'finish_reason',
    (price ->> 'input_tokens')::bigint, (price ->> 'output_tokens')::bigint,
    (price ->> 'cached_input_tokens')::bigint, (price ->> 'cache_write_tokens')::bigint,
    (price ->> 'reasoning_tokens')::bigint, (price ->> 'estimated')::boolean,
    (price ->> 'price_id')::uuid, nullif(price -> 'breakdown', 'null'),
    private.total_cost(nullif(price -> 'breakdown', 'null')),
    private.bounded_cost(said ->> 'provider_cost'),
    (said ->> 'latency_ms')::integer, (said ->> 'first_token_ms')::integer,
    said -> 'error' ->> 'code', left(said -> 'error' ->> 'message', 2000)
  from public.organizations
  left join public.profiles on profiles.id = begun.user_id
  left join public.chat_sessions sessions on sessions.id = begun.session_id
  left join public.models on models.id = begun.model_id
  left join public.access_keys keys on keys.id = begun.access_key_id
  left join public.vendors
    on vendors.id = case when was_called then said ->> 'vendor_id' else begun.vendor_id end
  -- A fallback may have answered that has no service, and so no price.
  left join public.vendor_services services
    on services.id = case when was_called then said ->> 'service_id' else begun.service_id end
  where organizations.id = begun.organization_id
  returning * into turn;
  return turn;
end
$body$;
grant execute on function private.record_turn(private.running_turns,jsonb,jsonb) to service_role;

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
  if tg_op <> 'INSERT' then
    perform private.record_usage_delta(old, -1);
  end if;
  if tg_op <> 'DELETE' then
    perform private.record_usage_delta(new, 1);
  end if;
  return null;
end
$body$;

create function private.recorded_sales(turn public.ai_interactions)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    jsonb_agg(
      to_jsonb(executions) || jsonb_build_object(
        'estimated', executions.usage_is_estimated, 'breakdown', executions.cost_breakdown
      )
      order by executions.attempt
    ) filter (
      where executions.cost_breakdown is not null
        or executions.input_tokens + executions.output_tokens > 0
    ),
    -- No attempt says what it sold, as in turns that were never settled.
    jsonb_build_array(to_jsonb(recorded_sales.turn) || jsonb_build_object(
      'id', null, 'estimated', recorded_sales.turn.usage_is_estimated, 'breakdown',
      recorded_sales.turn.cost_breakdown
    ))
  )
  from public.agent_executions executions
  where executions.interaction_id = recorded_sales.turn.id
$body$;
grant execute on function private.recorded_sales(public.ai_interactions) to service_role;

create function private.recount_budgets(organization_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.lock_budgets(recount_budgets.organization_id);
  update public.budgets
  set spent_usd = private.spent_of(budgets)
  where budgets.organization_id = recount_budgets.organization_id;
end
$body$;
grant execute on function private.recount_budgets(uuid) to service_role;

create function private.redact_secrets(value jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- A name without a backslash, its colon and one string: nothing else matches across strings.
  return regexp_replace(
    private.redact_text(redact_secrets.value::text),
    '("[^"\\]*(?:password|passwd|secret|token|api[-_ ]?key|authorization|cookie|credential)'
      || '[^"\\]*":\s*)"(?:[^"\\]|\\.)*"',
    '\1"[redacted]"', 'gi'
  )::jsonb;
end
$body$;
grant execute on function private.redact_secrets(jsonb) to service_role;

create function private.redact_text(value text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return regexp_replace(
    redact_text.value,
    '\m(Bearer\s+[\w.~+/=-]{16,}|(sk|rk|agb|ghp|gho|xox[abp]|sb_secret)[-_][\w-]{16,}'
      || '|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})',
    '[redacted]', 'g'
  );
end
$body$;
grant execute on function private.redact_text(text) to service_role;

create function private.refuse(code text, message text, hint text DEFAULT NULL::text, data jsonb DEFAULT NULL::jsonb)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  status integer := (
    select codes.status from private.error_codes codes where codes.code = refuse.code
  );
begin
  if status is null then
    raise exception 'Error code "%" is not in private.error_codes.', refuse.code
      using errcode = 'undefined_object';
  end if;
  raise exception using
    errcode = 'PT' || status,
    -- A message may repeat what the caller sent.
    message = left(refuse.message, 1000),
    detail = refuse.code,
    hint = concat_ws(
      e'\n', regexp_replace(coalesce(refuse.hint, ''), '\s+', ' ', 'g'), refuse.data::text
    );
end
$body$;
grant execute on function private.refuse(text,text,text,jsonb) to anon, authenticated, service_role;

create function private.refuse_change()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  changed text := (
    select fixed.name from unnest(tg_argv) as fixed (name)
    where to_jsonb(old) -> fixed.name is distinct from to_jsonb(new) -> fixed.name
    limit 1
  );
begin
  perform private.refuse(
    'column_is_fixed', format('Column "%s" of "%s" cannot be changed.', changed, tg_table_name),
    'Leave the column out, or send its current value.'
  );
  return null;
end
$body$;

create function private.refuse_days(from_date date, to_date date)
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  if refuse_days.from_date is null or refuse_days.to_date is null then
    perform private.refuse('date_required', 'Both days of the range are required.');
  end if;
  if refuse_days.from_date > refuse_days.to_date then
    perform private.refuse(
      'range_backwards',
      format(
        'The range ends on %s, before its start on %s.',
        refuse_days.to_date, refuse_days.from_date
      )
    );
  end if;
  if refuse_days.to_date > private.latest_day() then
    perform private.refuse(
      'date_in_future', format('%s is in the future.', refuse_days.to_date)
    );
  end if;
end
$body$;
grant execute on function private.refuse_days(date,date) to authenticated, service_role;

create function private.refuse_far_interaction()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'date_out_of_range',
    'The interaction begins or ends more than ten years ago or more than a day ahead.',
    'Check "started_at" and "ended_at".'
  );
  return null;
end
$body$;

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

create function private.refuse_key_switch()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'key_not_yours_to_switch_on', 'Only its owner can enable a key.',
    'Ask its owner, or remove it from the organization.'
  );
  return null;
end
$body$;

create function private.refuse_known_key(owner uuid, vendor_id text, fingerprints jsonb, except_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  known public.user_api_keys;
begin
  -- Two requests of one person take turns. A unique index would be in the way: only a
  -- rotation gives a key, and the same one that was stored again while its encryption
  -- key was away, equal fingerprints, and it must not stop there.
  perform from public.profiles where profiles.id = refuse_known_key.owner for no key update;
  select keys.* into known
  from public.user_api_keys keys
  where keys.user_id = refuse_known_key.owner
    and keys.vendor_id = refuse_known_key.vendor_id
    and keys.id <> refuse_known_key.except_id
    and keys.key_fingerprint in (select jsonb_array_elements_text(refuse_known_key.fingerprints))
  limit 1;
  if known.id is not null then
    perform private.refuse(
      'key_exists',
      format(
        'You have already stored this key: %s, id %s.',
        coalesce('"' || known.display_name || '"', 'without a name'),
        known.id
      ),
      'Change or delete that key first.'
    );
  end if;
end
$body$;
grant execute on function private.refuse_known_key(uuid,text,jsonb,uuid) to service_role;

create function private.refuse_large_message()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'message_too_large',
    'Cannot store the message: its content, parts or tool calls are larger than 1 MiB.',
    'Send larger messages with POST /chat/completions.'
  );
  return null;
end
$body$;

create function private.refuse_mcp_session(session_id text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if exists (
    select
    from public.mcp_sessions sessions
    where sessions.session_id = refuse_mcp_session.session_id
  )
  then
    perform private.refuse(
      'mcp_session_expired', 'This MCP session has expired.',
      'Start a new one.'
    );
  end if;
  perform private.refuse('mcp_session_not_found', 'MCP session not found.', 'Start a new one.');
end
$body$;
grant execute on function private.refuse_mcp_session(text) to authenticated;

create function private.refuse_page_size(page_size integer)
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  if refuse_page_size.page_size between 1 and 1000 then
    return;
  end if;
  perform private.refuse(
    'page_size_out_of_range', 'page_size must be between 1 and 1000.'
  );
end
$body$;
grant execute on function private.refuse_page_size(integer) to authenticated, service_role;

create function private.refuse_reopening()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'execution_finished', 'A finished execution cannot run again.',
    'Record a new execution.'
  );
  return null;
end
$body$;

create function private.refuse_routes(refused_until timestamp with time zone, without_key text, without_price text, kind text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if refuse_routes.refused_until is not null then
    perform private.refuse(
      'circuit_open', 'This agent''s model keeps failing and is not called for a short time.',
      'Try again later, or choose another model.',
      jsonb_build_object(
        'retry_after_ms',
        greatest(
          ceil(extract(epoch from refuse_routes.refused_until - clock_timestamp()) * 1000), 1000
        )
      )
    );
  elsif without_price is not null then
    perform private.refuse(
      'model_not_priced',
      format(
        'The model of "%s" has no known price, so it can only be called with your own key.',
        refuse_routes.without_price
      ),
      'Store your own key for its vendor, or choose another model.'
    );
  elsif refuse_routes.without_key is not null then
    perform private.refuse(
      'no_vendor_key', format('You have no key for the vendor "%s".', refuse_routes.without_key),
      'Store one, switch to an organization that shares one, or choose a platform agent''s model.'
    );
  end if;
  if kind = 'embedding' then
    perform private.refuse(
      'agent_cannot_embed', 'This model does not support embeddings.',
      'Choose an embedding model; GET /models lists the models that you may use.'
    );
  end if;
  perform private.refuse(
    'agent_cannot_chat', format('This model does not support %s.', refuse_routes.kind),
    'GET /models lists the models that you may use.'
  );
end
$body$;
grant execute on function private.refuse_routes(timestamp with time zone,text,text,text) to service_role;

create function private.refuse_running_repeat(user_id uuid, request jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  running private.running_turns;
begin
  select turns.* into running
  from private.running_turns turns
  where turns.user_id = refuse_running_repeat.user_id
    and turns.idempotency_key = refuse_running_repeat.request ->> 'idempotency_key';
  if running.id is null then
    return;
  end if;
  perform private.session_of_repeat(
    running.fingerprint, running.session_id, running.access_key_id, refuse_running_repeat.request
  );
  if running.lease_expires_at < now() then
    perform public.settle_chat_turn(running.id, private.abandoned_turn());
    return;
  end if;
  perform private.refuse(
    'request_in_progress', 'A request with this Idempotency-Key is still running.',
    'Wait for its answer, then send the request again.'
  );
end
$body$;
grant execute on function private.refuse_running_repeat(uuid,jsonb) to service_role;

create function private.refuse_usage_request(by text, from_date date, to_date date, organization_id uuid)
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  if refuse_usage_request.by is null
    or refuse_usage_request.by not in (
      'day', 'organization', 'user', 'agent', 'model', 'vendor', 'feature'
    )
  then
    perform private.refuse(
      'measure_unknown', format('Usage cannot be grouped by "%s".', refuse_usage_request.by),
      'Use day, organization, user, agent, model, vendor or feature.'
    );
  end if;
  perform private.refuse_days(refuse_usage_request.from_date, refuse_usage_request.to_date);
  if refuse_usage_request.organization_id is not null
    and not exists (
      select
      from public.organizations
      where organizations.id = refuse_usage_request.organization_id
    ) then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you may not see it.'
    );
  end if;
end
$body$;
grant execute on function private.refuse_usage_request(text,date,date,uuid) to authenticated, service_role;

create function private.refuse_while_catching_up()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform
  from (
    select archived.organization_id, max(archived.started_at) as latest
    from private.archived_interactions archived group by archived.organization_id
  ) organizations
  where (
    organizations.latest < private.watermark_of(organizations.organization_id)
  ) is not true;
  if found then
    perform private.refuse(
      'usage_is_being_counted', 'The usage of an organization is being rolled up again.',
      'Retry in a few minutes.'
    );
  end if;
end
$body$;

create function private.release_organizations()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  kept text;
begin
  -- Those that are the account's alone to own.
  with owned as (
    select organizations.id, organizations.name, exists (
      select from public.organization_members others
      where others.organization_id = organizations.id and others.user_id <> old.id
    ) as is_shared
    from public.organizations
    join public.organization_members members
      on members.organization_id = organizations.id
        and members.user_id = old.id
        and members.role = 'owner'
    where not organizations.is_personal
      and organizations.deleted_at is null
      and not exists (
        select from public.organization_members others
        where others.organization_id = organizations.id
          and others.role = 'owner'
          and others.user_id <> old.id
      )
  ),
  released as (
    update public.organizations set deleted_at = now()
    where organizations.id in (select owned.id from owned where not owned.is_shared)
  )
  select string_agg(format('"%s"', private.name_to_quote(owned.name)), ', ') into kept
  from (select owned.name from owned where owned.is_shared order by owned.name limit 3) owned;
  if kept is not null then
    perform private.refuse(
      'last_owner', format('This account is the only owner of %s, which has other members.', kept),
      'Make another member an owner first, or delete the organization.'
    );
  end if;
  return old;
end
$body$;

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

create function private.remember_deleted_id()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into private.deleted_ids (id) values (old.id) on conflict do nothing;
  return null;
end
$body$;

create function private.remove_mcp_sessions(session_ids text[])
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  removed public.mcp_sessions;
  removals integer := 0;
begin
  for removed in
    delete from public.mcp_sessions sessions
    where sessions.session_id = any (remove_mcp_sessions.session_ids)
    returning sessions.*
  loop
    removals := removals + 1;
    perform private.notify(
      removed.user_id, 'oauth_connection_expired', 'Connection to ' || providers.name || ' ended',
      'It was not used for a long time, and its tokens were removed. Connect again to use it.',
      jsonb_build_object('provider', providers.id)
    )
    from public.oauth_providers providers
    where providers.id = removed.oauth_provider;
  end loop;
  return removals;
end
$body$;
grant execute on function private.remove_mcp_sessions(text[]) to service_role;

create function private.remove_old_executions(agent_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  removed integer;
begin
  -- Removing them takes nothing off the workflows' counters.
  perform set_config('agentbase.is_retention', 'on', true);
  with old as (
    select executions.id
    from public.agents
    cross join lateral (
      select private.conversations_kept_since(agents.organization_id) as since
    ) kept
    join public.workflows on workflows.agent_id = agents.id
    join public.workflow_executions executions
      on executions.workflow_id = workflows.id
        and executions.started_at < kept.since
        and executions.updated_at < kept.since
    where agents.id = remove_old_executions.agent_id
    limit remove_old_executions.batch
    for update of executions skip locked
  )
  delete from public.workflow_executions where workflow_executions.id in (select old.id from old);
  get diagnostics removed = row_count;
  perform set_config('agentbase.is_retention', '', true);
  return removed;
end
$body$;

create function private.remove_old_interactions(organization_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  until constant timestamptz := private.retention_cutoff(remove_old_interactions.organization_id);
  old uuid[];
begin
  -- Removing them is no late change: the triggers that keep figures and counters look at this.
  perform set_config('agentbase.is_retention', 'on', true);
  old := array(
    select interactions.id from public.ai_interactions interactions
    where interactions.organization_id = remove_old_interactions.organization_id
      and interactions.started_at < until
    order by interactions.started_at
    limit remove_old_interactions.batch
    for update skip locked
  );
  perform private.archive_usage(old);
  delete from public.ai_interactions where ai_interactions.id = any (old);
  perform set_config('agentbase.is_retention', '', true);
  return cardinality(old);
end
$body$;

create function private.remove_old_sessions(organization_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  since constant timestamptz := private.conversations_kept_since(
    remove_old_sessions.organization_id
  );
  old uuid[];
begin
  old := array(
    select due.id
    from (
      select due.id, sum(due.message_count) over (
        order by due.last_activity_at, due.id
      ) - due.message_count as messages_before
      from (
        select sessions.id, sessions.last_activity_at, sessions.message_count
        from public.chat_sessions sessions
        where sessions.org_id = remove_old_sessions.organization_id
          and sessions.last_activity_at < since
          and not exists (
            select from private.running_turns turns where turns.session_id = sessions.id
          )
        order by sessions.last_activity_at limit remove_old_sessions.batch
      ) due
    ) due
    where due.messages_before < 10 * remove_old_sessions.batch
  );
  -- One that was continued in the meantime is locked, or is not old any more.
  old := array(
    select sessions.id from public.chat_sessions sessions
    where sessions.id = any (old) and sessions.last_activity_at < since
    for update skip locked
  );
  perform set_config('agentbase.is_retention', 'on', true);
  -- Here, all at once, what the foreign keys would look for session by session.
  update public.ai_interactions set session_id = null where ai_interactions.session_id = any (old);
  delete from public.chat_messages where chat_messages.session_id = any (old);
  delete from public.chat_sessions where chat_sessions.id = any (old);
  perform set_config('agentbase.is_retention', '', true);
  return cardinality(old);
end
$body$;

create function private.remove_old_thoughts(agent_id uuid, batch integer)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  with old as (
    select thoughts.id
    from public.agents
    join public.agent_thoughts thoughts
      on thoughts.agent_id = agents.id
        and thoughts.created_at < private.conversations_kept_since(agents.organization_id)
    where agents.id = remove_old_thoughts.agent_id
    limit remove_old_thoughts.batch
    for update of thoughts skip locked
  ),
  removed as (
    delete from public.agent_thoughts
    where agent_thoughts.id in (select old.id from old)
    returning agent_thoughts.id
  )
  select count(*)::integer from removed
$body$;

create function private.remove_orphaned_usage(calendar bigint, batch integer DEFAULT 5000)
returns bigint
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  is_orphaned boolean := exists (
    select from private.orphaned_calendars orphaned
    where orphaned.calendar_id = remove_orphaned_usage.calendar
  );
  removed bigint;
begin
  -- A rollup may be adding to a row that is zero now.
  perform private.lock_watermark();
  delete from public.usage_daily_rollup
  where usage_daily_rollup.calendar_id = remove_orphaned_usage.calendar
    and usage_daily_rollup.id in (
      select rollup.id from public.usage_daily_rollup rollup
      where rollup.calendar_id = remove_orphaned_usage.calendar
        and (is_orphaned or rollup.interactions = 0)
      limit remove_orphaned_usage.batch
    );
  get diagnostics removed = row_count;
  if is_orphaned and removed < remove_orphaned_usage.batch then
    delete from public.usage_agent_rollup
    where usage_agent_rollup.calendar_id = remove_orphaned_usage.calendar;
    delete from private.orphaned_calendars
    where orphaned_calendars.calendar_id = remove_orphaned_usage.calendar;
    removed := removed + 1;
  end if;
  return removed;
end
$body$;

create function private.rename_fields(row_value jsonb, names jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select coalesce(
    jsonb_object_agg(coalesce(rename_fields.names ->> fields.key, fields.key), fields.value), '{}'
  )
  from jsonb_each(rename_fields.row_value) fields
$body$;
grant execute on function private.rename_fields(jsonb,jsonb) to authenticated, service_role;

create function private.repair_functions_role()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  called regprocedure;
begin
  -- Limits that hold behind every pooler, which drops what a client asks for when it connects.
  alter role agentbase_functions set statement_timeout = '8s';
  alter role agentbase_functions set lock_timeout = '8s';
  alter role agentbase_functions set idle_in_transaction_session_timeout = '10s';
  -- A statement whose client is gone ends within a second.
  alter role agentbase_functions set client_connection_check_interval = '1s';
  -- A role may be made the owner only of what it may create.
  grant create on schema public to service_role;
  for called in
    select functions.oid
    from pg_catalog.pg_proc functions
    cross join lateral pg_catalog.aclexplode(functions.proacl) as acl
    where acl.grantee = 'agentbase_functions'::regrole
  loop
    execute format('alter function %s security definer', called);
    execute format('alter function %s owner to service_role', called);
  end loop;
  revoke create on schema public from service_role;
end
$body$;

create function private.repair_platform_hooks()
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  report jsonb := private.platform_hooks_report();
  account auth.users;
begin
  if exists (select from private.missing_auth_triggers()) then
    perform private.make_auth_triggers();
  end if;
  perform private.publish_tables();
  perform private.make_channel_policy();
  if exists (select from private.missing_settings()) then
    alter role authenticator set pgrst.db_pre_request = 'private.check_request';
    alter default privileges revoke execute on functions from public;
    notify pgrst, 'reload config';
  end if;
  for account in select accounts.* from private.unopened_accounts() accounts loop
    perform private.open_account(account);
  end loop;
  -- What changed while the triggers were missing.
  update public.profiles
  set
    email = private.profile_email(users),
    is_sso_user = users.is_sso_user,
    last_login_at = users.last_sign_in_at
  from auth.users
  where users.id = profiles.id
    and (profiles.email, profiles.is_sso_user, profiles.last_login_at)
      is distinct from (private.profile_email(users), users.is_sso_user, users.last_sign_in_at);
  return report;
end
$body$;

create function private.replica_identity(name text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select case tables.relreplident
    when 'd' then 'default' when 'f' then 'full' when 'n' then 'nothing' when 'i' then 'index'
  end
  from pg_catalog.pg_class tables
  where tables.relnamespace = 'public'::regnamespace
    and tables.relname = replica_identity.name
$body$;
grant execute on function private.replica_identity(text) to service_role;

create function private.report_api_key(report jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  event text := report_api_key.report ->> 'event';
  problem text := left(report_api_key.report ->> 'problem', 500);
  used public.user_api_keys;
begin
  if event in ('worked', 'used') then
    -- The row's holder is marking it just now.
    select keys.* into used
    from public.user_api_keys keys where keys.id = (report_api_key.report ->> 'id')::uuid
    for no key update skip locked;
    update public.user_api_keys
    set last_used_at = clock_timestamp(),
        last_error = case when event = 'used' or not is_active then last_error end
    where user_api_keys.id = used.id;
    return;
  end if;
  -- What was found out about a key holds for that key, not for one that was put in
  -- its place since.
  select keys.* into used
  from public.user_api_keys keys
  where keys.id = (report_api_key.report ->> 'id')::uuid
    and keys.encrypted_key = report_api_key.report ->> 'encrypted_key'
    and keys.is_active
  for no key update;
  if event = 'failed' then
    update public.user_api_keys set last_error = problem where user_api_keys.id = used.id;
  elsif used.id is not null then
    perform private.take_key_out_of_use(used, event, problem);
  end if;
end
$body$;
grant execute on function private.report_api_key(jsonb) to service_role;

create function private.report_days(from_date date, to_date date, days integer, organization public.organizations)
returns daterange
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  longest constant integer := 3660;
  last date := report_days.to_date;
  first date;
begin
  if last is null then
    last := (now() at time zone coalesce((report_days.organization).timezone, 'UTC'))::date;
    -- Of all organizations together, the latest day on which one has had any usage.
    if (report_days.organization).id is null and private.latest_day() > last and exists (
      select from private.usage_by('day', private.latest_day(), private.latest_day(), null)
    ) then
      last := private.latest_day();
    end if;
  end if;
  first := coalesce(report_days.from_date, last - (report_days.days - 1));
  if report_days.to_date is null and first > last then
    perform private.refuse(
      'date_in_future',
      format('Cannot report on the days from %s: today is %s.', first, last)
    );
  end if;
  perform private.refuse_days(first, last);
  if last - first >= longest then
    perform private.refuse(
      'range_too_long',
      format(
        'Cannot report on the %s days from %s to %s: the maximum is %s.',
        last - first + 1, first, last, longest
      ),
      'Choose a later first day.'
    );
  end if;
  return daterange(first, last, '[]');
end
$body$;
grant execute on function private.report_days(date,date,integer,public.organizations) to authenticated, service_role;

create function private.report_failure(agent_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  health public.agent_health;
  opens integer;
begin
  update public.agent_health
  set
    consecutive_failures = agent_health.consecutive_failures + 1,
    status = 'degraded',
    last_check = now()
  where agent_health.agent_id = report_failure.agent_id
  returning agent_health.* into health;
  if health.circuit_state = 'open'
    or (
      health.circuit_state = 'closed'
      and health.consecutive_failures < 5
      and not private.is_failing(report_failure.agent_id)
    )
  then
    return;
  end if;

  -- 30 seconds, doubled each time it opens again without ten quiet minutes, at
  -- most five minutes, spread by a tenth either way so that callers do not return in step.
  -- A probe keeps its minute: the failure may be that of an older call, and the
  -- next probe must not begin while this one runs.
  opens := case
    when health.circuit_opened_at > now() - interval '10 minutes' then health.circuit_opens + 1
    else 1
  end;
  update public.agent_health
  set
    status = 'unhealthy', circuit_state = 'open', circuit_opened_at = now(), circuit_opens = opens,
    is_alerted = true,
      circuit_retry_at = greatest(
        now() + least(
          30 * power(2, least(opens, 10) - 1), 300
        ) * (0.9 + random() * 0.2) * interval '1 second',
        case health.circuit_state when 'half_open' then health.circuit_retry_at end
      )
  where agent_health.id = health.id;
  if not health.is_alerted then
    perform private.notify_agent_owner(
      report_failure.agent_id, 'agent_error', 'Agent does not answer',
      'Calls to agent "%s" keep failing. It is not called for a short time; then one trial '
      'call is made.'
    );
  end if;
end
$body$;
grant execute on function private.report_failure(uuid) to service_role;

create function private.report_of_days(from_date date, to_date date, organization_id uuid)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_agg(
    coalesce(known.figures, jsonb_build_object('key', days.day, 'label', days.day) || none.figures)
    order by days.day
  )
  from (
    select report_of_days.from_date + number as day
    from generate_series(0, report_of_days.to_date - report_of_days.from_date) as number
  ) days
  cross join private.no_usage() as none (figures)
  left join jsonb_array_elements(
    private.report_rows(
      'day', report_of_days.from_date, report_of_days.to_date, report_of_days.organization_id
    )
  ) as known (figures) on known.figures ->> 'key' = days.day::text
$body$;
grant execute on function private.report_of_days(date,date,uuid) to authenticated, service_role;

create function private.report_rows(by text, from_date date, to_date date, organization_id uuid)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    jsonb_agg(
      -- Text: a number of JSON would lose digits in most clients.
      (select jsonb_object_agg(part.key, part.value) from jsonb_each_text(to_jsonb(usage)) part)
      order by usage.total_cost desc, usage.interactions desc, usage.key
    ),
    '[]'
  )
  from private.usage_by(
    report_rows.by, report_rows.from_date, report_rows.to_date, report_rows.organization_id
  ) usage
$body$;
grant execute on function private.report_rows(text,date,date,uuid) to authenticated, service_role;

create function private.report_success(agent_id uuid, latency_ms integer)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  was public.agent_health;
begin
  select agent_health.* into was
  from public.agent_health
  where agent_health.agent_id = report_success.agent_id
    and (
      agent_health.circuit_state, agent_health.status, agent_health.consecutive_failures
    ) <> ('closed', 'healthy', 0)
  for no key update;
  if was.id is null then
    return;
  end if;
  update public.agent_health
  set
    status = 'healthy', circuit_state = 'closed', circuit_retry_at = null, consecutive_failures = 0,
      is_alerted = false, latency_ms = report_success.latency_ms, last_check = now()
  where agent_health.id = was.id;
  if was.is_alerted then
    perform private.notify_agent_owner(
      report_success.agent_id, 'agent_recovered', 'Agent answers again',
      'Agent "%s" answers again.'
    );
  end if;
end
$body$;
grant execute on function private.report_success(uuid,integer) to service_role;

create function private.report_to_circuits(turn public.ai_interactions)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  execution public.agent_executions;
begin
  for execution in
    select executions.*
    from public.agent_executions executions
    join public.agent_health health on health.agent_id = executions.agent_id
    where executions.interaction_id = report_to_circuits.turn.id
      -- A success is news only where something failed before, in this turn or earlier.
      and (
        executions.status = 'failed' or executions.attempt > 1
        or (
          health.circuit_state, health.status, health.consecutive_failures
        ) <> ('closed', 'healthy', 0)
      )
    order by executions.agent_id, executions.attempt
  loop
    if execution.status = 'succeeded' then
      perform private.report_success(execution.agent_id, execution.latency_ms);
    elsif execution.counts_against_agent
      and private.fails_for_others(execution.agent_id, report_to_circuits.turn.user_id)
    then
      perform private.report_failure(execution.agent_id);
    else
      perform private.free_circuit(execution.agent_id, report_to_circuits.turn.started_at);
    end if;
  end loop;
end
$body$;
grant execute on function private.report_to_circuits(public.ai_interactions) to service_role;

create function private.require_editable_agent(agent_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if exists (
    select from private.editable_agents
    where editable_agents.id = require_editable_agent.agent_id
  )
  then
    return;
  end if;
  if private.sees_agent(require_editable_agent.agent_id, 'viewer') then
    perform private.refuse(
      'agent_not_editable', 'You may use this agent but not change it.',
      'Ask someone who manages the agent.'
    );
  end if;
  perform private.refuse('agent_not_found', 'Agent not found.');
end
$body$;
grant execute on function private.require_editable_agent(uuid) to service_role;

create function private.require_first_owner()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.require_owner(new.id);
  return null;
end
$body$;

create function private.require_key_settings(vendor_id text, settings jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  needed text[] := array(
    select distinct found.names[1]
    from public.vendors,
      regexp_matches(vendors.base_url, '\{(\w+)\}', 'g') as found (names)
    where vendors.id = require_key_settings.vendor_id
    order by 1
  );
  given text[] := array(
    select keys.name from jsonb_object_keys(require_key_settings.settings) as keys (name)
    order by 1
  );
begin
  if needed = given and private.are_key_settings(require_key_settings.settings) then
    return;
  end if;
  perform private.refuse(
    'invalid_key_settings',
    case when needed = '{}' then 'Keys of this vendor have no settings.'
      else format(
        'Keys of this vendor need the settings %s, each one label of a host name.',
        array_to_string(needed, ', ')
      )
    end,
    'Send them as "settings".', jsonb_build_object('param', 'settings')
  );
end
$body$;
grant execute on function private.require_key_settings(text,jsonb) to service_role;

create function private.require_mcp_lifetime(lifetime interval)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if require_mcp_lifetime.lifetime is null
    or require_mcp_lifetime.lifetime not between interval '1 minute' and interval '90 days'
  then
    perform private.refuse(
      'invalid_lifetime', 'The lifetime of an MCP session must be between one minute and 90 days.',
      'Pass a lifetime such as "24 hours".'
    );
  end if;
end
$body$;
grant execute on function private.require_mcp_lifetime(interval) to authenticated;

create function private.require_mcp_state(state jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(require_mcp_state.state) is distinct from 'object' then
    perform private.refuse('invalid_state', 'The state of an MCP session must be a JSON object.');
  end if;
  if not private.is_at_most_64_levels_deep(require_mcp_state.state) then
    perform private.refuse(
      'state_too_deep', 'The state is nested deeper than 64 levels.',
      'Send a less deeply nested object.'
    );
  end if;
  if not private.is_document(require_mcp_state.state) then
    perform private.refuse(
      'state_too_large', 'The state is larger than 256 KiB.',
      'Store large values elsewhere.'
    );
  end if;
  return require_mcp_state.state;
end
$body$;
grant execute on function private.require_mcp_state(jsonb) to authenticated;

create function private.require_oauth_reauth(session public.mcp_sessions)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  update public.mcp_sessions sessions
  set
    oauth_status = 'needs_reauth', oauth_data = null, oauth_refreshable = false,
    oauth_lease = null, oauth_lease_until = null, oauth_failing_since = null
  where sessions.session_id = require_oauth_reauth.session.session_id
    and sessions.oauth_status = 'connected';
  if found then
    perform private.notify(
      session.user_id, 'oauth_needs_reauth', 'Connect ' || providers.name || ' again',
      format(
        'Your sign-in at %1$s has expired or was revoked. Connect again; until then, nothing can '
        'use %1$s.',
        providers.name
      ),
      jsonb_build_object('provider', providers.id, 'session_id', session.session_id)
    )
    from public.oauth_providers providers
    where providers.id = session.oauth_provider;
  end if;
end
$body$;
grant execute on function private.require_oauth_reauth(public.mcp_sessions) to service_role;

create function private.require_owner(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- The lock makes two owners who leave at once wait for each other: the second
  -- one then sees that the first has gone. An organization that is gone, or
  -- deleted and waiting to be, needs none.
  perform from public.organizations
  where organizations.id = require_owner.organization_id and organizations.deleted_at is null
  for no key update;
  if found and not exists (
    select from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where members.organization_id = require_owner.organization_id and members.role = 'owner'
      -- A personal one pays for its person wherever no other does: it stays that person's.
      and (not organizations.is_personal or members.user_id = organizations.created_by)
  ) then
    perform private.refuse(
      'last_owner',
      'An organization must keep at least one owner, and a personal organization its user.',
      'Make another member an owner first, or delete the organization.'
    );
  end if;
end
$body$;

create function private.require_remaining_owner()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.require_owner(old.organization_id);
  return null;
end
$body$;

create function private.reschedule_jobs()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.schedule_jobs();
  return null;
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

create function private.resolve_chat_target(model text, settings jsonb, organization_id uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  wanted text := coalesce(
    nullif(resolve_chat_target.model, ''),
    nullif(resolve_chat_target.settings ->> 'default_model', ''),
    nullif(resolve_chat_target.settings ->> 'default_agent', '')
  );
  target private.chat_target;
  agent public.agents;
begin
  if wanted is null then
    perform private.refuse(
      'model_required', 'The request names no model, and the organization has no default model.',
      'Set "model". GET /models lists the models that you may use.'
    );
  end if;
  target := private.find_chat_target(
    wanted, resolve_chat_target.settings ->> 'default_agent', resolve_chat_target.organization_id
  );
  if target.agent_id is null and target.service_id is null then
    perform private.refuse(
      'model_not_found',
      format('The model "%s" does not exist, or you may not use it.', left(wanted, 200)),
      'GET /models lists the models that you may use.'
    );
  end if;
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  if not agent.enabled or agent.status = 'paused' then
    perform private.refuse(
      'agent_disabled', format('The agent "%s" is disabled.', agent.name),
      'Ask someone who manages the agent, or choose another model.'
    );
  end if;
  if private.is_stranger_to(agent) and not private.platform_sells(target.service_id) then
    perform private.refuse(
      'agent_not_sold',
      format('The agent "%s" is shared, but its model is not offered here.', agent.name),
      'A shared agent uses the platform''s credential. Its owner can choose a model that a '
      'platform agent offers.'
    );
  end if;
  return target;
end
$body$;
grant execute on function private.resolve_chat_target(text,jsonb,uuid) to service_role;

create function private.resolve_turn(request jsonb)
returns private.resolved_turn
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  resolved private.resolved_turn;
  session public.chat_sessions := case
    when resolve_turn.request ->> 'continues_turn' is null
      then private.continue_chat_session(resolve_turn.request ->> 'session_id')
    else private.session_of_turn(resolve_turn.request ->> 'continues_turn')
  end;
  settings jsonb := (
    select organizations.settings
    from public.organizations
    where organizations.id = coalesce(session.org_id, private.my_organization())
  );
  target private.chat_target := private.target_of_turn(
    resolve_turn.request ->> 'model', settings, session
  );
  agent public.agents;
begin
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  resolved.session := session;
  resolved.settings := settings;
  resolved.target := target;
  resolved.agent := agent;
  resolved.payer := coalesce(session.org_id, private.paying_organization(agent));
  resolved.max_tokens := coalesce(
    (resolve_turn.request ->> 'max_output_tokens')::integer,
    agent.max_tokens,
    (settings ->> 'max_tokens')::integer
  );
  return resolved;
end
$body$;
grant execute on function private.resolve_turn(jsonb) to service_role;

create function private.restore_interactions()
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  present integer;
  left_out integer;
  unknown uuid[];
  ids uuid[];
begin
  lock table private.archived_interactions in access exclusive mode;
  delete from private.archived_interactions archived
  where exists (
    select from public.ai_interactions interactions where interactions.id = archived.id
  );
  get diagnostics present = row_count;
  left_out := private.drop_dangling_interactions();
  unknown := private.drop_unknown_interactions();
  perform private.refuse_while_catching_up();
  perform set_config('agentbase.is_retention', 'on', true);
  with restored as (
    insert into public.ai_interactions select archived.*
    from private.archived_interactions archived
    returning ai_interactions.id
  )
  select array_agg(restored.id) into ids from restored;
  perform set_config('agentbase.is_retention', '', true);
  perform private.unarchive_usage(ids);
  delete from private.archived_interactions;
  return jsonb_build_object(
    'restored', coalesce(cardinality(ids), 0), 'present', present, 'left_out', left_out, 'unknown',
    unknown
  );
end
$body$;

create function private.restore_organization(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.organizations
  set deleted_at = null
  from public.organization_members members
  join public.profiles on profiles.id = members.user_id and profiles.status = 'active'
  where organizations.id = restore_organization.organization_id
    -- Later it may be purged in part.
    and organizations.deleted_at > now() - (private.limits()).organization_grace
    and members.organization_id = organizations.id
    and members.user_id = (select auth.uid())
    and members.role = 'owner';
  if not found then
    perform private.refuse(
      'organization_not_found',
      format(
        'No organization of yours with this id was deleted in the last %s.',
        (private.limits()).organization_grace
      ),
      format(
        'Only an owner can restore an organization, within %s of its deletion.',
        (private.limits()).organization_grace
      )
    );
  end if;
end
$body$;
grant execute on function private.restore_organization(uuid) to authenticated;

create function private.retention_cutoff(organization_id uuid)
returns timestamp with time zone
language sql volatile security invoker
set search_path=""
as $body$
  select least(
    date_bin(
      '15 minutes', now() - make_interval(days => plans.interaction_days), '2000-01-01 00:00:00+00'
    ),
    rolled_up.until
  )
  from public.organizations
  join public.plans on plans.id = organizations.plan
  cross join lateral (select private.watermark_of(organizations.id) as until) rolled_up
  where organizations.id = retention_cutoff.organization_id
    and plans.interaction_days is not null
    and rolled_up.until is not null
$body$;

create function private.returned_messages(request jsonb, said jsonb, messages jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  -- What has no conversation is said as a whole.
  new_ones jsonb := coalesce(returned_messages.said, returned_messages.messages);
  new_messages integer := jsonb_array_length(new_ones);
  history integer := jsonb_array_length(returned_messages.messages) - new_messages;
begin
  if (returned_messages.request ->> 'echo')::boolean is distinct from false
    or new_ones <> jsonb_path_query_array(
      returned_messages.request -> 'messages', '$[last - $others to last]',
      jsonb_build_object('others', new_messages - 1)
    )
  then
    return jsonb_build_object(
      'messages', returned_messages.messages, 'new_messages', new_messages, 'echoed', true
    );
  end if;
  return jsonb_build_object(
    'messages', case history
      when 0 then '[]'
      else jsonb_path_query_array(
        returned_messages.messages, '$[0 to $last]', jsonb_build_object('last', history - 1)
      )
    end,
    'new_messages', new_messages, 'echoed', false
  );
end
$body$;
grant execute on function private.returned_messages(jsonb,jsonb,jsonb) to service_role;

create function private.revoke_access_key(access_key_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.access_keys
  set revoked_at = coalesce(revoked_at, now())
  where access_keys.id = revoke_access_key.access_key_id
    and (
      access_keys.organization_id = any (array(select private.my_organizations('admin')))
      or (
        access_keys.user_id = (select auth.uid())
        and access_keys.organization_id = any (array(select private.my_organizations('viewer')))
      )
    );
  if not found then
    perform private.refuse(
      'access_key_not_found', 'Access key not found, or you may not revoke it.'
    );
  end if;
end
$body$;
grant execute on function private.revoke_access_key(uuid) to authenticated;

create function private.revoke_keys_of_leaver()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.access_keys
  set revoked_at = now()
  where access_keys.user_id = old.user_id
    and access_keys.organization_id = old.organization_id
    and access_keys.revoked_at is null;
  return null;
end
$body$;

create function private.role_rank(role text)
returns integer
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return array_position(
    array['viewer', 'member', 'agent_manager', 'admin', 'owner'], role_rank.role
  );
end
$body$;
grant execute on function private.role_rank(text) to authenticated, service_role;

create function private.roll_up(calendar_ids bigint[], since timestamp with time zone, until timestamp with time zone, delta_limit integer)
returns bigint
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  written bigint;
begin
  insert into public.usage_daily_rollup as rollup (
    calendar_id, date, organization_id, user_id, agent_id, vendor_id, model_name,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    taken.calendar_id, taken.date, taken.organization_id, taken.user_id, taken.agent_id,
    taken.vendor_id, taken.model_name,
    -- each measure: taken.{name}
    taken.interactions, taken.failed, taken.unpriced, taken.recorded, taken.input_tokens,
    taken.output_tokens, taken.total_cost, taken.recorded_cost, taken.duration_minutes,
    taken.satisfaction_sum, taken.satisfaction_count, taken.usefulness_sum, taken.usefulness_count
    -- end
  from private.take_usage_to_roll_up(
    roll_up.calendar_ids, roll_up.since, roll_up.until, roll_up.delta_limit
  ) taken
  order by taken.agent_id, taken.calendar_id, taken.date, taken.user_id
  on conflict (agent_id, calendar_id, date, user_id, vendor_id, model_name) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name}
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count
    -- end
  ;
  get diagnostics written = row_count;
  return written;
end
$body$;

create function private.roll_up_all_until(since timestamp with time zone, until timestamp with time zone, batch integer, deadline timestamp with time zone, OUT reached timestamp with time zone, OUT written bigint)
returns record
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- The calendars with usage ahead, and when it begins: looked up once in the whole range, and
  -- again only after a step that a calendar took part in.
  ids bigint[];
  starts timestamptz[];
  taking_part bigint[];
  next_end timestamptz;
  step interval := interval '1 day';
  added bigint;
begin
  written := 0;
  reached := roll_up_all_until.since;
  if reached < roll_up_all_until.until then
    select array_agg(ahead.calendar_id), array_agg(ahead.starts_at) into ids, starts
    from private.next_usage(null, reached, roll_up_all_until.until) ahead;
  end if;
  while reached < roll_up_all_until.until and written < roll_up_all_until.batch
    and clock_timestamp() < roll_up_all_until.deadline
  loop
    select least(min(ahead.starts_at) + step, roll_up_all_until.until) into next_end
    from unnest(starts) as ahead (starts_at);
    taking_part := array(
      select ahead.id from unnest(ids, starts) as ahead (id, starts_at)
      where ahead.starts_at < next_end
    );
    added := private.roll_up(taking_part, reached, next_end, 0);
    -- Where there is little, each step costs more than its rows.
    step := case when added < 2500 then least(step * 2, '32 days') else interval '1 day' end;
    written := written + added;
    reached := next_end;
    select array_agg(ahead.id), array_agg(ahead.starts_at) into ids, starts
    from (
      select ahead.* from unnest(ids, starts) as ahead (id, starts_at)
      where ahead.starts_at >= next_end
      union all
      select * from private.next_usage(taking_part, next_end, roll_up_all_until.until)
    ) ahead;
  end loop;
end
$body$;

create function private.roll_up_day(day date, watermark timestamp with time zone)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  with taken as (
    delete from public.usage_deltas deltas
    using public.usage_calendars calendars
    where deltas.organization_id = calendars.organization_id
      and deltas.started_at >= roll_up_day.day::timestamp at time zone 'UTC' - interval '15 hours'
      and deltas.started_at
        < (roll_up_day.day + 1)::timestamp at time zone 'UTC' + interval '15 hours'
      and deltas.started_at < least(roll_up_day.watermark, calendars.rolled_up_until)
      and (deltas.started_at at time zone calendars.timezone)::date = roll_up_day.day
  )
  insert into public.usage_daily_rollup as rollup (
    calendar_id, date, organization_id, user_id, agent_id, vendor_id, model_name,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    difference.calendar_id, difference.date, difference.organization_id, difference.user_id,
    difference.agent_id, difference.vendor_id, difference.model_name,
    -- each measure: difference.{name}
    difference.interactions, difference.failed, difference.unpriced, difference.recorded,
    difference.input_tokens, difference.output_tokens, difference.total_cost,
    difference.recorded_cost, difference.duration_minutes, difference.satisfaction_sum,
    difference.satisfaction_count, difference.usefulness_sum, difference.usefulness_count
    -- end
  from private.day_difference(roll_up_day.day, roll_up_day.watermark) difference
  order by difference.agent_id, difference.calendar_id, difference.user_id
  on conflict (agent_id, calendar_id, date, user_id, vendor_id, model_name) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name}
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count
    -- end
$body$;

create function private.roll_up_until(calendar bigint, since timestamp with time zone, until timestamp with time zone, batch integer, deadline timestamp with time zone, OUT reached timestamp with time zone, OUT written bigint)
returns record
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  next_end timestamptz;
begin
  written := 0;
  reached := roll_up_until.since;
  while reached < roll_up_until.until and written < roll_up_until.batch
    and clock_timestamp() < roll_up_until.deadline
  loop
    next_end := least(
      coalesce(private.next_rollup_end(roll_up_until.calendar, reached), 'infinity'),
      roll_up_until.until
    );
    written := written + private.roll_up(array[roll_up_until.calendar], reached, next_end, 0);
    reached := next_end;
  end loop;
end
$body$;

create function private.route_to(target private.chat_target, kinds text[])
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object(
      'agent_id', agents.id,
      'agent', agents.name,
      'vendor_id', vendors.id,
      'service_id', services.id,
      'base_url', vendors.base_url,
      'api_format', vendors.api_format,
      'auth_type', vendors.auth_type,
      'auth_header', vendors.auth_header,
      'auth_scheme', vendors.auth_scheme,
      'max_tokens_field', vendors.max_tokens_field,
      'cancel_stops_billing', vendors.cancel_stops_billing,
      'usage_path', vendors.usage_path,
      'extra_fields', vendors.extra_fields,
      'takes_stream_options', vendors.takes_stream_options,
      'takes_developer_role', vendors.takes_developer_role,
      'takes_parallel_tool_calls', vendors.takes_parallel_tool_calls,
      'instructions_first', vendors.instructions_first,
      'metadata_needs_store', vendors.metadata_needs_store,
      'model', upstream.model,
      'context_window', services.context_window,
      'max_output_tokens', services.max_output_tokens,
      'image_tokens', services.image_tokens,
      'service_name', services.service_name,
      -- The platform's credential is spent on the platform's agents, and on what
      -- these sell for the shared agents of strangers.
      'credential', case when agents.is_platform or stranger.calls then 'platform' else 'own' end
    )
    from (select) as nothing
    left join public.agents on agents.id = route_to.target.agent_id
    left join public.models on models.id = route_to.target.model_id
    left join public.vendor_services services on services.id
      = private.current_service(route_to.target.service_id)
    join public.vendors on vendors.id = coalesce(services.vendor_id, agents.vendor_id)
    and vendors.is_active,
    lateral (select private.is_stranger_to(agents) as calls) stranger,
    lateral (
      select coalesce(
        case
          when not stranger.calls and services.id = models.service_id then models.model_id
        end,
        services.service_name,
        models.model_id,
        agents.model_name
      ) as model
    ) upstream
    where coalesce(services.service_kind, 'chat') = any (route_to.kinds)
      and upstream.model is not null
      and (route_to.target.service_id is null or services.id is not null)
      and (not stranger.calls or private.platform_sells(services.id))
      and (agents.id is null or (agents.enabled and agents.status <> 'paused'))
  );
end
$body$;
grant execute on function private.route_to(private.chat_target,text[]) to service_role;

create function private.routes_with_credentials(route jsonb, payer uuid)
returns SETOF jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  offered record;
begin
  if routes_with_credentials.route ->> 'credential' = 'platform' then
    return next private.paid_by_others(routes_with_credentials.route, 'platform', '[]');
    return;
  end if;
  for offered in select * from private.keys_for_route(
    routes_with_credentials.route, routes_with_credentials.payer
  ) loop
    return next case
      when offered.is_own
        then routes_with_credentials.route || jsonb_build_object('keys', offered.keys)
      else private.paid_by_others(routes_with_credentials.route, 'shared', offered.keys)
    end;
  end loop;
  if not found
    and routes_with_credentials.route ->> 'agent_id' is not null
    and private.may_spend_platform_credential(routes_with_credentials.payer)
  then
    return next private.paid_by_others(routes_with_credentials.route, 'platform', '[]');
  end if;
end
$body$;
grant execute on function private.routes_with_credentials(jsonb,uuid) to service_role;

create function private.run_item(run_id bigint, item text, OUT outcome text, OUT amount bigint, OUT error_code text, OUT error_message text)
returns record
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  name text := (select runs.job_name from private.job_runs runs where runs.id = run_item.run_id);
  attempt record;
begin
  select tried.* into attempt from private.try_job(name, run_item.item) tried;
  perform private.note_item(name, run_item.item, attempt.error_code, attempt.error_message);
  outcome := attempt.outcome;
  amount := case
    when attempt.outcome = 'succeeded' then coalesce(attempt.result::bigint, 0)
    else 0
  end;
  error_code := attempt.error_code;
  error_message := attempt.error_message;
  update private.job_runs runs
  set last_item = run_item.item,
      items_done = runs.items_done + (attempt.outcome = 'succeeded')::integer,
      items_failed = runs.items_failed + (attempt.outcome <> 'succeeded')::integer,
      result = (coalesce(runs.result::bigint, 0) + amount)::text
  where runs.id = run_item.run_id;
end
$body$;

create procedure private.run_items(IN run_id bigint, IN deadline timestamp with time zone, INOUT outcome text, INOUT error_code text, INOUT error_message text)
language plpgsql volatile security invoker
as $body$
declare
  items text[];
  item text;
  step record;
  passed_over text[] := array[]::text[];
begin
  -- A procedure that commits may not set its path in its head; it is gone after each commit.
  perform set_config('search_path', '', true);
  loop
    perform set_config('search_path', '', true);
    select found.* into items, run_items.outcome, run_items.error_code, run_items.error_message
    from private.items_of_run(run_items.run_id, passed_over) found;
    commit;
    exit when items = '{}' or clock_timestamp() >= run_items.deadline;
    foreach item in array items loop
      perform set_config('search_path', '', true);
      select tried.* into step from private.run_item(run_items.run_id, item) tried;
      commit;
      -- One that has more to do is dealt with again, after the others.
      if step.amount = 0 then
        passed_over := passed_over || item;
      end if;
      exit when clock_timestamp() >= run_items.deadline or step.outcome = 'timed_out';
    end loop;
    exit when step.outcome = 'timed_out';
  end loop;
end
$body$;

create procedure private.run_job(IN name text)
language plpgsql volatile security invoker
as $body$
declare
  job private.jobs;
  run_id bigint;
  attempt record;
  outcome text := 'succeeded';
  error_code text;
  error_message text;
begin
  perform set_config('search_path', '', true);
  select jobs.* into job from private.jobs where jobs.name = run_job.name;
  if job.name is null then
    perform private.refuse('job_not_found', format('There is no job "%s".', run_job.name));
  end if;
  -- Held until the end, across the commits; a session that dies lets go of it.
  if not pg_try_advisory_lock(private.lock_namespace('jobs'), hashtext(job.name)) then
    perform private.cut_overdue_runs();
    return;
  end if;
  run_id := private.open_job_run(job.name);
  commit;

  if job.items is not null then
    call private.run_items(
      run_id, clock_timestamp() + job.timeout * 0.8, outcome, error_code, error_message
    );
  end if;
  perform set_config('search_path', '', true);
  if outcome <> 'succeeded' then
    select outcome, null::text as result, error_code, error_message into attempt;
  elsif job.items is not null then
    select ended.* into attempt from private.outcome_of_run(run_id) ended;
  else
    select tried.* into attempt from private.try_job(job.name) tried;
  end if;
  perform private.close_job_run(
    run_id, attempt.outcome, attempt.result, attempt.error_code, attempt.error_message
  );
  commit;

  perform pg_advisory_unlock(private.lock_namespace('jobs'), hashtext(job.name));
  if attempt.outcome <> 'succeeded' then
    raise exception 'Job "%" %: %',
    job.name,
    replace(attempt.outcome, '_', ' '),
    private.without_secrets(attempt.error_message);
  end if;
end
$body$;

create procedure private.run_overdue_jobs()
language plpgsql volatile security invoker
as $body$
declare
  job_name text;
  overdue text[];
begin
  perform set_config('search_path', '', true);
  overdue := array(select private.overdue_jobs());
  commit;
  foreach job_name in array overdue loop
    call private.run_job(job_name);
  end loop;
end
$body$;

create function private.running_turn(session_id uuid)
returns uuid
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  running private.running_turns;
begin
  select turns.* into running
  from private.running_turns turns
  where turns.session_id = running_turn.session_id;
  if running.lease_expires_at < now() then
    perform public.settle_chat_turn(running.id, private.abandoned_turn());
    return null;
  end if;
  return running.id;
end
$body$;
grant execute on function private.running_turn(uuid) to service_role;

create function private.safe_watermark(proposed private.usage_watermark)
returns timestamp with time zone
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  this_transaction xid8 := pg_current_xact_id();
  ended_before xid8;
begin
  ended_before := pg_snapshot_xmin(pg_current_snapshot());
  -- A row that began half an hour before a transaction started and was written without a delta was
  -- written by an earlier transaction. Once those have ended, all that is still invisible has
  -- deltas.
  if ended_before >= this_transaction then
    return greatest(safe_watermark.proposed.rolled_up_until, now() - interval '30 minutes');
  elsif ended_before >= safe_watermark.proposed.next_transaction then
    return greatest(
      safe_watermark.proposed.rolled_up_until, safe_watermark.proposed.next_until
    );
  end if;
  return safe_watermark.proposed.rolled_up_until;
end
$body$;

create function private.sales_of_turn(turn private.running_turns, outcome jsonb)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select coalesce(
      jsonb_agg(
        private.as_sale(
          private.price_of_call(sales_of_turn.turn, sold.service_id, sold.usage),
          sold.attempt, sold.usage
        )
        order by sold.attempt
      ),
      '[]'
    )
    from private.calls_that_sold(sales_of_turn.turn, sales_of_turn.outcome) sold
  );
end
$body$;
grant execute on function private.sales_of_turn(private.running_turns,jsonb) to service_role;

create function private.schedule_jobs()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  wanted record;
  changed integer := 0;
begin
  -- By execute: where pg_cron is missing there is no such function.
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return null;
  end if;
  for wanted in execute $query$
    select
      coalesce(jobs.name, scheduled.name) as name, jobs.schedule, jobs.command,
      scheduled.name is null as is_new
    from (
      select
        'agentbase:' || jobs.name as name,
        jobs.schedule,
        format('call private.run_job(%L)', jobs.name) as command
      from private.jobs where jobs.is_enabled
      union all
      select 'agentbase:run-overdue-jobs', '* * * * *', 'call private.run_overdue_jobs()'
    ) jobs
    full join (
      select job.jobname as name, job.schedule, job.command, job.active
      from cron.job where job.jobname like 'agentbase:%' and job.username = current_user
    ) scheduled on scheduled.name = jobs.name
    where (jobs.schedule, jobs.command, true) is distinct from (
      scheduled.schedule, scheduled.command, scheduled.active
    )
    order by 1
  $query$
  loop
    if wanted.command is null then
      execute 'select cron.unschedule($1)' using wanted.name;
    else
      -- An old one goes first: pg_cron would leave it switched off.
      if not wanted.is_new then
        execute 'select cron.unschedule($1)' using wanted.name;
      end if;
      execute 'select cron.schedule($1, $2, $3)' using wanted.name, wanted.schedule, wanted.command;
    end if;
    changed := changed + 1;
  end loop;
  return changed;
end
$body$;

create function private.score_agents(agent_id uuid DEFAULT NULL::uuid)
returns integer
language sql volatile security definer
set search_path=""
as $body$
  select private.score_each(array(
    select agents.id from public.agents
    where agents.id = coalesce(score_agents.agent_id, agents.id)
      and (agents.last_used_at is not null or agents.activity_score > 0)
  ))
$body$;
grant execute on function private.score_agents(uuid) to authenticated, service_role;

create function private.score_agents_of(owner uuid)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.score_each(array(
    select agents.id from public.agents
    where coalesce(
      agents.organization_id, agents.created_by, '00000000-0000-0000-0000-000000000000'
    ) = score_agents_of.owner
      and (agents.last_used_at is not null or agents.activity_score > 0)
  ))
$body$;

create function private.score_each(agents uuid[])
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  with uses as (
    select
      agents.id,
      agents.last_used_at,
      count(i.id) as recent,
      avg(
        (
          coalesce(i.satisfaction_rating, i.usefulness_rating) + coalesce(
            i.usefulness_rating, i.satisfaction_rating
          )
        ) / 2.0
      ) as rating
    from public.agents
    left join public.ai_interactions i
      on i.agent_id = agents.id
        and i.started_at > now() - interval '30 days'
        and i.status <> 'deleted'
      and private.is_use_of(agents, i.source, i.organization_id, i.user_id)
    where agents.id = any (score_each.agents)
    group by agents.id
  ),
  scores as (
    select
      uses.id,
      private.activity_score(
        extract(epoch from now() - uses.last_used_at)::double precision / 86400,
        uses.recent,
        uses.rating
      ) as score
    from uses
  ),
  changed as (
    update public.agents
    set activity_score = scores.score
    from scores
    where agents.id = scores.id and agents.activity_score <> scores.score
    returning agents.id
  )
  select count(*)::integer from changed
$body$;

create function private.scrub_interactions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.ai_interactions
  set
    -- Here, so that the foreign key has no row left to write a second time.
    user_id = null,
    title = 'Deleted', description = null, content_preview = null, full_content = null,
    feedback_notes = null,
      external_link = null, external_id = null, external_metadata = '{}', tags = '{}',
      keywords = '{}'
  where ai_interactions.user_id = old.id;
  return old;
end
$body$;

create function private.sees_agent(agent_id uuid, minimum_role text)
returns boolean
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return exists (
    select from public.agents
    where agents.id = sees_agent.agent_id
      and (
        agents.organization_id = any (
          array(select private.my_organizations(sees_agent.minimum_role))
        )
        or (agents.organization_id is null and agents.created_by = (select auth.uid()))
        or agents.is_platform
      )
  )
  or exists (select from private.public_agents where public_agents.id = sees_agent.agent_id);
end
$body$;
grant execute on function private.sees_agent(uuid,text) to authenticated, service_role;

create function private.service_named(vendor_id text, name text)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  named text := (
    select services.id
    from public.vendor_services services
    where services.vendor_id = service_named.vendor_id
      and services.service_name = service_named.name
  );
begin
  if named is null then
    named := (
      select aliases.service_id
      from public.service_aliases aliases
      where aliases.vendor_id = service_named.vendor_id and aliases.alias = service_named.name
    );
  end if;
  return case when private.current_service(named) is not null then named end;
end
$body$;
grant execute on function private.service_named(text,text) to service_role;

create function private.service_tier(answered text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return (
    select case
      when lower(service_tier.answered) in ('priority', 'flex', 'batch')
        then lower(service_tier.answered)
      when lower(service_tier.answered) = 'fast' then 'priority'
      else 'standard'
    end
  );
end
$body$;
grant execute on function private.service_tier(text) to service_role;

create function private.session_of_repeat(fingerprint text, session_id uuid, access_key_id uuid, request jsonb)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  session text := (
    select sessions.session_id
    from public.chat_sessions sessions
    where sessions.id = session_of_repeat.session_id
  );
begin
  -- Another session is another request, too, and so is another access key's. So settling an
  -- abandoned turn here locks no session but the one that this request may go on to lock.
  if session_of_repeat.fingerprint <> session_of_repeat.request ->> 'fingerprint'
    or session <> session_of_repeat.request ->> 'session_id'
    or session_of_repeat.access_key_id
      is distinct from ((select auth.jwt()) -> 'access_key' ->> 'id')::uuid
  then
    perform private.refuse(
      'idempotency_key_reused', 'This Idempotency-Key was used for a different request.',
      'Use a new key for a new request.'
    );
  end if;
  return session;
end
$body$;
grant execute on function private.session_of_repeat(text,uuid,uuid,jsonb) to service_role;

create function private.session_of_request(resolved private.resolved_turn, said private.request_messages, request jsonb)
returns public.chat_sessions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  session public.chat_sessions := session_of_request.resolved.session;
begin
  if session.id is not null or session_of_request.request @> '{"store": false}' then
    return session;
  end if;
  session := private.find_chat_session(
    session_of_request.resolved.target, session_of_request.resolved.payer, session_of_request.said
  );
  if session.id is not null then
    return session;
  end if;
  return private.new_chat_session(
    session_of_request.resolved.target, session_of_request.resolved.payer,
    coalesce(
      nullif(session_of_request.request ->> 'title', ''),
      private.title_of(session_of_request.said.messages)
    )
  );
end
$body$;
grant execute on function private.session_of_request(private.resolved_turn,private.request_messages,jsonb) to service_role;

create function private.session_of_turn(turn_id text)
returns public.chat_sessions
language plpgsql volatile strict security invoker
set search_path=""
as $body$
declare
  answer public.chat_messages;
  session public.chat_sessions;
  running uuid;
begin
  select messages.* into answer
  from public.chat_messages messages
  where messages.interaction_id = private.as_uuid(session_of_turn.turn_id)
    and messages.status <> 'error'
    and not private.is_deleted_response(messages.interaction_id)
  order by messages.seq desc
  limit 1;
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = answer.session_id
    and sessions.user_id = (select auth.uid())
    and sessions.org_id = any (array(select private.my_organizations('member')))
    and private.key_allows(sessions.agent_id)
  for no key update;
  if session.id is null then
    perform private.refuse(
      'turn_not_found', 'The turn to continue was not found, or it is not yours.',
      'Name a turn that was answered and stored, or send the whole conversation.'
    );
  end if;
  running := private.running_turn(session.id);
  if running = answer.interaction_id then
    perform private.refuse(
      'session_busy', 'The turn to continue is still running.',
      'Wait for its answer, then send the request again.'
    );
  elsif running is not null or session.status <> 'active' then
    -- A conversation may go on in several ways at once.
    return private.copy_session(session, private.branch_until(session.id, answer.seq));
  end if;
  return session;
end
$body$;
grant execute on function private.session_of_turn(text) to service_role;

create function private.set_idle_timeout()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- Shorter than the 8 seconds that statements of the API get, so that those who
  -- wait for what this transaction holds are still answered.
  perform set_config('idle_in_transaction_session_timeout', '5s', true);
end
$body$;
grant execute on function private.set_idle_timeout() to service_role;

create function private.short_hash(value text)
returns uuid
language sql immutable security invoker
set search_path=""
as $body$
  select left(encode(sha256(convert_to(short_hash.value, 'UTF8')), 'hex'), 32)::uuid
$body$;
grant execute on function private.short_hash(text) to authenticated, service_role;

create function private.size_of_prompt(messages jsonb, other_bytes bigint)
returns private.prompt_size
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  size private.prompt_size := row(
    octet_length(size_of_prompt.messages::text) + coalesce(size_of_prompt.other_bytes, 0), 0, 0,
    true
  );
begin
  if not size_of_prompt.messages @?
    '$[*].content[*] ? (@.type() == "object" && !(@.type == "text" || @.type == "refusal"))'
  then
    return size;
  end if;
  select
    size.bytes - coalesce(
      sum(octet_length(parts.image)), 0
    ) - coalesce(sum(octet_length(parts.document)), 0),
    count(parts.image),
    count(parts.document),
    coalesce(
      bool_and(
        parts.type in ('text', 'refusal') or parts.document is not null
        or parts.image ~* '^(data:image/|https?://)'
      ),
      false
    )
  into size
  from (
    select
      part ->> 'type' as type,
      case part ->> 'type'
        when 'image_url' then coalesce(part #>> '{image_url,url}', part ->> 'image_url')
      end as image,
      case part ->> 'type'
        when 'file' then part #>> '{file,file_data}'
        when 'input_audio' then part #>> '{input_audio,data}'
      end as document
    from jsonb_path_query(
      size_of_prompt.messages, '$[*].content[*] ? (@.type() == "object")'
    ) as part
  ) parts;
  return size;
end
$body$;
grant execute on function private.size_of_prompt(jsonb,bigint) to service_role;

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
      and turns.source <> 'manual'
      and turns.started_at >= spent_of.budget.period_started_at
      and (spent_of.budget.user_id is null or turns.user_id = spent_of.budget.user_id)
      and (spent_of.budget.agent_id is null or turns.agent_id = spent_of.budget.agent_id)
      and (
        spent_of.budget.access_key_id is null
        or turns.access_key_id = spent_of.budget.access_key_id
      )
  ) + (
    -- And what retention removed.
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

create function private.stale_calendars()
returns SETOF bigint
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return query select orphaned_calendars.calendar_id from private.orphaned_calendars;
end
$body$;
grant execute on function private.stale_calendars() to authenticated, service_role;

create function private.start_turn(turn private.running_turns, routes jsonb, request jsonb, messages jsonb, default_limit integer, has_budget boolean)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  begun private.running_turns := start_turn.turn;
  size private.prompt_size;
  affordable integer;
begin
  if start_turn.has_budget then
    size := private.size_of_prompt(
      start_turn.messages, (start_turn.request ->> 'other_bytes')::bigint
    );
    affordable := private.answer_limit(
      begun, start_turn.routes, start_turn.request, size, start_turn.default_limit
    );
  end if;
  begun.prices := private.prices_of_routes(start_turn.routes);
  begun.input_tokens := private.prompt_tokens(start_turn.request, start_turn.messages);
  begun.output_tokens := private.answer_tokens(
    begun.source, start_turn.request, start_turn.routes,
    coalesce(affordable, start_turn.default_limit)
  );
  insert into private.running_turns select begun.*;
  if start_turn.has_budget then
    perform private.reserve_budgets(
      begun,
      private.most_cost(start_turn.routes, size, begun.source, begun.output_tokens::integer)
    );
  end if;
  return affordable;
end
$body$;
grant execute on function private.start_turn(private.running_turns,jsonb,jsonb,jsonb,integer,boolean) to service_role;

create function private.store_answer(turn public.ai_interactions, outcome jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  calls jsonb := nullif(store_answer.outcome -> 'tool_calls', 'null');
  usage jsonb := case jsonb_typeof(store_answer.outcome -> 'usage')
    when 'object' then private.bounded_usage(store_answer.outcome -> 'usage')
  end;
begin
  if store_answer.outcome ->> 'state' = 'failed' then
    update public.chat_messages
    set status = 'error'
    where chat_messages.interaction_id = store_answer.turn.id;
    perform private.undo_branch(store_answer.turn.session_id, store_answer.turn.id);
  end if;
  if store_answer.turn.session_id is null
    or num_nonnulls(
      store_answer.outcome ->> 'content', store_answer.outcome ->> 'tool_calls',
      store_answer.outcome ->> 'usage'
    ) = 0
  then
    return;
  end if;
  insert into public.chat_messages (
    session_id, interaction_id, role, content, tool_calls, continuation, history_fingerprint,
    finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used
  )
  values (
    store_answer.turn.session_id,
    store_answer.turn.id,
    'assistant',
    coalesce(store_answer.outcome ->> 'content', ''),
    calls,
    private.continuation_of(
      coalesce(nullif(store_answer.outcome -> 'continuation', 'null'), '{}')
        || jsonb_build_object('role', 'assistant', 'tool_calls', calls),
      store_answer.outcome ->> 'vendor_id'
    ),
    case
      when store_answer.outcome ->> 'state' <> 'failed' then private.history_fingerprint_of(
        store_answer.turn.session_id,
        private.message_fingerprint(
          'assistant', null, coalesce(store_answer.outcome ->> 'content', ''), null, calls
        )
      )
    end,
    store_answer.outcome ->> 'finish_reason',
    case store_answer.outcome ->> 'state'
      when 'succeeded' then 'complete'
      when 'partial' then 'partial'
      else 'error'
    end,
    (usage ->> 'input_tokens')::integer,
    (usage ->> 'output_tokens')::integer,
    (usage ->> 'input_tokens')::integer + (usage ->> 'output_tokens')::integer,
    (store_answer.outcome ->> 'latency_ms')::integer,
    case
      when private.is_label(store_answer.outcome ->> 'model_used')
        then store_answer.outcome ->> 'model_used'
    end
  );
  perform private.note_prompt_limit(store_answer.turn.session_id, store_answer.outcome);
end
$body$;
grant execute on function private.store_answer(public.ai_interactions,jsonb) to service_role;

create function private.store_attempts(turn public.ai_interactions, attempts jsonb, sales jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  insert into public.agent_executions (
    interaction_id, agent_id, vendor_id, service_id, api_key_id, attempt, status, upstream_status,
    counts_against_agent, error_code,
    error_message, first_byte_ms, latency_ms, input_tokens, output_tokens, cached_input_tokens,
    cache_write_tokens,
    reasoning_tokens, usage_details, usage_is_estimated, price_id, cost_breakdown, total_cost,
    started_at,
    completed_at
  )
  select
    store_attempts.turn.id,
    -- A route without an agent says so with null; an absent one means the turn's. What was
    -- deleted while the turn ran is null.
    (
      select agents.id from public.agents
      where agents.id = case
        when element ? 'agent_id' then attempt.agent_id
        else store_attempts.turn.agent_id
      end
    ),
    (select vendors.id from public.vendors where vendors.id = attempt.vendor_id),
    (
      select services.id
      from public.vendor_services services
      where services.id = attempt.service_id
    ),
    attempt.api_key_id, attempt.attempt, attempt.status,
    case when attempt.upstream_status between 100 and 599 then attempt.upstream_status end,
    coalesce(attempt.counts_against_agent, false), attempt.error_code,
    left(attempt.error_message, 2000), attempt.first_byte_ms, attempt.latency_ms,
    coalesce(sale.input_tokens, 0),
    coalesce(sale.output_tokens, 0),
    coalesce(sale.cached_input_tokens, 0),
    coalesce(sale.cache_write_tokens, 0),
    coalesce(sale.reasoning_tokens, 0),
    nullif(sale.usage_details, 'null'),
    coalesce(sale.estimated, false),
    sale.price_id,
    sale.breakdown,
    case when sale.attempt is null then 0 else private.total_cost(sale.breakdown) end,
    attempt.started_at,
    attempt.started_at + make_interval(secs => coalesce(attempt.latency_ms, 0) / 1000.0)
  from jsonb_array_elements(coalesce(nullif(store_attempts.attempts, 'null'), '[]')) as element,
  jsonb_to_record(element) as attempt (
    attempt integer, agent_id uuid, vendor_id text, service_id text, api_key_id uuid, status text,
    upstream_status integer,
    counts_against_agent boolean, error_code text, error_message text, first_byte_ms integer,
    latency_ms integer,
    started_at timestamptz
  )
  left join jsonb_to_recordset(store_attempts.sales) as sale (
    attempt integer, input_tokens bigint, output_tokens bigint, cached_input_tokens bigint,
    cache_write_tokens bigint,
    reasoning_tokens bigint, usage_details jsonb, estimated boolean, price_id uuid, breakdown jsonb
  ) on sale.attempt = attempt.attempt;
end
$body$;
grant execute on function private.store_attempts(public.ai_interactions,jsonb,jsonb) to service_role;

create function private.store_messages(session_id uuid, turn_id uuid, messages jsonb, vendor_id text DEFAULT NULL::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  insert into public.chat_messages (
    session_id, interaction_id, role, content, content_parts, name, tool_calls, tool_call_id,
    continuation
  )
  select
    store_messages.session_id,
    store_messages.turn_id,
    message.value ->> 'role',
    private.text_of_message(message.value),
    private.parts_of_message(message.value),
    message.value ->> 'name',
    nullif(message.value -> 'tool_calls', 'null'),
    message.value ->> 'tool_call_id',
    private.continuation_of(message.value, store_messages.vendor_id)
  from jsonb_array_elements(store_messages.messages) with ordinality as message
  order by message.ordinality;
end
$body$;
grant execute on function private.store_messages(uuid,uuid,jsonb,text) to service_role;

create function private.store_turn(session public.chat_sessions, turn_id uuid, place private.turn_place, vendor_id text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if store_turn.session.id is null then
    return;
  end if;
  if store_turn.session.title is null and store_turn.session.message_count = 0 then
    update public.chat_sessions
    set title = private.title_of(store_turn.place.stored)
    where chat_sessions.id = store_turn.session.id;
  end if;
  if store_turn.place.kept is not null then
    perform private.begin_branch(store_turn.session, store_turn.turn_id, store_turn.place.kept);
  end if;
  perform private.store_messages(
    store_turn.session.id, store_turn.turn_id,
    store_turn.place.instructions || store_turn.place.stored, store_turn.vendor_id
  );
end
$body$;
grant execute on function private.store_turn(public.chat_sessions,uuid,private.turn_place,text) to service_role;

create function private.stored_session(place private.turn_place, request jsonb)
returns public.chat_sessions
language sql immutable security invoker
set search_path=""
as $body$
  select case
    when not stored_session.request @> '{"store": false}' then (stored_session.place).session
  end
$body$;
grant execute on function private.stored_session(private.turn_place,jsonb) to service_role;

create function private.sum_of_sales(sales jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object(
      'input_tokens', coalesce(sum((sale ->> 'input_tokens')::bigint), 0),
      'output_tokens', coalesce(sum((sale ->> 'output_tokens')::bigint), 0),
      'cached_input_tokens', coalesce(sum((sale ->> 'cached_input_tokens')::bigint), 0),
      'cache_write_tokens', coalesce(sum((sale ->> 'cache_write_tokens')::bigint), 0),
      'reasoning_tokens', coalesce(sum((sale ->> 'reasoning_tokens')::bigint), 0),
      'estimated', coalesce(bool_or((sale ->> 'estimated')::boolean), false),
      'price_id', sum_of_sales.sales -> -1 -> 'price_id',
      'breakdown', case
        when sum_of_sales.sales = '[]' then '{}'::jsonb
        when bool_or(jsonb_typeof(sale -> 'breakdown') = 'object') then (
          select coalesce(jsonb_object_agg(classes.class, classes.amount), '{}')
          from (
            select line.class, sum(line.amount::numeric) as amount
            from jsonb_array_elements(sum_of_sales.sales) as priced,
            jsonb_each_text(nullif(priced -> 'breakdown', 'null')) as line (class, amount)
            group by line.class
          ) classes
        )
      end
    )
    from jsonb_array_elements(sum_of_sales.sales) as sale
  );
end
$body$;
grant execute on function private.sum_of_sales(jsonb) to service_role;

create function private.sweep_turn(turn_id uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- What is in use is left for the next time: the session first, then the turn, as everywhere.
  perform from public.chat_sessions sessions
  where sessions.id = (
    select turns.session_id from private.running_turns turns where turns.id = sweep_turn.turn_id
  )
  for no key update skip locked;
  if not found and exists (
    select
    from private.running_turns turns
    join public.chat_sessions sessions on sessions.id = turns.session_id
    where turns.id = sweep_turn.turn_id
  ) then
    return 0;
  end if;
  perform from private.running_turns turns
  where turns.id = sweep_turn.turn_id
  for no key update skip locked;
  if not found then
    return 0;
  end if;
  return (
    public.settle_chat_turn(sweep_turn.turn_id, private.abandoned_turn()) ->> 'settled'
  )::boolean::integer;
end
$body$;
grant execute on function private.sweep_turn(uuid) to service_role;

create function private.take_key_out_of_use(key public.user_api_keys, event text, problem text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  vendor text := (
    select vendors.name from public.vendors where vendors.id = take_key_out_of_use.key.vendor_id
  );
begin
  perform set_config('agentbase.audit_event', take_key_out_of_use.event, true);
  update public.user_api_keys
  set is_active = false, last_error = take_key_out_of_use.problem
  where user_api_keys.id = take_key_out_of_use.key.id;
  perform set_config('agentbase.audit_event', '', true);
  perform private.notify(
    take_key_out_of_use.key.user_id,
    case take_key_out_of_use.event
      when 'rejected' then 'api_key_rejected' when 'undecryptable' then 'api_key_undecryptable'
    end,
    format('Your key for %s was disabled', left(vendor, 100)),
    format(
      'Your key %s for %s was disabled. %s Replace it, or enable it again.',
      coalesce(
        '"' || private.name_to_quote(take_key_out_of_use.key.display_name) || '"',
        '…' || take_key_out_of_use.key.key_preview
      ),
      vendor,
      take_key_out_of_use.problem
    ),
    jsonb_build_object(
      'key_id', take_key_out_of_use.key.id, 'vendor_id', take_key_out_of_use.key.vendor_id
    )
  );
end
$body$;
grant execute on function private.take_key_out_of_use(public.user_api_keys,text,text) to service_role;

create function private.take_nulls(target regclass)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  execute format(
    'create trigger apply_defaults before insert or update on %s for each row when (%s) '
    'execute function private.apply_defaults()',
    take_nulls.target,
    (
      select string_agg(
        case columns.atttypid when 'jsonb'::regtype then format(
          'coalesce(new.%I, ''null'') = ''null''', columns.attname
        )
          else format('new.%I is null', columns.attname) end,
        ' or ' order by columns.attnum
      )
      from pg_catalog.pg_attribute columns
      where columns.attrelid = take_nulls.target
        and columns.attnum > 0
        and columns.attnotnull
        and columns.atthasdef
        and columns.attgenerated = ''
    )
  );
end
$body$;

create function private.take_rate_limit(key text, per_minute integer)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- Rounded down, to the microsecond that Postgres keeps.
  share interval := greatest(
    make_interval(secs => floor(60000000.0 / per_minute) / 1000000), interval '1 microsecond'
  );
  moment timestamptz := clock_timestamp();
  emptied timestamptz;
begin
  insert into private.rate_limits as limits (key, empty_at)
  values (take_rate_limit.key, moment + share)
  on conflict on constraint rate_limits_pkey do update
    set empty_at = greatest(limits.empty_at, moment) + share
    where greatest(limits.empty_at, moment) + share <= moment + interval '1 minute'
  returning limits.empty_at into emptied;
  if emptied is null then
    select limits.empty_at + share - interval '1 minute' into emptied
    from private.rate_limits limits
    where limits.key = take_rate_limit.key;
    perform private.refuse(
      'rate_limit_exceeded',
      format('The limit of %s requests a minute is reached.', take_rate_limit.per_minute),
      format(
        'Try again in %s s.', greatest(ceil(extract(epoch from emptied - moment)), 1)
      ),
      jsonb_build_object(
        'limit', per_minute, 'remaining', 0,
        'retry_after_ms', greatest(ceil(extract(epoch from emptied - moment) * 1000), 1)
      )
    );
  end if;
  return jsonb_build_object(
    'limit', per_minute,
    'remaining',
    floor(extract(epoch from moment + interval '1 minute' - emptied) / extract(epoch from share)),
    'reset_ms', ceil(extract(epoch from emptied - moment) * 1000)
  );
end
$body$;
grant execute on function private.take_rate_limit(text,integer) to service_role;

create function private.take_rate_limits(user_id uuid, limits jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  organization jsonb := private.take_rate_limit(
    'organization:' || (take_rate_limits.limits ->> 'organization_id'),
    (take_rate_limits.limits ->> 'organization_per_minute')::integer
  );
  person jsonb := private.take_rate_limit(
    'user:' || user_id, (take_rate_limits.limits ->> 'user_per_minute')::integer
  );
  key jsonb := case when take_rate_limits.limits ->> 'access_key_per_minute' is not null then
    private.take_rate_limit(
      'access_key:' || (take_rate_limits.limits ->> 'access_key_id'),
      (take_rate_limits.limits ->> 'access_key_per_minute')::integer
    )
  end;
begin
  -- Not below it, so that one call of many finds it so.
  if (person ->> 'remaining')::numeric = floor((person ->> 'limit')::numeric / 5) then
    perform public.warn_of_rate_limit(
      (person ->> 'limit')::integer, user_id => take_rate_limits.user_id
    );
  end if;
  if (organization ->> 'remaining')::numeric = floor((organization ->> 'limit')::numeric / 5) then
    perform public.warn_of_rate_limit(
      (organization ->> 'limit')::integer,
      organization_id => (take_rate_limits.limits ->> 'organization_id')::uuid
    );
  end if;
  return (
    select counted.state
    from unnest(array[person, organization, key]) with ordinality as counted (state, place)
    where counted.state is not null
    order by (counted.state ->> 'remaining')::numeric, counted.place
    limit 1
  );
end
$body$;
grant execute on function private.take_rate_limits(uuid,jsonb) to service_role;

create function private.take_upserts(target regclass, key text DEFAULT 'id'::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  fixed text[];
begin
  execute format('grant insert (%I) on %s to authenticated', take_upserts.key, take_upserts.target);
  select array_agg(columns.attname::text order by columns.attnum) into fixed
  from pg_catalog.pg_attribute columns
  where columns.attrelid = take_upserts.target and columns.attnum > 0 and not columns.attisdropped
    and has_column_privilege('authenticated', take_upserts.target, columns.attnum, 'insert')
    and not has_column_privilege('authenticated', take_upserts.target, columns.attnum, 'update');
  execute format(
    'grant update (%s) on %s to authenticated',
    (select string_agg(format('%I', name), ', ') from unnest(fixed) as columns (name)),
    take_upserts.target
  );
  if (
    select pg_class.relkind = 'v' from pg_catalog.pg_class where pg_class.oid = take_upserts.target
  )
  then
    return;
  end if;
  execute format(
    'create trigger refuse_change before update on %s for each row '
    'when (current_user = ''authenticated'' and (%s) is distinct from (%s)) '
    'execute function private.refuse_change(%s)',
    take_upserts.target,
    (select string_agg(format('old.%I', name), ', ') from unnest(fixed) as columns (name)),
    (select string_agg(format('new.%I', name), ', ') from unnest(fixed) as columns (name)),
    (select string_agg(quote_literal(name), ', ') from unnest(fixed) as columns (name))
  );
end
$body$;

create function private.take_usage_to_roll_up(calendar_ids bigint[], since timestamp with time zone, until timestamp with time zone, delta_limit integer)
returns SETOF public.usage_daily_rollup
language sql volatile security invoker
set search_path=""
as $body$
  -- One statement, one snapshot: what it reads of the ledger and which deltas it takes agree.
  with calendars as materialized (
    select calendars.* from public.usage_calendars calendars
    where calendars.id = any (take_usage_to_roll_up.calendar_ids)
  ),
  taken as (
    delete from public.usage_deltas deltas using calendars
    where deltas.organization_id = calendars.organization_id
      and deltas.started_at < take_usage_to_roll_up.until
      and (
        deltas.started_at >= take_usage_to_roll_up.since
        or deltas.id in (
          select late.id from public.usage_deltas late
          where late.organization_id = (
              select calendars.organization_id from public.usage_calendars calendars
              where calendars.id = take_usage_to_roll_up.calendar_ids[1]
            )
            and late.started_at < take_usage_to_roll_up.since
          order by late.started_at limit take_usage_to_roll_up.delta_limit
        )
      )
    returning calendars.id as calendar_id, calendars.timezone, deltas.*
  ),
  parts as (
    select calendars.id as calendar_id, calendars.timezone, usage.*
    from calendars cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id
        and usage.started_at >= take_usage_to_roll_up.since
        and usage.started_at < take_usage_to_roll_up.until
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    union all
    select
      taken.calendar_id, taken.timezone, null, taken.started_at, taken.organization_id,
      taken.user_id, taken.agent_id, taken.vendor_id, taken.model_name, null,
      -- each measure: taken.{name}
      taken.interactions, taken.failed, taken.unpriced, taken.recorded, taken.input_tokens,
      taken.output_tokens, taken.total_cost, taken.recorded_cost, taken.duration_minutes,
      taken.satisfaction_sum, taken.satisfaction_count, taken.usefulness_sum, taken.usefulness_count
      -- end
    from taken where taken.started_at < take_usage_to_roll_up.since -- Later ones are in usage.
  )
  select
    null::bigint, parts.calendar_id, (parts.started_at at time zone parts.timezone)::date,
    parts.organization_id, parts.user_id, parts.agent_id, parts.vendor_id, parts.model_name,
    -- each measure: sum(parts.{name}),
    sum(parts.interactions), sum(parts.failed), sum(parts.unpriced), sum(parts.recorded),
    sum(parts.input_tokens), sum(parts.output_tokens), sum(parts.total_cost),
    sum(parts.recorded_cost), sum(parts.duration_minutes), sum(parts.satisfaction_sum),
    sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count),
    -- end
    null::timestamptz
  from parts
  group by 2, 3, 4, 5, 6, 7, 8
$body$;

create function private.target_of_turn(model text, settings jsonb, session public.chat_sessions)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- A session stays where it was begun, so a name means there what it meant.
  organization uuid := coalesce(target_of_turn.session.org_id, private.my_organization());
  target private.chat_target;
  agent public.agents;
begin
  if coalesce(target_of_turn.model, '') = '' and target_of_turn.session.agent_id is not null then
    -- A session that goes on without a model goes on with its own.
    target := private.resolve_chat_target(
      target_of_turn.session.agent_id::text, target_of_turn.settings, organization
    );
    target := coalesce(
      (
        select private.with_service(
          row(models.agent_id, models.id, models.service_id)::private.chat_target
        )
        from public.models where models.id = target_of_turn.session.model_id and models.enabled
      ),
      target
    );
  else
    target := private.resolve_chat_target(
      target_of_turn.model, target_of_turn.settings, organization
    );
  end if;

  select agents.* into agent from public.agents where agents.id = target.agent_id;
  -- The cheap half first: hardly any turn has the other to answer.
  if (
    case
      when agent.organization_id <> target_of_turn.session.org_id
        then agent.organization_id = any (array(select private.my_organizations('member')))
    end
  )
  then
    perform private.refuse(
      'session_of_another_organization',
      format('The agent "%s" belongs to a different organization than this session.', agent.name),
      'Leave the session id out to start a new session.'
    );
  end if;
  return target;
end
$body$;
grant execute on function private.target_of_turn(text,jsonb,public.chat_sessions) to service_role;

create function private.text_of(content jsonb)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case jsonb_typeof(text_of.content)
    when 'string' then text_of.content #>> '{}'
    when 'array' then coalesce(
      (
        select string_agg(part.value ->> 'text', E'\n' order by part.ordinality)
        from jsonb_array_elements(text_of.content) with ordinality as part
        where jsonb_typeof(part.value) = 'object' and part.value ->> 'type' = 'text'
      ),
      ''
    )
    else ''
  end;
end
$body$;
grant execute on function private.text_of(jsonb) to authenticated, service_role;

create function private.text_of_message(message jsonb)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select coalesce(
    nullif(private.text_of(text_of_message.message -> 'content'), ''),
    case text_of_message.message ->> 'role'
      when 'assistant' then text_of_message.message ->> 'refusal'
    end,
    ''
  )
$body$;
grant execute on function private.text_of_message(jsonb) to service_role;

create function private.text_tokens(content text)
returns bigint
language sql immutable security invoker
set search_path=""
as $body$
  select ceil(
    (3 * octet_length(text_tokens.content) - char_length(text_tokens.content)) / 8.0
  )::bigint
$body$;
grant execute on function private.text_tokens(text) to service_role;

create function private.thought_levels_below(thought public.agent_thoughts, most integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  level integer := 0;
  nodes text[] := array[(thought_levels_below.thought).node_id];
begin
  loop
    nodes = array(
      select thoughts.node_id
      from public.agent_thoughts thoughts
      where thoughts.execution_id = (thought_levels_below.thought).execution_id
        and thoughts.parent_node_id = any (nodes)
    );
    exit when cardinality(nodes) = 0 or level > thought_levels_below.most;
    level = level + 1;
  end loop;
  return level;
end
$body$;

create function private.thought_nodes(execution_id uuid, most integer)
returns TABLE(thought_id uuid, node_id text, level integer, place bigint, is_orphan boolean)
language sql stable security invoker
set search_path=""
as $body$
  with recursive numbered as materialized (
    select
      thoughts.id, thoughts.node_id, thoughts.parent_node_id,
      row_number() over (order by thoughts.created_at, thoughts.node_id)::integer as number
    from public.agent_thoughts thoughts
    where thoughts.execution_id = thought_nodes.execution_id
    order by thoughts.created_at, thoughts.node_id
    limit thought_nodes.most
  ),
  tree as (
    select numbered.id, numbered.node_id, array[numbered.number] as path, parent_node_id
    from numbered
    where numbered.parent_node_id is null
      or not exists (
        select from numbered parent where parent.node_id = numbered.parent_node_id
      )
    union all
    select child.id, child.node_id, tree.path || child.number, child.parent_node_id
    from tree
    join numbered child on child.parent_node_id = tree.node_id
  )
  select
    tree.id, tree.node_id, cardinality(tree.path), row_number() over (order by tree.path),
    cardinality(tree.path) = 1 and tree.parent_node_id is not null
  from tree
$body$;
grant execute on function private.thought_nodes(uuid,integer) to authenticated, service_role;

create function private.time_out_executions(workflow uuid, batch integer DEFAULT 1000)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  with silent as (
    select executions.id
    from public.workflow_executions executions
    where executions.workflow_id = time_out_executions.workflow
      and executions.status = 'running'
      and executions.updated_at < now() - (private.limits()).execution_silence
    limit time_out_executions.batch
    for no key update skip locked
  ),
  ended as (
    update public.workflow_executions
    set status = 'error', error_data = '{"status": "timed_out"}',
        completed_at = greatest(now(), workflow_executions.started_at)
    where workflow_executions.id in (select silent.id from silent)
    returning workflow_executions.id
  )
  select count(*)::integer from ended
$body$;

create function private.time_workflow_execution()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.execution_time_ms = least(
    floor(extract(epoch from new.completed_at - new.started_at) * 1000), 2147483647
  );
  return new;
end
$body$;

create function private.title_of(messages jsonb)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  words text := btrim(regexp_replace(
    left(
      private.text_of(
        jsonb_path_query_first(title_of.messages, '$[*] ? (@.role == "user").content')
      ),
      1000
    ),
    '\s+', ' ', 'g'
  ));
begin
  return case
    when words = '' then null
    when char_length(words) <= 60 then words
    -- Up to the last whole word; a text without spaces is cut.
    else coalesce(substring(left(words, 60) from '^(.{20,}) '), left(words, 59)) || '…'
  end;
end
$body$;
grant execute on function private.title_of(jsonb) to service_role;

create function private.token_classes(usage jsonb)
returns TABLE(input numeric, cached numeric, written numeric, written_1h numeric, output numeric, reasoning numeric)
language sql immutable security invoker
set search_path=""
as $body$
  with tokens as (
    select
      coalesce((token_classes.usage ->> 'input_tokens')::numeric, 0) as input,
      coalesce((token_classes.usage ->> 'cached_input_tokens')::numeric, 0) as cached,
      coalesce((token_classes.usage ->> 'cache_write_tokens')::numeric, 0) as written,
      coalesce(
        (token_classes.usage #>> '{usage_details,cache_write_1h_tokens}')::numeric,
        (token_classes.usage ->> 'cache_write_1h_tokens')::numeric,
        0
      ) as written_1h,
      coalesce((token_classes.usage ->> 'output_tokens')::numeric, 0) as output,
      coalesce((token_classes.usage ->> 'reasoning_tokens')::numeric, 0) as reasoning
  )
  -- A vendor that counts more cached than prompt tokens, or more reasoning than
  -- output, contradicts itself: the discount is dropped, never a negative line.
  select
    case when cached + written <= input then input - cached - written else input end,
    case when cached + written <= input then cached else 0 end,
    case when cached + written <= input then written - least(written_1h, written) else 0 end,
    case when cached + written <= input then least(written_1h, written) else 0 end,
    case when reasoning <= output then output - reasoning else output end,
    case when reasoning <= output then reasoning else 0 end
  from tokens
$body$;
grant execute on function private.token_classes(jsonb) to service_role;

create function private.token_hash(token text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select encode(sha256(convert_to(token_hash.token, 'UTF8')), 'hex')
$body$;

create function private.total_cost(breakdown jsonb)
returns numeric
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case when total_cost.breakdown is not null then round(
    coalesce(
      (
        select sum(line.amount::numeric)
        from jsonb_each_text(total_cost.breakdown) as line (class, amount)
      ),
      0
    ),
    10
  ) end;
end
$body$;
grant execute on function private.total_cost(jsonb) to service_role;

create function private.trim_agent(agent_id uuid, batch integer DEFAULT 5000)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.remove_old_thoughts(trim_agent.agent_id, trim_agent.batch)
    + private.remove_old_executions(trim_agent.agent_id, trim_agent.batch / 10)
$body$;

create function private.try_job(name text, item text DEFAULT NULL::text, OUT outcome text, OUT result text, OUT error_code text, OUT error_message text)
returns record
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- @plpgsql_check_options: security_warnings = off
  job private.jobs;
begin
  select jobs.* into job from private.jobs where jobs.name = try_job.name;
  -- A job gives way: what it would have to wait for long is tried again in its next run.
  perform set_config('lock_timeout', '5s', true);
  execute job.command into try_job.result using try_job.item;
  -- What is checked at the end of a transaction is to fail here, where it is caught.
  set constraints all immediate;
  outcome := 'succeeded';
exception
  when query_canceled then
    outcome := 'timed_out';
    error_code := sqlstate;
    error_message := format('The run was cut: it may take %s.', job.timeout);
  when others then
    outcome := 'failed';
    error_code := sqlstate;
    error_message := sqlerrm;
end
$body$;

create function private.turns_to_sweep()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select abandoned.* from private.abandoned_turns(now()) abandoned
$body$;

create function private.unanswered_turn()
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select
    '{"state": "failed", "error": {"code": "begin_unanswered", "message": "The connection to the '
    'database broke while this turn began. No model was called."}}'::jsonb
$body$;
grant execute on function private.unanswered_turn() to service_role;

create function private.unarchive_usage(interactions uuid[])
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  changed bigint[];
begin
  with taken as (
    update public.usage_archive_rollup rollup
    set
      -- each measure: {name} = rollup.{name} - restored.{name},
      interactions = rollup.interactions - restored.interactions,
      failed = rollup.failed - restored.failed, unpriced = rollup.unpriced - restored.unpriced,
      recorded = rollup.recorded - restored.recorded,
      input_tokens = rollup.input_tokens - restored.input_tokens,
      output_tokens = rollup.output_tokens - restored.output_tokens,
      total_cost = rollup.total_cost - restored.total_cost,
      recorded_cost = rollup.recorded_cost - restored.recorded_cost,
      duration_minutes = rollup.duration_minutes - restored.duration_minutes,
      satisfaction_sum = rollup.satisfaction_sum - restored.satisfaction_sum,
      satisfaction_count = rollup.satisfaction_count - restored.satisfaction_count,
      usefulness_sum = rollup.usefulness_sum - restored.usefulness_sum,
      usefulness_count = rollup.usefulness_count - restored.usefulness_count,
      -- end
      fingerprints = array(
        select unnest(rollup.fingerprints) except all select unnest(restored.fingerprints)
      )
    from private.usage_of_interactions(unarchive_usage.interactions) restored
    where (rollup.organization_id, rollup.started_at)
        = (restored.organization_id, restored.started_at)
      and rollup.user_id is not distinct from restored.user_id
      and rollup.agent_id is not distinct from restored.agent_id
      and rollup.vendor_id is not distinct from restored.vendor_id
      and rollup.model_name is not distinct from restored.model_name
      and rollup.access_key_id is not distinct from restored.access_key_id
    returning rollup.id
  )
  select array_agg(taken.id) into changed from taken;
  delete from public.usage_archive_rollup
  where usage_archive_rollup.id = any (changed) and usage_archive_rollup.fingerprints = '{}';
end
$body$;

create function private.undo_branch(session_id uuid, turn_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from private.session_branches
  where session_branches.session_id = undo_branch.session_id
    and session_branches.turn_id = undo_branch.turn_id;
  if found then
    update public.chat_sessions
    set current_branch = coalesce(
      (
        select branches.branch
        from private.session_branches branches
        where branches.session_id = undo_branch.session_id
        order by branches.first_seq desc
        limit 1
      ),
      '{(,)}'
    )
    where chat_sessions.id = undo_branch.session_id;
  end if;
end
$body$;
grant execute on function private.undo_branch(uuid,uuid) to service_role;

create function private.unit_costs(price public.service_prices, units jsonb)
returns TABLE(class text, amount numeric)
language sql immutable security invoker
set search_path=""
as $body$
  select
    split_part(used.unit, '/', 1),
    sum(used.number::numeric * private.unit_rate(unit_costs.price.unit_rates, used.unit))
  from jsonb_each_text(
    case jsonb_typeof(unit_costs.units) when 'object' then unit_costs.units else '{}' end
  ) as used (unit, number)
  group by 1
$body$;
grant execute on function private.unit_costs(public.service_prices,jsonb) to service_role;

create function private.unit_rate(rates jsonb, unit text)
returns numeric
language sql immutable security invoker
set search_path=""
as $body$
  select rate.amount::numeric
  from jsonb_each_text(unit_rate.rates) as rate (unit, amount)
  where split_part(rate.unit, '/', 1) = split_part(unit_rate.unit, '/', 1)
  order by
    starts_with(unit_rate.unit || '/', rate.unit || '/') desc,
    case
      when starts_with(unit_rate.unit || '/', rate.unit || '/') then char_length(rate.unit)
    end desc,
    rate.amount::numeric desc
  limit 1
$body$;
grant execute on function private.unit_rate(jsonb,text) to service_role;

create function private.unmeasured_days()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    days.day::text,
    1::bigint,
    (days.day + 1)::timestamp at time zone 'UTC' + interval '12 hours'
  from (
    select (now() at time zone 'UTC')::date - ago as day from generate_series(1, 7) as ago
  ) days
  where not exists (select from private.measured_days where measured_days.date = days.day)
$body$;
grant execute on function private.unmeasured_days() to service_role;

create function private.unopened_accounts()
returns SETOF auth.users
language sql stable security definer
set search_path=""
as $body$
  select users.*
  from auth.users
  left join public.profiles on profiles.id = users.id
  left join public.organizations on organizations.created_by = users.id
  and organizations.is_personal
  where profiles.id is null or organizations.id is null
$body$;

create function private.unpublished_tables()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select wanted.name
  from private.realtime_tables() wanted
  where private.replica_identity(wanted.name) <> wanted.identity
    or not exists (
      select from pg_catalog.pg_publication_tables published
      where published.pubname = 'supabase_realtime'
        and published.schemaname = 'public'
        and published.tablename = wanted.name
    )
$body$;
grant execute on function private.unpublished_tables() to service_role;

create function private.unshare_keys_of_leaver()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.user_api_keys
  set organization_id = null
  where user_api_keys.user_id = old.user_id and user_api_keys.organization_id = old.organization_id;
  return null;
end
$body$;

create function private.update_agent_rollup()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  insert into public.usage_agent_rollup as rollup (
    agent_id, calendar_id, organization_id,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    parts.agent_id, parts.calendar_id, parts.organization_id,
    -- each measure: sum(parts.sign * parts.{name})
    sum(parts.sign * parts.interactions), sum(parts.sign * parts.failed),
    sum(parts.sign * parts.unpriced), sum(parts.sign * parts.recorded),
    sum(parts.sign * parts.input_tokens), sum(parts.sign * parts.output_tokens),
    sum(parts.sign * parts.total_cost), sum(parts.sign * parts.recorded_cost),
    sum(parts.sign * parts.duration_minutes), sum(parts.sign * parts.satisfaction_sum),
    sum(parts.sign * parts.satisfaction_count), sum(parts.sign * parts.usefulness_sum),
    sum(parts.sign * parts.usefulness_count)
    -- end
  from (
    -- Not a join of the two: the planner cannot know how large they are.
    select added.*, 1 as sign from added
    union all
    select removed.*, -1 from removed
  ) parts
  where parts.agent_id is not null
  group by parts.agent_id, parts.calendar_id, parts.organization_id
  order by parts.agent_id, parts.calendar_id
  on conflict (agent_id, calendar_id) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name}
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count
    -- end
  ;
  return null;
end
$body$;

create function private.update_agent_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  changes jsonb;
begin
  new.website_domain = lower(new.website_domain);
  changes = private.changed_fields(to_jsonb(old), to_jsonb(new));
  if private.update_row(
    'public.chat_sessions',
    jsonb_build_object('id', old.id),
    changes - 'conversation_history' - 'message_count'
  ) is null then
    return null;
  end if;
  if changes ? 'conversation_history' then
    perform private.append_history(new.id, new.conversation_history);
  end if;
  select sessions.* into new from public.agent_sessions sessions where sessions.id = new.id;
  return new;
end
$body$;

create function private.update_ai_agent()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb := private.update_row('public.agents',
  jsonb_build_object('id', old.id),
  private.rename_fields(
    private.changed_fields(to_jsonb(old), to_jsonb(new)),
    '{"configuration": "config", "is_active": "enabled", "user_id": "created_by"}'
  ));
begin
  -- Nothing was updated: the agent belongs to another user.
  if stored is null then
    return null;
  end if;
  return jsonb_populate_record(new, private.rename_fields(
    stored - 'is_active',
    '{"config": "configuration", "enabled": "is_active", "created_by": "user_id"}'
  ));
end
$body$;

create function private.update_row(target regclass, key jsonb, changes jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb;
begin
  -- Only what changed: another user may be changing another column now. Where nothing did, the
  -- key.
  execute format(
    'update %1$s as stored set %2$s from jsonb_populate_record(null::%1$s, $1) given, '
    'jsonb_populate_record(null::%1$s, $2) keys '
    'where %3$s returning to_jsonb(stored)',
    update_row.target,
    (
      select string_agg(format('%1$I = given.%1$I', fields.name), ', ')
      from jsonb_object_keys(
        case when update_row.changes = '{}' then update_row.key else update_row.changes end
      ) as fields (name)
    ),
    (
      select string_agg(format('stored.%1$I = keys.%1$I', parts.name), ' and ')
      from jsonb_object_keys(update_row.key) as parts (name)
    )
  ) into stored using update_row.key || update_row.changes, update_row.key;
  return stored;
end
$body$;
grant execute on function private.update_row(regclass,jsonb,jsonb) to authenticated, service_role;

create function private.update_user_role()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb := private.update_row(
    'public.organization_members',
    jsonb_build_object('organization_id', old.team_id, 'user_id', old.user_id),
    private.rename_fields(
      private.changed_fields(to_jsonb(old), to_jsonb(new)) - 'id', '{"team_id": "organization_id"}'
    )
  );
begin
  if stored is null then
    return null;
  end if;
  select roles.* into new from public.user_roles roles
  where roles.team_id = (stored ->> 'organization_id')::uuid
    and roles.user_id = (stored ->> 'user_id')::uuid;
  return new;
end
$body$;

create function private.upstream_report()
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'healthy', count(*) filter (where health.status = 'healthy' and proof.is_there),
    'unproved', count(*) filter (where health.status = 'healthy' and not proof.is_there),
    'degraded', count(*) filter (where health.status = 'degraded'),
    'unhealthy', count(*) filter (where health.status = 'unhealthy'),
    'open_circuits', count(*) filter (where health.circuit_state <> 'closed'),
    'last_check', max(health.last_check),
    -- Those of the platform are the operator's to mend.
    'platform', coalesce(
      jsonb_agg(jsonb_build_object(
        'agent_id', agents.id, 'name', agents.name, 'status', health.status, 'circuit_state',
        health.circuit_state,
        'last_check', health.last_check, 'latency_ms', health.latency_ms
      ) order by agents.name) filter (where agents.is_platform),
      '[]'
    )
  )
  from public.agents
  join public.agent_health health on health.agent_id = agents.id
  cross join lateral (
    select health.last_check > now() - interval '1 day' is true or exists (
      select from public.agent_executions executions
      where executions.agent_id = agents.id
        and executions.started_at > now() - interval '1 day'
        and executions.status = 'succeeded'
    ) as is_there
  ) proof
  where agents.enabled
$body$;
grant execute on function private.upstream_report() to service_role;

create function private.usable_api_keys(user_id uuid, organization_id uuid, vendor_id text, service_id text DEFAULT NULL::text)
returns SETOF public.user_api_keys
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select keys.*
  from public.user_api_keys keys
  where keys.vendor_id = usable_api_keys.vendor_id
    and (keys.service_id is null or keys.service_id = usable_api_keys.service_id)
    and keys.is_active
    and (
      keys.user_id = usable_api_keys.user_id
      -- An organization's key is spent within its budgets, so only where it pays.
      or (
        keys.organization_id = usable_api_keys.organization_id
        and keys.organization_id = any (array(select private.my_organizations('member')))
      )
    )
  order by
    keys.user_id <> usable_api_keys.user_id, keys.service_id is null, keys.created_at desc, keys.id;
end
$body$;
grant execute on function private.usable_api_keys(uuid,uuid,text,text) to service_role;

create function private.usage_by(by text, from_date date, to_date date, organization_id uuid)
returns TABLE(key text, label text, interactions bigint, failed bigint, unpriced bigint, recorded bigint, input_tokens numeric, output_tokens numeric, total_cost numeric, recorded_cost numeric, duration_minutes bigint, satisfaction_sum bigint, satisfaction_count bigint, usefulness_sum bigint, usefulness_count bigint)
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  return query
  select
    keys.key, coalesce(max(labels.label), keys.key),
    -- each measure: sum(keys.{name})::{type}
    sum(keys.interactions)::bigint, sum(keys.failed)::bigint, sum(keys.unpriced)::bigint,
    sum(keys.recorded)::bigint, sum(keys.input_tokens)::numeric, sum(keys.output_tokens)::numeric,
    sum(keys.total_cost)::numeric, sum(keys.recorded_cost)::numeric,
    sum(keys.duration_minutes)::bigint, sum(keys.satisfaction_sum)::bigint,
    sum(keys.satisfaction_count)::bigint, sum(keys.usefulness_sum)::bigint,
    sum(keys.usefulness_count)::bigint
    -- end
  from (
    select
      usage.*,
      case usage_by.by
        when 'total' then 'total'
        when 'day' then usage.date::text
        when 'organization' then usage.organization_id::text
        when 'user' then usage.user_id::text
        when 'agent' then usage.agent_id::text
        when 'model' then usage.model_name
        when 'vendor' then usage.vendor_id
        when 'feature' then mappings.feature_id
      end as key
    from public.daily_usage usage
    left join public.agent_feature_mappings mappings
      on usage_by.by = 'feature' and mappings.agent_id = usage.agent_id
    where usage.date between usage_by.from_date and usage_by.to_date
      and (
        usage_by.organization_id is null or usage.organization_id = usage_by.organization_id
      )
  ) keys
  left join private.usage_labels(usage_by.by) labels on labels.key = keys.key
  group by keys.key
  having sum(keys.interactions) > 0;
end
$body$;
grant execute on function private.usage_by(text,date,date,uuid) to authenticated, service_role;

create function private.usage_details(usage jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return (
    select nullif(jsonb_strip_nulls(jsonb_build_object(
      'service_tier',
      nullif(private.service_tier(usage_details.usage ->> 'service_tier'), 'standard'),
      'cache_write_1h_tokens', case
        when jsonb_typeof(usage_details.usage -> 'cache_write_1h_tokens') = 'number'
        then nullif(
          least(
            greatest(trunc((usage_details.usage ->> 'cache_write_1h_tokens')::numeric), 0),
            1000000000
          ),
          0
        )
      end,
      'units', (
        select jsonb_object_agg(used.unit, least(used.number, '1000000000'))
        from jsonb_each(
          case jsonb_typeof(usage_details.usage -> 'units')
            when 'object' then usage_details.usage -> 'units' else '{}'
          end
        ) as used (unit, number)
        where jsonb_typeof(used.number) = 'number' and used.number > '0'
          and used.unit ~ '^(character|second|image)(/[a-z0-9_.-]{1,40}){0,2}$'
      )
    )), '{}')
  );
end
$body$;
grant execute on function private.usage_details(jsonb) to service_role;

create function private.usage_differences(from_date date, to_date date)
returns SETOF public.daily_usage
language sql stable security invoker
set search_path=""
as $body$
  select
    parts.date, parts.organization_id, parts.user_id, parts.agent_id, parts.vendor_id,
    parts.model_name,
    -- each measure: sum(parts.sign * parts.{name})
    sum(parts.sign * parts.interactions), sum(parts.sign * parts.failed),
    sum(parts.sign * parts.unpriced), sum(parts.sign * parts.recorded),
    sum(parts.sign * parts.input_tokens), sum(parts.sign * parts.output_tokens),
    sum(parts.sign * parts.total_cost), sum(parts.sign * parts.recorded_cost),
    sum(parts.sign * parts.duration_minutes), sum(parts.sign * parts.satisfaction_sum),
    sum(parts.sign * parts.satisfaction_count), sum(parts.sign * parts.usefulness_sum),
    sum(parts.sign * parts.usefulness_count)
    -- end
  from (
    select 1 as sign, usage.* from public.daily_usage usage
    where usage.date between usage_differences.from_date and usage_differences.to_date
    union all
    select
      -1, days.date, organizations.id, usage.user_id, usage.agent_id, usage.vendor_id,
      usage.model_name,
      -- each measure: usage.{name}
      usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
      usage.output_tokens, usage.total_cost, usage.recorded_cost, usage.duration_minutes,
      usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum, usage.usefulness_count
      -- end
    from private.interaction_usage usage
    join public.organizations on organizations.id = usage.organization_id
    cross join lateral (
      select (usage.started_at at time zone organizations.timezone)::date as date
    ) days
    where days.date between usage_differences.from_date and usage_differences.to_date
      and usage.started_at
        >= usage_differences.from_date::timestamp at time zone 'UTC' - interval '15 hours'
      and usage.started_at
        < (usage_differences.to_date + 1)::timestamp at time zone 'UTC' + interval '15 hours'
  ) parts
  group by 1, 2, 3, 4, 5, 6
  having 0 <> any (array[
    -- each measure: sum(parts.sign * parts.{name})
    sum(parts.sign * parts.interactions), sum(parts.sign * parts.failed),
    sum(parts.sign * parts.unpriced), sum(parts.sign * parts.recorded),
    sum(parts.sign * parts.input_tokens), sum(parts.sign * parts.output_tokens),
    sum(parts.sign * parts.total_cost), sum(parts.sign * parts.recorded_cost),
    sum(parts.sign * parts.duration_minutes), sum(parts.sign * parts.satisfaction_sum),
    sum(parts.sign * parts.satisfaction_count), sum(parts.sign * parts.usefulness_sum),
    sum(parts.sign * parts.usefulness_count)
    -- end
  ])
$body$;
grant execute on function private.usage_differences(date,date) to service_role;

create function private.usage_labels(by text)
returns TABLE(key text, label text)
language sql stable security invoker
set search_path=""
as $body$
  select organizations.id::text, organizations.name
  from public.organizations
  where usage_labels.by = 'organization'
  union all
  select agents.id::text, agents.name from public.agents where usage_labels.by = 'agent'
  union all
  select vendors.id, vendors.name from public.vendors where usage_labels.by = 'vendor'
  union all
  select features.id, features.name
  from public.agent_features features
  where usage_labels.by = 'feature'
  union all
  select people.id::text, max(coalesce(people.full_name, people.email))
  from (
    select profiles.id, profiles.full_name, profiles.email from public.profiles
    union all
    select people.user_id, people.full_name, people.email
    from private.member_directory people
  ) people
  where usage_labels.by = 'user'
  group by people.id
$body$;
grant execute on function private.usage_labels(text) to authenticated, service_role;

create function private.usage_of_interactions(interactions uuid[])
returns SETOF public.usage_archive_rollup
language sql stable security invoker
set search_path=""
as $body$
  select
    null::bigint, date_bin('15 minutes', ledger.started_at, '2000-01-01 00:00:00+00'),
    ledger.organization_id, ledger.user_id, ledger.agent_id, ledger.vendor_id,
    left(ledger.model_name, 255), ledger.access_key_id,
    -- Deleted ones have no usage; their fingerprints are kept all the same.
    -- each measure: coalesce(sum(usage.{name}), 0),
    coalesce(sum(usage.interactions), 0), coalesce(sum(usage.failed), 0),
    coalesce(sum(usage.unpriced), 0), coalesce(sum(usage.recorded), 0),
    coalesce(sum(usage.input_tokens), 0), coalesce(sum(usage.output_tokens), 0),
    coalesce(sum(usage.total_cost), 0), coalesce(sum(usage.recorded_cost), 0),
    coalesce(sum(usage.duration_minutes), 0), coalesce(sum(usage.satisfaction_sum), 0),
    coalesce(sum(usage.satisfaction_count), 0), coalesce(sum(usage.usefulness_sum), 0),
    coalesce(sum(usage.usefulness_count), 0),
    -- end
    array_agg(private.interaction_fingerprint(ledger)), now()
  from public.ai_interactions ledger
  left join private.interaction_usage usage
    on usage.interaction_id = ledger.id
    and usage.interaction_id = any (usage_of_interactions.interactions)
  where ledger.id = any (usage_of_interactions.interactions)
  group by 2, 3, 4, 5, 6, 7, 8
$body$;

create function private.use_access_key(token_hash text, scope text)
returns public.access_keys
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  secret private.access_key_secrets;
  key public.access_keys;
begin
  select secrets.* into secret
  from private.access_key_secrets secrets
  where secrets.token_hash = use_access_key.token_hash;
  select keys.* into key from public.access_keys keys where keys.id = secret.access_key_id;
  if key.id is null then
    perform private.refuse(
      'invalid_api_key', 'This access key does not exist.',
      'Check the key, or create a new one.'
    );
  elsif key.revoked_at is not null then
    perform private.refuse(
      'access_key_revoked', 'This access key has been revoked.',
      'Create a new one.'
    );
  elsif secret.expires_at <= now() then
    perform private.refuse(
      'access_key_replaced', 'This access key has been rotated.',
      'Use the key that replaced it.'
    );
  elsif key.expires_at <= now() then
    perform private.refuse(
      'access_key_expired', 'This access key has expired.',
      'Create a new one, or extend its "expires_at".'
    );
  elsif use_access_key.scope is null then
    perform private.refuse(
      'access_key_not_accepted', 'This operation does not accept access keys.',
      'Sign in and use your access token.'
    );
  elsif use_access_key.scope <> all (key.scopes) then
    perform private.refuse(
      'access_key_scope_missing',
      format('This access key does not have the scope "%s".', use_access_key.scope),
      format('Add "%s" to its scopes.', use_access_key.scope)
    );
  end if;
  -- To a minute; a second caller skips it while the first updates, so that no one waits.
  update public.access_keys
  set last_used_at = now()
  where access_keys.id = (
    select keys.id from public.access_keys keys
    where keys.id = key.id
      and (keys.last_used_at is null or keys.last_used_at < now() - interval '1 minute')
    for no key update skip locked
  );
  return key;
end
$body$;
grant execute on function private.use_access_key(text,text) to service_role;

create function private.uses_of_day(agent_id uuid, organization_id uuid, timezone text, day date)
returns TABLE(first_use timestamp with time zone, last_use timestamp with time zone)
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- An hour more at the end, and the exact test below: clocks have been set back across midnight.
  since timestamptz := private.day_start(uses_of_day.day, uses_of_day.timezone);
  until timestamptz := (
    uses_of_day.day + 1
  )::timestamp at time zone uses_of_day.timezone + interval '1 hour';
begin
  -- From each end of the index to the first that counts: a day may have very many.
  select i.started_at into first_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone uses_of_day.timezone)::date = uses_of_day.day
    and i.status <> 'deleted'
  order by i.started_at
  limit 1;
  select i.started_at into last_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone uses_of_day.timezone)::date = uses_of_day.day
    and i.status <> 'deleted'
  order by i.started_at desc
  limit 1;
  return next;
end
$body$;
grant execute on function private.uses_of_day(uuid,uuid,text,date) to authenticated, service_role;

create function private.vault_secret(name text)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  secret text;
begin
  if to_regclass('vault.decrypted_secrets') is not null then
    -- The name is put together here, for a lint would miss the extension where it is not installed.
    execute format(
      'select decrypted_secret from %I.decrypted_secrets where name = $1', 'vault'
    ) into secret using vault_secret.name;
  end if;
  -- Without it a call would go out with an empty key, and its refusal would have no explanation.
  if coalesce(secret, '') = '' then
    perform private.refuse(
      'function_calls_not_configured', format('Vault has no secret "%s".', vault_secret.name),
      format('Run select vault.create_secret(''…'', ''%s'').', vault_secret.name)
    );
  end if;
  return secret;
end
$body$;

create function private.visible_api_key(key public.user_api_keys)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select jsonb_build_object(
    'id', visible_api_key.key.id, 'vendor_id', visible_api_key.key.vendor_id, 'service_id',
    visible_api_key.key.service_id, 'organization_id',
    visible_api_key.key.organization_id,
    'display_name', visible_api_key.key.display_name,
    'settings', visible_api_key.key.settings, 'key_preview',
    visible_api_key.key.key_preview, 'is_active', visible_api_key.key.is_active,
    'last_used_at', visible_api_key.key.last_used_at, 'last_error', visible_api_key.key.last_error,
    'created_at', visible_api_key.key.created_at,
    'updated_at', visible_api_key.key.updated_at
  )
$body$;
grant execute on function private.visible_api_key(public.user_api_keys) to service_role;

create function private.void_invitations()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.organization_invitations invitations
  where invitations.organization_id = old.organization_id
    -- Those without an inviter too: deleting an account clears its name first.
    and coalesce(invitations.invited_by, old.user_id) = old.user_id
    and invitations.accepted_at is null
    and not private.may_grant(old.organization_id, invitations.invited_by, invitations.role);
  return null;
end
$body$;

create function private.watermark_of(organization_id uuid)
returns timestamp with time zone
language sql volatile security invoker
set search_path=""
as $body$
  -- The lock keeps its calendar from being replaced before this transaction ends.
  select date_bin('15 minutes', watermark.rolled_up_until, '2000-01-01 00:00:00+00')
  from public.usage_calendars calendars
  cross join private.usage_watermark watermark
  where calendars.organization_id = watermark_of.organization_id
    and calendars.rolled_up_until = 'infinity'
    and isfinite(watermark.rolled_up_until)
  for share of calendars
$body$;

create function private.with_service(target private.chat_target)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  filled private.chat_target := with_service.target;
begin
  if filled.service_id is null and filled.agent_id is not null then
    filled.service_id := (
      select private.service_named(
        agents.vendor_id,
        case when filled.model_id is null then agents.model_name else models.model_id end
      )
      from public.agents
      left join public.models on models.id = filled.model_id
      where agents.id = filled.agent_id
    );
  end if;
  return filled;
end
$body$;
grant execute on function private.with_service(private.chat_target) to service_role;

create function private.without_open_calls(history jsonb, messages jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if not without_open_calls.history @? '$[*].tool_calls' then
    return without_open_calls.history;
  end if;
  return (
    with said as (
      select
        element.value as message,
        element.ordinality as place,
        -- Results follow the message whose calls they answer.
        count(*) filter (
          where element.value ->> 'role' <> 'tool'
        ) over (order by element.ordinality) as block
      from jsonb_array_elements(
        without_open_calls.history || without_open_calls.messages
      ) with ordinality as element
    ),
    answered as (
      select
        said.*,
        array_agg(said.message ->> 'tool_call_id') over (partition by said.block) as answers
      from said
    ),
    kept as (
      select answered.message - 'tool_calls' as message, answered.place, (
        select jsonb_build_object('tool_calls', jsonb_agg(call.value order by call.ordinality))
        from jsonb_array_elements(answered.message -> 'tool_calls') with ordinality as call
        where call.value ->> 'id' = any (answered.answers)
        having count(*) > 0
      ) as calls
      from answered
      where answered.place <= jsonb_array_length(without_open_calls.history)
    )
    select coalesce(
      jsonb_agg(kept.message || coalesce(kept.calls, '{}') order by kept.place), '[]'
    )
    from kept
    where kept.calls is not null or kept.message -> 'content' <> 'null'
  );
end
$body$;
grant execute on function private.without_open_calls(jsonb,jsonb) to service_role;

create function private.without_secrets(message text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select left(
    regexp_replace(
      regexp_replace(
        without_secrets.message,
        '\m(sb_secret_|sb_publishable_|agb_|inv_|sess_|mcp_|sk-|eyJ|v1:)[A-Za-z0-9_.:/+=-]+',
        '\1…', 'g'
      ),
      '(Bearer +)[^\s,;]+', '\1…', 'gi'
    ),
    1000
  )
$body$;

create function private.workflows_to_time_out()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    silent.workflow_id::text,
    row_number() over (
      partition by coalesce(agents.organization_id, agents.created_by)
      order by silent.since, silent.workflow_id
    ),
    silent.since + (private.limits()).execution_silence
  from (
    select executions.workflow_id, min(executions.updated_at) as since
    from public.workflow_executions executions
    where executions.status = 'running'
      and executions.updated_at < now() - (private.limits()).execution_silence
    group by executions.workflow_id
  ) silent
  join public.workflows on workflows.id = silent.workflow_id
  join public.agents on agents.id = workflows.agent_id
$body$;

create function public.accept_invitation(token text)
returns uuid
language sql volatile security invoker
set search_path=""
as $body$
  select private.accept_invitation(accept_invitation.token)
$body$;
grant execute on function public.accept_invitation(text) to authenticated;

create function public.add_vendor(id text, name text, description text DEFAULT NULL::text, auth_type text DEFAULT 'api_key'::text, base_url text DEFAULT NULL::text, api_format text DEFAULT 'openai'::text, auth_header text DEFAULT 'Authorization'::text, auth_scheme text DEFAULT 'Bearer'::text)
returns text
language sql volatile security invoker
set search_path=""
as $body$
  insert into public.vendors (
    id, name, description, auth_type, base_url, api_format, auth_header, auth_scheme
  )
  values (
    add_vendor.id, add_vendor.name, add_vendor.description, add_vendor.auth_type,
    add_vendor.base_url, add_vendor.api_format, add_vendor.auth_header, add_vendor.auth_scheme
  )
  returning vendors.id
$body$;
grant execute on function public.add_vendor(text,text,text,text,text,text,text,text) to service_role;

create function public.add_vendor_service(id text, vendor_id text, service_name text, display_name text DEFAULT NULL::text, description text DEFAULT NULL::text, service_kind text DEFAULT 'chat'::text, context_window integer DEFAULT NULL::integer, max_output_tokens integer DEFAULT NULL::integer)
returns text
language sql volatile security invoker
set search_path=""
as $body$
  insert into public.vendor_services (
    id, vendor_id, service_name, display_name, description, service_kind, context_window,
    max_output_tokens
  )
  values (
    add_vendor_service.id, add_vendor_service.vendor_id, add_vendor_service.service_name,
    coalesce(add_vendor_service.display_name, add_vendor_service.service_name),
    add_vendor_service.description,
    add_vendor_service.service_kind, add_vendor_service.context_window,
    add_vendor_service.max_output_tokens
  )
  returning vendor_services.id
$body$;
grant execute on function public.add_vendor_service(text,text,text,text,text,text,integer,integer) to service_role;

create function public.agent_summaries(page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF public.agent_summary
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  perform private.refuse_page_size(page_size);
  return query
  select summary.*
  from (
    select agents.id, agents.created_at from public.agents
    where agents.created_at <= agent_summaries.before
      and (agents.created_at < agent_summaries.before or agents.id > agent_summaries.before_id)
    order by agents.created_at desc, agents.id
    limit agent_summaries.page_size
  ) page
  join public.agent_summary summary on summary.id = page.id
  order by page.created_at desc, page.id;
end
$body$;
grant execute on function public.agent_summaries(integer,timestamp with time zone,uuid) to authenticated, service_role;

create function public.agent_thought_tree(execution uuid)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  found_status text := (
    select executions.status from public.workflow_executions executions
    where executions.id = agent_thought_tree.execution
  );
begin
  if found_status is null then
    perform private.refuse(
      'execution_not_found', 'Execution not found, or you may not read it.'
    );
  end if;
  return (
    select jsonb_build_object(
      'execution_id', agent_thought_tree.execution,
      'status', found_status,
      'node_count', (
        select count(*) from public.agent_thoughts
        where agent_thoughts.execution_id = agent_thought_tree.execution
      ),
      'nodes', coalesce(jsonb_agg(
        jsonb_build_object(
          'id', thoughts.id, 'node_id', thoughts.node_id, 'node_type', thoughts.node_type,
          'parent_node_id', thoughts.parent_node_id, 'level', nodes.level,
          'is_orphan', nodes.is_orphan, 'agent_id', thoughts.agent_id,
          'content', left(thoughts.content, 2000),
          'content_length', char_length(thoughts.content),
          'metadata',
          case when pg_column_size(thoughts.metadata) <= 4096 then thoughts.metadata end,
          'confidence_score', thoughts.confidence_score,
          'processing_time_ms', thoughts.processing_time_ms, 'created_at', thoughts.created_at
        ) order by nodes.place
      ), '[]')
    )
    from private.thought_nodes(
      agent_thought_tree.execution, (private.limits()).thought_tree_nodes
    ) nodes
    join public.agent_thoughts thoughts on thoughts.id = nodes.thought_id
  );
end
$body$;
grant execute on function public.agent_thought_tree(uuid) to authenticated, service_role;

create function public.agents(interaction public.ai_interactions)
returns SETOF public.agents
language sql stable security invoker
set search_path=""
as $body$
  select agents.* from public.agents where agents.id = agents.interaction.agent_id
$body$;
grant execute on function public.agents(public.ai_interactions) to authenticated, service_role;

create function public.ai_interactions(agent public.agents)
returns SETOF public.ai_interactions
language sql stable security invoker
set search_path=""
as $body$
  select interactions.* from public.ai_interactions interactions
  where interactions.agent_id = ai_interactions.agent.id
$body$;
grant execute on function public.ai_interactions(public.agents) to authenticated, service_role;

create function public.ai_interactions(message public.chat_messages)
returns SETOF public.ai_interactions
language sql stable security invoker
set search_path=""
as $body$
  select interactions.* from public.ai_interactions interactions
  where interactions.id = ai_interactions.message.interaction_id
$body$;
grant execute on function public.ai_interactions(public.chat_messages) to authenticated, service_role;

create function public.append_response_events(turn_id uuid, first_number integer, events jsonb)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  response private.responses;
begin
  select responses.* into response
  from private.responses
  where responses.turn_id = append_response_events.turn_id;
  if response.turn_id is null or response.deleted_at is not null then
    return false;
  end if;
  if append_response_events.events <> '[]' then
    insert into private.response_events (turn_id, first_number, events)
    values (
      append_response_events.turn_id, append_response_events.first_number,
      append_response_events.events
    )
    on conflict on constraint response_events_pkey do nothing;
  end if;
  return response.cancelled_at is null;
end
$body$;
grant execute on function public.append_response_events(uuid,integer,jsonb) to agentbase_functions;

create function public.begin_chat_turn(caller jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  kind text := coalesce(begin_chat_turn.request ->> 'kind', 'chat');
  profile public.profiles := private.impersonate(
    begin_chat_turn.caller, case kind when 'embedding' then 'embeddings' else kind end
  );
  answer jsonb := private.find_stored_answer(profile.id, begin_chat_turn.request);
  resolved private.resolved_turn;
  limits jsonb;
  rate_limit jsonb;
  routes jsonb;
  has_budget boolean;
  turn private.running_turns;
  place private.turn_place;
  messages jsonb := begin_chat_turn.request -> 'messages';
  affordable integer;
begin
  perform private.set_idle_timeout();
  if answer is not null then
    return answer;
  end if;
  resolved := private.resolve_turn(begin_chat_turn.request);
  limits := private.limits_of_turn(begin_chat_turn.request, resolved.payer);
  if kind = 'chat' then
    place := private.place_of_request(resolved, begin_chat_turn.request);
    resolved.session := place.session;
  end if;
  has_budget := private.lock_budgets(resolved.payer);
  routes := private.open_routes(
    resolved.target, case kind when 'chat' then array['chat', 'search'] else array[kind] end,
    resolved.settings, resolved.payer
  );
  if kind = 'chat' then
    messages := private.messages_for_turn(resolved, routes -> 0, place);
    resolved.session := private.stored_session(place, begin_chat_turn.request);
  end if;
  -- Late, so that calls of one organization wait for each other only here.
  if limits is not null then
    rate_limit := private.count_turn(profile.id, begin_chat_turn.request, limits);
  end if;
  turn := private.new_turn(begin_chat_turn.request, resolved, routes -> 0);
  affordable := private.start_turn(
    turn, routes, begin_chat_turn.request, messages, resolved.max_tokens, has_budget
  );
  if kind = 'chat' then
    perform private.store_turn(resolved.session, turn.id, place, turn.vendor_id);
    perform private.keep_response(turn, begin_chat_turn.request);
  end if;
  return private.begun_turn(turn, resolved, routes) || jsonb_build_object(
    'max_output_tokens', affordable, 'has_budget', has_budget, 'limits', limits,
    'rate_limit', rate_limit
  ) || private.returned_messages(begin_chat_turn.request, place.said, messages);
end
$body$;
grant execute on function public.begin_chat_turn(jsonb,jsonb) to agentbase_functions;

create function public.cancel_response(caller jsonb, turn_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(cancel_response.caller, 'chat');
  response private.responses := private.own_response(cancel_response.turn_id);
begin
  if not response.is_background then
    perform private.refuse(
      'response_not_cancellable',
      'Only a response in the background can be cancelled.',
      'Close the connection to end one that is streamed.'
    );
  end if;
  update private.responses
  set cancelled_at = now()
  where responses.turn_id = response.turn_id
    and responses.user_id = profile.id
    and responses.cancelled_at is null
    and not exists (
      select from public.ai_interactions turns
      where turns.id = response.turn_id and turns.turn_state <> 'running'
    )
  returning * into response;
  return private.describe_response(private.own_response(cancel_response.turn_id));
end
$body$;
grant execute on function public.cancel_response(jsonb,uuid) to agentbase_functions;

create function public.change_api_key(caller jsonb, key_id text, changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  changed public.user_api_keys;
begin
  perform private.impersonate(change_api_key.caller);
  changed := private.api_key_for(change_api_key.key_id, own => false);
  update public.user_api_keys keys
  set display_name = case
    when change_api_key.changes ? 'display_name' then change_api_key.changes ->> 'display_name'
    else keys.display_name
  end,
      is_active = coalesce((change_api_key.changes ->> 'is_active')::boolean, keys.is_active),
      organization_id = case
        when change_api_key.changes ? 'organization_id'
          then (change_api_key.changes ->> 'organization_id')::uuid
        else keys.organization_id
      end
  where keys.id = changed.id
  returning * into changed;
  return private.visible_api_key(changed);
end
$body$;
grant execute on function public.change_api_key(jsonb,text,jsonb) to agentbase_functions;

create function public.chat_messages(interaction public.ai_interactions)
returns SETOF public.chat_messages
language sql stable security invoker
set search_path=""
as $body$
  select messages.* from public.chat_messages messages
  where messages.interaction_id = chat_messages.interaction.id
$body$;
grant execute on function public.chat_messages(public.ai_interactions) to authenticated, service_role;

create function public.check_connection()
returns jsonb
language sql stable security definer
set search_path=""
as $body$
  select jsonb_build_object(
    'role', session_user,
    'statement_timeout_ms', (
      select settings.setting::integer from pg_catalog.pg_settings settings
      where settings.name = 'statement_timeout'
    ),
    'connections', (
      select sum(databases.numbackends)::integer from pg_catalog.pg_stat_database databases
    ),
    'max_connections', current_setting('max_connections')::integer
  )
$body$;
grant execute on function public.check_connection() to agentbase_functions;

create function public.claim_agent_probes(batch integer DEFAULT 2000)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  claims jsonb;
begin
  with due as (
    select targets.agent_id
    from private.probe_targets() targets
    left join private.agent_probes probes on probes.agent_id = targets.agent_id
    where coalesce(probes.due_at, '-infinity') <= now()
      and not exists (
        select from public.agent_executions executions
        where executions.agent_id = targets.agent_id
          and executions.started_at > now() - interval '5 minutes'
          and executions.status = 'succeeded'
      )
    order by probes.due_at nulls first, targets.agent_id
    limit claim_agent_probes.batch
  ),
  claimed as (
    insert into private.agent_probes as probes (agent_id, due_at)
    select due.agent_id, now() + interval '4 minutes' from due order by due.agent_id
    -- Of two ticks at once the second finds the time moved.
    on conflict (agent_id) do update set due_at = excluded.due_at where probes.due_at <= now()
    returning probes.agent_id
  )
  select jsonb_agg(jsonb_build_object(
    'agent_id', targets.agent_id,
    'is_platform', targets.is_platform,
    'vendor_id', (targets.vendor).id,
    'base_url', (targets.vendor).base_url,
    'api_format', (targets.vendor).api_format,
    'auth_type', (targets.vendor).auth_type,
    'auth_header', (targets.vendor).auth_header,
    'auth_scheme', (targets.vendor).auth_scheme,
    'max_tokens_field', (targets.vendor).max_tokens_field,
    'probe_path', (targets.vendor).probe_path,
    'service_id', targets.service_id,
    'model', targets.model
  ))
  into claims
  from claimed
  join private.probe_targets() targets on targets.agent_id = claimed.agent_id;
  return coalesce(claims, '[]');
end
$body$;
grant execute on function public.claim_agent_probes(integer) to agentbase_functions;

create function public.conversation_history(session public.chat_sessions)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(jsonb_agg(private.as_openai_message(messages) order by messages.seq), '[]')
  from public.chat_messages messages
  where messages.session_id = conversation_history.session.id
    and messages.status <> 'error'
    and messages.seq <@ coalesce(conversation_history.session.current_branch, '{(,)}')
    and (
      messages.role not in ('system', 'developer')
      or messages.seq = any (
        (
          select force.seqs
          from private.instructions_in_force(
            conversation_history.session.id,
            coalesce(conversation_history.session.current_branch, '{(,)}'), 20971520
          ) force
        )::bigint[]
      )
    )
$body$;
grant execute on function public.conversation_history(public.chat_sessions) to authenticated, service_role;

create function public.correct_chat_turn(turn_id uuid, correction jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  turn public.ai_interactions;
  usage jsonb := private.bounded_usage(correct_chat_turn.correction -> 'usage');
  sales jsonb;
  place integer;
  cost numeric;
begin
  select turns.* into turn
  from public.ai_interactions turns
  where turns.id = correct_chat_turn.turn_id
    and turns.turn_state is not null
    and turns.usage_is_estimated
  for no key update;
  if turn.id is null then
    return jsonb_build_object('corrected', false, 'total_cost', null);
  end if;
  sales := private.recorded_sales(turn);
  select sale.ordinality - 1 into place
  from jsonb_array_elements(sales) with ordinality as sale
  where sale.value @> '{"estimated": true}'
  order by sale.ordinality desc
  limit 1;
  sales := jsonb_set(
    sales,
    array[place::text],
    private.priced_again(turn, sales -> place || usage, (sales -> place ->> 'price_id')::uuid)
  );
  perform private.put_attempt_right(sales -> place);
  cost := private.put_turn_right(turn, sales);
  update public.ai_interactions
  set provider_cost = coalesce(
    private.bounded_cost(correct_chat_turn.correction ->> 'provider_cost'), provider_cost
  )
  where ai_interactions.id = turn.id;
  update public.chat_messages
  set tokens_in = (usage ->> 'input_tokens')::integer,
      tokens_out = (usage ->> 'output_tokens')::integer,
      tokens_used = (usage ->> 'input_tokens')::integer + (usage ->> 'output_tokens')::integer
  where chat_messages.interaction_id = turn.id
    and chat_messages.role = 'assistant'
    and chat_messages.tokens_in is not null;
  perform private.charge_budgets(turn, coalesce(cost, 0) - coalesce(turn.total_cost, 0));
  return jsonb_build_object('corrected', true, 'total_cost', cost::text);
end
$body$;
grant execute on function public.correct_chat_turn(uuid,jsonb) to agentbase_functions;

create function public.count_encrypted_values()
returns TABLE(table_name text, column_name text, key_id text, amount bigint)
language plpgsql stable security definer
set search_path=""
as $body$
declare
  registered private.encrypted_columns;
begin
  for registered in select * from private.encrypted_columns columns order by columns.table_name,
  columns.column_name loop
    table_name := registered.table_name;
    column_name := registered.column_name;
    for key_id, amount in
      execute format(
        'select private.key_id_of(private.blob_of(to_jsonb(%1$I))), count(*) from public.%2$I '
        'where %1$I is not null and to_jsonb(%3$I) <> ''false'' group by 1 order by 1',
        registered.column_name,
        registered.table_name,
        coalesce(registered.only_where, registered.row_id)
      )
    loop
      return next;
    end loop;
  end loop;
end
$body$;
grant execute on function public.count_encrypted_values() to agentbase_functions;

create function public.count_refused_call(caller jsonb, scope text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(
    count_refused_call.caller, count_refused_call.scope
  );
  limits jsonb := private.plan_limits();
  person jsonb := private.take_rate_limit(
    'user:' || profile.id, (limits ->> 'user_per_minute')::integer
  );
begin
  if limits ->> 'access_key_per_minute' is not null then
    perform private.take_rate_limit(
      'access_key:' || (limits ->> 'access_key_id'), (limits ->> 'access_key_per_minute')::integer
    );
  end if;
  return jsonb_build_object('limits', limits, 'rate_limit', person);
end
$body$;
grant execute on function public.count_refused_call(jsonb,text) to agentbase_functions;

create function public.count_unread_notifications()
returns integer
language sql stable security invoker
set search_path=""
as $body$
  select count(*)::integer from public.notifications
  where notifications.user_id = (select auth.uid()) and notifications.read_at is null
$body$;
grant execute on function public.count_unread_notifications() to authenticated;

create function public.create_access_key(caller jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(create_access_key.caller);
  organization uuid := coalesce(
    (create_access_key.request ->> 'organization_id')::uuid, private.my_organization()
  );
  wanted public.access_keys := jsonb_populate_record(
    null::public.access_keys, create_access_key.request
  );
  made public.access_keys;
begin
  if not exists (
    select from private.my_organizations('member') mine (id) where mine.id = organization
  )
  then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or your role may not chat in it.',
      'Only a member or a higher role can create an access key.'
    );
  end if;
  perform private.check_key_agents(wanted.agent_ids, organization);
  if (
    select count(*) from public.access_keys keys
    where keys.user_id = profile.id and keys.organization_id = organization
      and keys.revoked_at is null and (keys.expires_at is null or keys.expires_at > now())
  ) >= (private.limits()).access_keys_per_membership then
    perform private.refuse(
      'too_many_access_keys',
      format(
        'You have %s access keys in this organization, the maximum.',
        (private.limits()).access_keys_per_membership
      ),
      'Revoke keys that you no longer use.'
    );
  end if;
  insert into public.access_keys (
    organization_id, user_id, name, prefix, last_four, scopes, agent_ids, requests_per_minute,
    expires_at
  )
  values (
    organization, profile.id, wanted.name, wanted.prefix, wanted.last_four,
    coalesce(wanted.scopes, private.access_key_scopes()),
    wanted.agent_ids,
    wanted.requests_per_minute,
    wanted.expires_at
  )
  returning * into made;
  perform private.add_access_key_secret(made.id, create_access_key.request);
  if jsonb_typeof(create_access_key.request -> 'budget') = 'object' then
    insert into public.budgets (organization_id, access_key_id, period, limit_usd, created_by)
    values (
      organization,
      made.id,
      create_access_key.request -> 'budget' ->> 'period',
      (create_access_key.request -> 'budget' ->> 'limit_usd')::numeric,
      profile.id
    );
  end if;
  return to_jsonb(made);
end
$body$;
grant execute on function public.create_access_key(jsonb,jsonb) to agentbase_functions;

create function public.create_agent_from_template(template uuid, name text, organization uuid DEFAULT NULL::uuid)
returns public.agents
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  chosen public.agent_templates;
  made public.agents;
begin
  select templates.* into chosen from public.agent_templates templates
  where templates.id = create_agent_from_template.template;
  if chosen.id is null then
    perform private.refuse('template_not_found', 'Template not found, or you may not use it.');
  end if;
  insert into public.agents (name, description, type, config, organization_id)
  values (
    create_agent_from_template.name, chosen.description, chosen.type, chosen.default_config,
    create_agent_from_template.organization
  )
  returning * into made;
  return made;
end
$body$;
grant execute on function public.create_agent_from_template(uuid,text,uuid) to authenticated;

create function public.create_api_key(caller jsonb, key jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  person public.profiles := private.impersonate(create_api_key.caller);
  shared_with uuid := (create_api_key.key ->> 'organization_id')::uuid;
  made public.user_api_keys;
begin
  if shared_with not in (select private.my_organizations('admin')) then
    perform private.refuse(
      'key_not_yours_to_share',
      'Only its owner can share a key, and only with an organization that the owner manages.'
    );
  end if;
  perform private.require_key_settings(
    create_api_key.key ->> 'vendor_id', coalesce(create_api_key.key -> 'settings', '{}')
  );
  perform private.refuse_known_key(
    person.id, create_api_key.key ->> 'vendor_id', create_api_key.key -> 'fingerprints',
    (create_api_key.key ->> 'id')::uuid
  );
  if (
    select count(*) from public.user_api_keys keys where keys.user_id = person.id
  ) >= (private.limits()).stored_keys_per_user then
    perform private.refuse(
      'too_many_keys',
      format('You have stored %s keys, the maximum.', (private.limits()).stored_keys_per_user),
      'Delete keys that you no longer use.'
    );
  end if;
  insert into public.user_api_keys (
    id, user_id, organization_id, vendor_id, service_id, encrypted_key, key_preview,
    key_fingerprint, display_name, settings
  )
  values (
    (create_api_key.key ->> 'id')::uuid, person.id, shared_with,
    create_api_key.key ->> 'vendor_id', create_api_key.key ->> 'service_id',
    create_api_key.key ->> 'encrypted_key',
    create_api_key.key ->> 'key_preview', create_api_key.key -> 'fingerprints' ->> 0,
    create_api_key.key ->> 'display_name',
    coalesce(create_api_key.key -> 'settings', '{}')
  )
  returning * into made;
  return private.visible_api_key(made);
end
$body$;
grant execute on function public.create_api_key(jsonb,jsonb) to agentbase_functions;

create function public.create_mcp_session(state jsonb DEFAULT '{}'::jsonb, lifetime interval DEFAULT '24:00:00'::interval)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  created jsonb;
begin
  perform private.require_mcp_lifetime(create_mcp_session.lifetime);
  insert into public.mcp_sessions as sessions (mcp_state, expires_at)
  values (private.require_mcp_state(create_mcp_session.state), now() + create_mcp_session.lifetime)
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'mcp_state', sessions.mcp_state, 'expires_at',
    sessions.expires_at
  ) into created;
  return created;
end
$body$;
grant execute on function public.create_mcp_session(jsonb,interval) to authenticated;

create function public.delete_account()
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.delete_account()
$body$;
grant execute on function public.delete_account() to authenticated;

create function public.delete_agent_config(caller jsonb, id uuid)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(delete_agent_config.caller);
begin
  delete from public.ai_agent_configs configs
  where configs.id = delete_agent_config.id
    and configs.user_id = profile.id
    and configs.is_encrypted;
  return found;
end
$body$;
grant execute on function public.delete_agent_config(jsonb,uuid) to agentbase_functions;

create function public.delete_api_key(caller jsonb, key_id text)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  gone public.user_api_keys;
begin
  perform private.impersonate(delete_api_key.caller);
  gone := private.api_key_for(delete_api_key.key_id, own => false);
  delete from public.user_api_keys where user_api_keys.id = gone.id;
end
$body$;
grant execute on function public.delete_api_key(jsonb,text) to agentbase_functions;

create function public.delete_oauth_token(caller jsonb, provider text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(delete_oauth_token.caller);
  deleted jsonb;
begin
  delete from public.mcp_sessions sessions
  using public.oauth_providers providers
  where sessions.user_id = profile.id
    and sessions.oauth_provider = delete_oauth_token.provider
    and providers.id = sessions.oauth_provider
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'ciphertext', sessions.oauth_data -> 'ciphertext',
    'revocation_endpoint', providers.revocation_endpoint,
    'client_authentication', providers.client_authentication
  ) into deleted;
  return deleted;
end
$body$;
grant execute on function public.delete_oauth_token(jsonb,text) to agentbase_functions;

create function public.delete_organization(organization_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.delete_organization(delete_organization.organization_id)
$body$;
grant execute on function public.delete_organization(uuid) to authenticated;

create function public.delete_response(caller jsonb, turn_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(delete_response.caller, 'chat');
  response private.responses := private.own_response(delete_response.turn_id);
begin
  update private.responses
  set deleted_at = now(), request = '{}'
  where responses.turn_id = response.turn_id and responses.user_id = profile.id;
  delete from private.response_events where response_events.turn_id = response.turn_id;
  return to_jsonb(true);
end
$body$;
grant execute on function public.delete_response(jsonb,uuid) to agentbase_functions;

create function public.deploy_agent(agent uuid, trigger text DEFAULT 'manual'::text, trigger_config jsonb DEFAULT '{}'::jsonb)
returns public.deployments
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  locked public.agents := private.lock_agent_to_deploy(deploy_agent.agent);
  made public.deployments;
begin
  insert into public.deployments (agent_id, trigger_type, trigger_config)
  values (
    locked.id, coalesce(deploy_agent.trigger, 'manual'),
    coalesce(deploy_agent.trigger_config, '{}')
  )
  returning * into made;
  -- The newest remain; what runs is among them.
  delete from public.deployments
  where deployments.agent_id = locked.id
    and deployments.status in ('failed', 'stopped')
    and deployments.version <= made.version - (private.limits()).deployments_per_agent;
  return made;
end
$body$;
grant execute on function public.deploy_agent(uuid,text,jsonb) to authenticated, service_role;

create function public.expire_mcp_sessions(batch integer DEFAULT 1000)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.remove_mcp_sessions(array(
    select sessions.session_id
    from public.mcp_sessions sessions
    where sessions.expires_at < now()
    order by sessions.expires_at
    limit expire_mcp_sessions.batch
    for update skip locked
  ))
$body$;
grant execute on function public.expire_mcp_sessions(integer) to service_role;

create function public.find_oauth_session(caller jsonb, provider text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(find_oauth_session.caller);
begin
  if not exists (
    select from public.oauth_providers where oauth_providers.id = find_oauth_session.provider
  )
  then
    perform private.refuse(
      'oauth_provider_not_found', 'OAuth provider not found.',
      'GET /oauth-tokens lists the providers.'
    );
  end if;
  return (
    select jsonb_build_object(
      'session_id', sessions.session_id, 'ciphertext', sessions.oauth_data -> 'ciphertext'
    )
    from public.mcp_sessions sessions
    where sessions.user_id = profile.id and sessions.oauth_provider = find_oauth_session.provider
  );
end
$body$;
grant execute on function public.find_oauth_session(jsonb,text) to agentbase_functions;

create function public.find_response(caller jsonb, turn_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.impersonate(find_response.caller, 'chat');
  return private.describe_response(private.own_response(find_response.turn_id));
end
$body$;
grant execute on function public.find_response(jsonb,uuid) to agentbase_functions;

create function public.find_response_items(caller jsonb, ids uuid[])
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.impersonate(find_response_items.caller, 'chat');
  return (
    select coalesce(jsonb_agg(private.listed_message(messages)), '[]')
    from public.chat_messages messages
    join public.chat_sessions sessions on sessions.id = messages.session_id
    where (
      messages.id = any (find_response_items.ids)
      or messages.interaction_id = any (find_response_items.ids)
        and messages.latency_ms is not null
    )
      and sessions.user_id = (select auth.uid())
      and sessions.org_id = any (array(select private.my_organizations('member')))
      and private.key_allows(sessions.agent_id)
  );
end
$body$;
grant execute on function public.find_response_items(jsonb,uuid[]) to agentbase_functions;

create function public.finish_oauth_refresh(session_id text, claimant uuid, outcome jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  session public.mcp_sessions;
  is_refreshable boolean := (finish_oauth_refresh.outcome ->> 'refreshable')::boolean;
  issued timestamptz := clock_timestamp() - coalesce(
    make_interval(secs => (finish_oauth_refresh.outcome ->> 'age')::double precision), '0'
  );
  expiry timestamptz;
begin
  select sessions.* into session
  from public.mcp_sessions sessions
  where sessions.session_id = finish_oauth_refresh.session_id
    and sessions.oauth_lease = finish_oauth_refresh.claimant
  for no key update;
  if session.session_id is null then
    return jsonb_build_object('accepted', false);
  end if;
  case finish_oauth_refresh.outcome ->> 'state'
    when 'refreshed' then
      expiry := issued + private.oauth_lifetime(
        session.oauth_provider, (finish_oauth_refresh.outcome ->> 'expires_in')::double precision,
        session.oauth_expires_at - session.oauth_issued_at, is_refreshable
      );
      update public.mcp_sessions sessions
      set
        oauth_data = jsonb_build_object('ciphertext', finish_oauth_refresh.outcome -> 'ciphertext'),
        oauth_issued_at = issued,
        oauth_expires_at = expiry,
        oauth_refreshable = is_refreshable,
        oauth_lease = null,
        oauth_lease_until = null,
        oauth_failing_since = null
      where sessions.session_id = session.session_id;
    when 'refused' then
      perform private.require_oauth_reauth(session);
    when 'failed' then
      perform private.fail_oauth_refresh(session, finish_oauth_refresh.outcome);
  end case;
  return jsonb_build_object('accepted', true, 'expires_at', expiry);
end
$body$;
grant execute on function public.finish_oauth_refresh(text,uuid,jsonb) to agentbase_functions;

create function public.get_access_key_usage(from_date date, to_date date)
returns TABLE(access_key_id uuid, name text, interactions bigint, failed bigint, input_tokens numeric, output_tokens numeric, total_cost numeric, recorded_cost numeric)
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  perform private.refuse_days(
    get_access_key_usage.from_date, get_access_key_usage.to_date
  );
  return query
  select
    keys.id, keys.name, coalesce(sum(usage.interactions), 0)::bigint,
    coalesce(sum(usage.failed), 0)::bigint,
    coalesce(sum(usage.input_tokens), 0), coalesce(sum(usage.output_tokens), 0),
    coalesce(sum(usage.total_cost), 0), coalesce(sum(usage.recorded_cost), 0)
  from public.access_keys keys
  join public.organizations on organizations.id = keys.organization_id
  left join lateral (
    select usage.* from private.interaction_usage usage
    where usage.access_key_id = keys.id
      and usage.started_at
        >= get_access_key_usage.from_date::timestamp at time zone organizations.timezone
      and usage.started_at
        < (get_access_key_usage.to_date + 1)::timestamp at time zone organizations.timezone
    offset 0 -- Keeps the planner from reading the whole ledger at once instead.
  ) usage on true
  group by keys.id
  order by coalesce(sum(usage.total_cost), 0) desc, keys.name, keys.id;
end
$body$;
grant execute on function public.get_access_key_usage(date,date) to authenticated, service_role;

create function public.get_agent_usage_summary(agent_id uuid, days integer DEFAULT 30)
returns TABLE(total_interactions bigint, total_cost numeric, recorded_cost numeric, total_input_tokens numeric, total_output_tokens numeric, total_duration_minutes bigint, avg_satisfaction numeric, avg_usefulness numeric, failed_interactions bigint, first_used_at timestamp with time zone, last_used_at timestamp with time zone)
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  if days is null or days not between 1 and 3660 then
    perform private.refuse('days_out_of_range', 'The number of days must be between 1 and 3660.');
  end if;
  if not exists (select from public.agents where agents.id = get_agent_usage_summary.agent_id) then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  return query
  with days as (
    select
      usage.organization_id, calendars.timezone, usage.date,
      sum(usage.interactions) as interactions,
      sum(usage.failed) as failed, sum(usage.total_cost) as total_cost,
      sum(usage.recorded_cost) as recorded_cost, sum(usage.input_tokens) as input_tokens,
      sum(usage.output_tokens) as output_tokens, sum(usage.duration_minutes) as duration_minutes,
      sum(usage.satisfaction_sum) as satisfaction_sum,
      sum(usage.satisfaction_count) as satisfaction_count,
      sum(usage.usefulness_sum) as usefulness_sum, sum(usage.usefulness_count) as usefulness_count
    from public.daily_usage usage
    join public.usage_calendars calendars on calendars.organization_id = usage.organization_id
    where usage.agent_id = get_agent_usage_summary.agent_id
      -- A day more, for the time zones; then each organization's own days.
      and usage.date >= (now() at time zone 'UTC')::date - get_agent_usage_summary.days
      and usage.date > (now() at time zone calendars.timezone)::date - get_agent_usage_summary.days
    group by usage.organization_id, calendars.timezone, usage.date
    having sum(usage.interactions) > 0
  )
  select
    coalesce(sum(days.interactions), 0)::bigint, coalesce(sum(days.total_cost), 0),
    coalesce(sum(days.recorded_cost), 0), coalesce(sum(days.input_tokens), 0),
    coalesce(sum(days.output_tokens), 0), coalesce(sum(days.duration_minutes), 0)::bigint,
    round(sum(days.satisfaction_sum) / nullif(sum(days.satisfaction_count), 0), 2),
    round(sum(days.usefulness_sum) / nullif(sum(days.usefulness_count), 0), 2),
    coalesce(sum(days.failed), 0)::bigint,
    -- Of the first and the last days, the interactions themselves.
    (
      select min(uses.first_use)
      from days ends
      cross join private.uses_of_day(
        get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date
      ) uses
      where ends.date <= (select min(days.date) + 1 from days)
    ),
    (
      select max(uses.last_use)
      from days ends
      cross join private.uses_of_day(
        get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date
      ) uses
      where ends.date >= (select max(days.date) - 1 from days)
    )
  from days;
end
$body$;
grant execute on function public.get_agent_usage_summary(uuid,integer) to authenticated, service_role;

create function public.get_agent_with_features(agent_id uuid)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select to_jsonb(agents) || jsonb_build_object(
    'features', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'id', features.id, 'name', features.name, 'category', features.category,
            'icon', features.icon, 'is_primary', mappings.is_primary
          )
          order by mappings.is_primary desc, features.sort_order, features.id
        )
        from public.agent_feature_mappings mappings
        join public.agent_features features on features.id = mappings.feature_id
        where mappings.agent_id = agents.id
      ),
      '[]'
    )
  )
  from public.agents
  where agents.id = get_agent_with_features.agent_id
$body$;
grant execute on function public.get_agent_with_features(uuid) to authenticated, service_role;

create function public.get_key_rules(caller jsonb, vendor_id text, service_id text DEFAULT NULL::text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  person public.profiles := private.impersonate(get_key_rules.caller);
  rules jsonb := private.key_rules(vendor_id);
begin
  perform private.take_rate_limit(
    'keys:' || person.id, (private.limits()).provider_key_calls_per_minute
  );
  if rules is null then
    perform private.refuse(
      'vendor_not_found', 'Vendor not found, or it does not accept keys of users.',
      'The table vendors lists them.'
    );
  end if;
  if service_id is not null and not exists (
    select from public.vendor_services services
    where services.id = get_key_rules.service_id and services.vendor_id = get_key_rules.vendor_id
  ) then
    perform private.refuse(
      'service_not_found', 'The vendor does not have this service.',
      'The table vendor_services lists them.'
    );
  end if;
  return rules;
end
$body$;
grant execute on function public.get_key_rules(jsonb,text,text) to agentbase_functions;

create function public.get_key_to_replace(caller jsonb, key_id text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  person public.profiles := private.impersonate(get_key_to_replace.caller);
  key public.user_api_keys := private.api_key_for(get_key_to_replace.key_id, own => true);
begin
  perform private.take_rate_limit(
    'keys:' || person.id, (private.limits()).provider_key_calls_per_minute
  );
  return jsonb_build_object(
    'id', key.id, 'settings', key.settings, 'rules', private.key_rules(key.vendor_id)
  );
end
$body$;
grant execute on function public.get_key_to_replace(jsonb,text) to agentbase_functions;

create function public.get_usage(by text, from_date date, to_date date, organization_id uuid DEFAULT NULL::uuid)
returns TABLE(key text, label text, interactions bigint, failed bigint, input_tokens numeric, output_tokens numeric, total_cost numeric, recorded_cost numeric, unpriced bigint, recorded bigint, avg_satisfaction numeric, avg_usefulness numeric, satisfaction_ratings bigint, usefulness_ratings bigint)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  perform private.refuse_usage_request(
    get_usage.by, get_usage.from_date, get_usage.to_date, get_usage.organization_id
  );
  return query
  select
    usage.key, usage.label, usage.interactions, usage.failed,
    usage.input_tokens, usage.output_tokens, usage.total_cost, usage.recorded_cost,
    usage.unpriced, usage.recorded,
    round(usage.satisfaction_sum::numeric / nullif(usage.satisfaction_count, 0), 2),
    round(usage.usefulness_sum::numeric / nullif(usage.usefulness_count, 0), 2),
    usage.satisfaction_count, usage.usefulness_count
  from private.usage_by(
    get_usage.by, get_usage.from_date, get_usage.to_date, get_usage.organization_id
  ) usage
  order by
    case when get_usage.by = 'day' then usage.key end,
    usage.total_cost desc, usage.interactions desc, usage.key;
end
$body$;
grant execute on function public.get_usage(text,date,date,uuid) to authenticated, service_role;

create function public.get_usage_report(from_date date DEFAULT NULL::date, to_date date DEFAULT NULL::date, organization text DEFAULT NULL::text, days integer DEFAULT 30)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  reported public.organizations;
  range daterange;
  first date;
  last date;
begin
  select organizations.* into reported
  from public.organizations
  where organizations.id = private.as_uuid(get_usage_report.organization)
    or organizations.slug = get_usage_report.organization
  order by organizations.slug = get_usage_report.organization
  limit 1;
  if get_usage_report.organization is not null and reported.id is null then
    perform private.refuse(
      'organization_not_found',
      format(
        'Cannot report on organization "%s": you can read none with this id or slug.',
        get_usage_report.organization
      )
    );
  end if;
  range := private.report_days(
    get_usage_report.from_date, get_usage_report.to_date, get_usage_report.days, reported
  );
  first := lower(range);
  last := upper(range) - 1;
  return jsonb_build_object(
    'organization', reported.name, 'time_zone', reported.timezone,
    'from', first, 'to', last, 'read_at', now(),
    'total', coalesce(private.report_rows('total', first, last, reported.id) -> 0,
      private.no_usage()),
    'days', private.report_of_days(first, last, reported.id),
    'by', (
      select jsonb_object_agg(names.by, private.report_rows(names.by, first, last, reported.id))
      from unnest(array['vendor', 'model', 'agent', 'user', 'feature', 'organization'])
        as names (by)
      -- One organization's share of itself says nothing.
      where names.by <> 'organization' or reported.id is null
    )
  );
end
$body$;
grant execute on function public.get_usage_report(date,date,text,integer) to authenticated, service_role;

create function public.get_user_api_key(user_id uuid, vendor_id text, service_id text DEFAULT NULL::text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select keys.encrypted_key
  from private.usable_api_keys(
    get_user_api_key.user_id, null, get_user_api_key.vendor_id, get_user_api_key.service_id
  ) keys
  limit 1
$body$;
grant execute on function public.get_user_api_key(uuid,text,text) to service_role;

create function public.give_up_oauth_token(session_id text, ciphertext text)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  session public.mcp_sessions;
begin
  select sessions.* into session
  from public.mcp_sessions sessions
  where sessions.session_id = give_up_oauth_token.session_id
    and sessions.oauth_data ->> 'ciphertext' = give_up_oauth_token.ciphertext
  for no key update;
  perform private.require_oauth_reauth(session);
end
$body$;
grant execute on function public.give_up_oauth_token(text,text) to agentbase_functions;

create function public.health_report()
returns jsonb
language plpgsql stable security definer
set search_path=""
as $body$
declare
  upstreams jsonb := private.upstream_report();
  background jsonb := private.background_report();
  hooks jsonb := private.platform_hooks_report();
  problems text[] := array_remove(array[
    case
      when upstreams @? '$.platform[*] ? (@.status == "unhealthy")' then 'upstreams_unhealthy'
    end,
    case when (background #>> '{turns,unsettled}')::bigint > 0 then 'turns_unsettled' end,
    case
      when (background #>> '{partitions,months_ahead}')::bigint < 1 then 'partitions_missing'
    end,
    case when background #> '{jobs,late}' <> '[]' then 'jobs_late' end,
    case when background #> '{jobs,failing}' <> '[]' then 'jobs_failing' end,
    case when background #> '{jobs,behind}' <> '[]' then 'jobs_behind' end,
    case when background #> '{jobs,failing_items}' <> '[]' then 'job_items_failing' end,
    case
      when background #>> '{function_calls,last_outcome}' = 'failed' then 'function_call_failed'
    end,
    case when hooks -> 'missing_triggers' <> '[]' then 'auth_triggers_missing' end,
    case when hooks -> 'unpublished_tables' <> '[]' then 'realtime_tables_missing' end,
    case
      when (hooks -> 'channel_policy_is_missing')::boolean then 'realtime_channels_closed'
    end,
    case when hooks -> 'missing_settings' <> '[]' then 'platform_settings_missing' end,
    case when (hooks -> 'has_unopened_accounts')::boolean then 'accounts_unopened' end
  ], null);
begin
  return background || jsonb_build_object(
    'status', case when problems = '{}' then 'ok' else 'degraded' end,
    'problems', to_jsonb(problems),
    'upstreams', upstreams,
    'platform_hooks', hooks,
    'database', jsonb_build_object(
      'version', current_setting('server_version'),
      'connections',
      (
        select count(*)
        from pg_catalog.pg_stat_activity activity
        where activity.datname = current_database()
      ),
      'max_connections', current_setting('max_connections')::integer
    )
  );
end
$body$;
grant execute on function public.health_report() to agentbase_functions;

create function public.in_history(message public.chat_messages)
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select in_history.message.status <> 'error'
    and in_history.message.seq <@ (
      select sessions.current_branch
      from public.chat_sessions sessions
      where sessions.id = in_history.message.session_id
    )
$body$;
grant execute on function public.in_history(public.chat_messages) to authenticated, service_role;

create function public.invite_member(organization_id uuid, email text, role text)
returns text
language sql volatile security invoker
set search_path=""
as $body$
  select private.invite_member(
    invite_member.organization_id, invite_member.email, invite_member.role
  )
$body$;
grant execute on function public.invite_member(uuid,text,text) to authenticated;

create function public.last_activity(agent public.agents)
returns timestamp with time zone
language sql stable security invoker
set search_path=""
as $body$
  select last_activity.agent.last_used_at
$body$;
grant execute on function public.last_activity(public.agents) to authenticated, service_role;

create function public.leave_organization(organization_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.leave_organization(leave_organization.organization_id)
$body$;
grant execute on function public.leave_organization(uuid) to authenticated;

create function public.list_agent_configs(caller jsonb, agent_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(list_agent_configs.caller);
begin
  perform private.require_editable_agent(list_agent_configs.agent_id);
  return coalesce((
    select jsonb_agg(to_jsonb(configs) - 'config_value' - 'user_id' order by configs.config_key)
    from public.ai_agent_configs configs
    where configs.agent_id = list_agent_configs.agent_id
      and configs.user_id = profile.id
      and configs.is_encrypted
  ), '[]');
end
$body$;
grant execute on function public.list_agent_configs(jsonb,uuid) to agentbase_functions;

create function public.list_chat_models(caller jsonb, rate_limit boolean DEFAULT false, model text DEFAULT NULL::text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(list_chat_models.caller, 'models');
  limits jsonb := case when list_chat_models.rate_limit then private.plan_limits() end;
  listed_models jsonb;
begin
  listed_models := (
    select coalesce(jsonb_agg(to_jsonb(listed) order by listed.agent, listed.id), '[]')
    from private.offered_models(private.my_organization(), list_chat_models.model) listed
    where list_chat_models.model is null
      or list_chat_models.model in (listed.id, listed.agent || '/' || listed.model)
  );
  -- Late, so that calls of one organization wait for each other only here.
  return jsonb_build_object(
    'models', listed_models,
    'caller', jsonb_build_object(
      'user_id', profile.id, 'access_key_id', (select auth.jwt()) -> 'access_key' -> 'id'
    ),
    'limits', limits,
    'rate_limit',
    case when limits is not null then private.take_rate_limits(profile.id, limits) end
  );
end
$body$;
grant execute on function public.list_chat_models(jsonb,boolean,text) to agentbase_functions;

create function public.list_encrypted_columns()
returns TABLE(table_name text, column_name text)
language sql stable security definer
set search_path=""
as $body$
  select columns.table_name, columns.column_name
  from private.encrypted_columns columns
  order by columns.table_name, columns.column_name
$body$;
grant execute on function public.list_encrypted_columns() to agentbase_functions;

create function public.list_interactions(page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, organization_id uuid DEFAULT NULL::uuid, user_id uuid DEFAULT NULL::uuid, agent_id uuid DEFAULT NULL::uuid, vendor_id text DEFAULT NULL::text)
returns SETOF public.recent_interactions
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
declare
  page private.listed_interaction[];
begin
  perform private.refuse_page_size(page_size);
  if num_nonnulls(
    list_interactions.user_id, list_interactions.agent_id, list_interactions.vendor_id
  ) = 0 then
    page := array(select latest from private.latest_interactions(
      page_size, list_interactions.organization_id, before, before_id
    ) latest);
  else
    page := array(
      select row(i.id, i.started_at)::private.listed_interaction
      from public.ai_interactions i
      where i.status <> 'deleted'
        and i.started_at <= list_interactions.before
        and (i.started_at < list_interactions.before or i.id > list_interactions.before_id)
        and (list_interactions.organization_id is null
          or i.organization_id = list_interactions.organization_id)
        and (list_interactions.user_id is null or i.user_id = list_interactions.user_id)
        and (list_interactions.agent_id is null or i.agent_id = list_interactions.agent_id)
        and (list_interactions.vendor_id is null or i.vendor_id = list_interactions.vendor_id)
      order by i.started_at desc, i.id
      limit list_interactions.page_size
    );
  end if;
  return query
  select named.*
  from unnest(page) latest
  join private.named_interactions named on named.id = latest.id
  order by named.started_at desc, named.id;
end
$body$;
grant execute on function public.list_interactions(integer,timestamp with time zone,uuid,uuid,uuid,uuid,text) to authenticated, service_role;

create function public.list_oauth_tokens(caller jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(list_oauth_tokens.caller);
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'provider', providers.id, 'name', providers.name,
      'status', coalesce(sessions.oauth_status, 'not_connected'), 'session_id', sessions.session_id,
      'expires_at', sessions.oauth_expires_at, 'refreshable',
      coalesce(sessions.oauth_refreshable, false)
    ) order by providers.id)
    from public.oauth_providers providers
    left join public.mcp_sessions sessions
      on sessions.oauth_provider = providers.id
        and sessions.user_id = profile.id
        and sessions.expires_at > now()
  ), '[]');
end
$body$;
grant execute on function public.list_oauth_tokens(jsonb) to agentbase_functions;

create function public.list_response_events(caller jsonb, turn_id uuid, after integer)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  response private.responses;
begin
  perform private.impersonate(list_response_events.caller, 'chat');
  response := private.own_response(list_response_events.turn_id);
  return jsonb_build_object(
    'events', (
      select coalesce(jsonb_agg(event.value order by batches.first_number, event.ordinality), '[]')
      from (
        select stored.first_number, stored.events
        from private.response_events stored
        where stored.turn_id = response.turn_id
          -- The batch that the number falls into, and those behind it.
          and stored.first_number > coalesce((
            select max(earlier.first_number)
            from private.response_events earlier
            where earlier.turn_id = response.turn_id
              and earlier.first_number <= list_response_events.after
          ), -1) - 1
        order by stored.first_number
        limit 100
      ) batches,
        jsonb_array_elements(batches.events) with ordinality as event
      where (event.value ->> 'sequence_number')::integer > list_response_events.after
    ),
    'is_kept', exists (
      select from private.response_events stored
      where stored.turn_id = response.turn_id and stored.first_number = 0
    ),
    'response', private.describe_response(response)
  );
end
$body$;
grant execute on function public.list_response_events(jsonb,uuid,integer) to agentbase_functions;

create function public.list_response_input(caller jsonb, turn_id uuid, paging jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  response private.responses;
  history int8multirange;
  start bigint;
  is_newest_first boolean := list_response_input.paging ->> 'order' is distinct from 'asc';
begin
  perform private.impersonate(list_response_input.caller, 'chat');
  response := private.own_response(list_response_input.turn_id);
  history := private.input_of_response(response);
  if list_response_input.paging ->> 'after' is not null then
    start := (
      select max(messages.seq) from public.chat_messages messages
      where messages.session_id = response.session_id
        and (list_response_input.paging ->> 'after')::uuid
          in (
            messages.id,
            case when messages.latency_ms is not null then messages.interaction_id end
          )
    );
  end if;
  return jsonb_build_object(
    'asked', response.request -> 'asked',
    'messages', (
      select coalesce(jsonb_agg(
        private.listed_message(page.message)
        order by (page.message).seq * case when is_newest_first then -1 else 1 end
      ), '[]')
      from (
        select messages as message
        from public.chat_messages messages
        where messages.session_id = response.session_id
          and messages.seq <@ history
          and messages.status <> 'error'
          and (start is null or case when is_newest_first then messages.seq <= start
            else messages.seq >= start end)
        order by messages.seq * case when is_newest_first then -1 else 1 end
        limit least((list_response_input.paging ->> 'limit')::integer, 100) + 2
      ) page
    )
  );
end
$body$;
grant execute on function public.list_response_input(jsonb,uuid,jsonb) to agentbase_functions;

create function public.list_sessions(page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF public.chat_sessions
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  perform private.refuse_page_size(page_size);
  return query
  select listed.*
  from (
    (
      select sessions.* from public.chat_sessions sessions
      where sessions.user_id = (select auth.uid())
        and sessions.last_activity_at <= list_sessions.before
        and (sessions.last_activity_at < list_sessions.before
          or sessions.id > list_sessions.before_id)
      order by sessions.last_activity_at desc, sessions.id
      limit list_sessions.page_size
    )
    union all
    select visitors.*
    from private.my_organizations('viewer') mine (id)
    cross join lateral (
      select sessions.* from public.chat_sessions sessions
      where sessions.org_id = mine.id and sessions.user_id is null
        and sessions.last_activity_at <= list_sessions.before
        and (sessions.last_activity_at < list_sessions.before
          or sessions.id > list_sessions.before_id)
      order by sessions.last_activity_at desc, sessions.id
      limit list_sessions.page_size
    ) visitors
  ) listed
  order by listed.last_activity_at desc, listed.id
  limit list_sessions.page_size;
end
$body$;
grant execute on function public.list_sessions(integer,timestamp with time zone,uuid) to authenticated, service_role;

create function public.list_values_to_rotate(active_key text, table_name text, column_name text, after text, batch integer)
returns TABLE(row_id text, owner text, scope text, blob text)
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  registered private.encrypted_columns := private.encrypted_column(
    list_values_to_rotate.table_name, list_values_to_rotate.column_name
  );
begin
  -- In the order of the primary key, so that the next batch goes on where this one
  -- ends. Rows that are locked are left for the next round.
  for row_id, owner, scope, blob in
    execute format(
      'select %1$I::text, %2$I::text, coalesce(%3$L, %7$I::text), '
      'private.blob_of(to_jsonb(%4$I)) from public.%5$I '
      'where %8$s and %4$I is not null and to_jsonb(%6$I) <> ''false'' and '
      'private.key_id_of(private.blob_of(to_jsonb(%4$I))) <> $1 '
      'order by %1$I limit $3 for no key update skip locked',
      registered.row_id,
      registered.owner,
      case when registered.scope is null then registered.column_name end,
      registered.column_name,
      registered.table_name,
      coalesce(registered.only_where, registered.row_id),
      coalesce(registered.scope, registered.row_id),
      -- Read once, so that the primary key leads to the row.
      case when list_values_to_rotate.after is null then 'true' else format(
        '%1$I > (select (jsonb_populate_record(null::public.%2$I, '
        'jsonb_build_object(%1$L, $2))).%1$I)',
        registered.row_id, registered.table_name
      ) end
    )
    using
      list_values_to_rotate.active_key,
      list_values_to_rotate.after,
      least(list_values_to_rotate.batch, 1000)
  loop
    return next;
  end loop;
end
$body$;
grant execute on function public.list_values_to_rotate(text,text,text,text,integer) to agentbase_functions;

create function public.mark_notifications_read(before timestamp with time zone DEFAULT now(), batch integer DEFAULT 10000)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  marked integer;
begin
  update public.notifications
  set read_at = now()
  where notifications.id in (
    select unread.id from public.notifications unread
    where unread.user_id = (select auth.uid())
      and unread.read_at is null
      and unread.created_at <= mark_notifications_read.before
    order by unread.created_at
    limit least(greatest(mark_notifications_read.batch, 1), 10000)
  );
  get diagnostics marked = row_count;
  return jsonb_build_object('marked', marked, 'unread', public.count_unread_notifications());
end
$body$;
grant execute on function public.mark_notifications_read(timestamp with time zone,integer) to authenticated;

create function public.merge_mcp_state(session_id text, changes jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  merged jsonb;
begin
  perform private.require_mcp_state(merge_mcp_state.changes);
  -- One statement: a caller that waited for the row merges into its new state.
  update public.mcp_sessions sessions
  set mcp_state = private.require_mcp_state(
    private.merge_json(sessions.mcp_state, merge_mcp_state.changes)
  )
  where sessions.session_id = merge_mcp_state.session_id and sessions.expires_at > now()
  returning sessions.mcp_state into merged;
  if merged is null then
    perform private.refuse_mcp_session(merge_mcp_state.session_id);
  end if;
  return merged;
end
$body$;
grant execute on function public.merge_mcp_state(text,jsonb) to authenticated;

create function public.notify_agent_status_change()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.notify(
    new.created_by, 'agent_status_change', 'Agent Status Updated',
    format(
      'Agent "%s" status changed from %s to %s', private.name_to_quote(new.name), old.status,
      new.status
    ),
    jsonb_build_object('agent_id', new.id, 'old_status', old.status, 'new_status', new.status),
    case new.status when 'error' then 'high' when 'active' then 'medium' end
  )
  where private.agent_contact(new) is not null;
  return new;
end
$body$;

create function public.open_api_key(caller jsonb, key_id text, purpose text, request_id text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  person public.profiles := private.impersonate(open_api_key.caller);
  opened public.user_api_keys := private.api_key_for(open_api_key.key_id, own => true);
begin
  perform private.take_rate_limit('open_key:' || person.id, 10);
  -- In one transaction with the answer: a key whose opening cannot be
  -- recorded is not opened.
  insert into public.api_key_events (key_id, user_id, organization_id, actor_id, event, details)
  values (
    opened.id, opened.user_id, opened.organization_id, person.id, 'decrypted',
    jsonb_build_object(
      'vendor_id', opened.vendor_id, 'purpose', open_api_key.purpose, 'request_id',
      open_api_key.request_id
    )
  );
  return jsonb_build_object(
    'id', opened.id, 'user_id', opened.user_id, 'vendor_id', opened.vendor_id, 'encrypted_key',
    opened.encrypted_key, 'settings', opened.settings,
    'rules', private.key_rules(opened.vendor_id)
  );
end
$body$;
grant execute on function public.open_api_key(jsonb,text,text,text) to agentbase_functions;

create function public.record_agent_metrics(date date DEFAULT (((now() AT TIME ZONE 'UTC'::text))::date - 1))
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  moment timestamptz := record_agent_metrics.date::timestamp at time zone 'UTC';
  stamp jsonb := jsonb_build_object('period', 'day', 'date', record_agent_metrics.date);
  recorded integer;
begin
  perform private.refuse_days(record_agent_metrics.date, record_agent_metrics.date);
  -- Two runs for one day wait for each other; the second replaces what the first has written.
  perform pg_advisory_xact_lock(
    private.lock_namespace('agent_metrics'), record_agent_metrics.date - date '2000-01-01'
  );
  delete from public.agent_metrics metrics
  where metrics.recorded_at = moment
    and metrics.metadata = stamp
    and metrics.metric_type in (
      'messages', 'tokens', 'cost', 'success_rate', 'latency_p50', 'latency_p95', 'latency_p99'
    );
  insert into public.agent_metrics (agent_id, metric_type, value, unit, metadata, recorded_at)
  select
    performance.agent_id, performance.metric_type, performance.value, performance.unit, stamp,
    moment
  from private.performance_of_day(record_agent_metrics.date) performance
  order by performance.agent_id, performance.metric_type;
  get diagnostics recorded = row_count;
  insert into private.measured_days as measured (date) values (record_agent_metrics.date)
  on conflict on constraint measured_days_pkey do update set measured_at = excluded.measured_at;
  return recorded;
end
$body$;
grant execute on function public.record_agent_metrics(date) to service_role;

create function public.record_agent_probes(results jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  result record;
begin
  for result in
    select found.*
    from jsonb_to_recordset(record_agent_probes.results) as found (
      agent_id uuid, status text, latency_ms integer, error_code text, error_message text,
      retry_after_ms integer,
      is_call boolean, service_id text, usage jsonb
    )
    join public.agents on agents.id = found.agent_id
    order by found.agent_id
  loop
    perform private.record_probe(
      result.agent_id, result.status, result.latency_ms, coalesce(result.is_call, false)
    );
    insert into public.agent_health_checks (
      agent_id, status, latency_ms, error_code, error_message, total_cost
    )
    values (
      result.agent_id, result.status, result.latency_ms, result.error_code,
      left(result.error_message, 2000),
      private.total_cost(private.cost_of(
        private.price_at(result.service_id, now(), (result.usage ->> 'input_tokens')::bigint),
        result.usage
      ))
    );
    update private.agent_probes
    set due_at = greatest(
      due_at, now() + least(result.retry_after_ms, 3600000) * interval '1 millisecond'
    )
    where agent_probes.agent_id = result.agent_id and result.retry_after_ms is not null;
  end loop;
  return (
    select coalesce(
      jsonb_agg(jsonb_build_object(
        'agent_id', health.agent_id, 'status', health.status, 'last_check', health.last_check,
        'latency_ms', health.latency_ms, 'consecutive_failures', health.consecutive_failures,
        'circuit_state', health.circuit_state, 'circuit_retry_at', health.circuit_retry_at
      )),
      '[]'
    )
    from public.agent_health health
    where health.agent_id in (
      select found.agent_id
      from jsonb_to_recordset(record_agent_probes.results) as found (agent_id uuid)
    )
  );
end
$body$;
grant execute on function public.record_agent_probes(jsonb) to agentbase_functions;

create function public.record_api_usage(calls jsonb)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  recorded integer;
begin
  insert into public.api_usage (
    user_id, agent_id, endpoint, method, status_code, response_time_ms, cost_usd, created_at
  )
  select
    profiles.id, agents.id, left(call.endpoint, 255), call.method, call.status_code,
    call.response_time_ms, call.cost_usd,
    -- The clock of a function is its own; a call that it reports now was made just now.
    least(greatest(call.created_at, now() - interval '1 hour'), now())
  from jsonb_to_recordset(record_api_usage.calls) as call (
    user_id uuid, agent_id uuid, endpoint text, method text, status_code integer,
    response_time_ms integer,
    cost_usd numeric, created_at timestamptz
  )
  -- Who called, or what was called, may have been deleted: the call still counts.
  left join public.profiles on profiles.id = call.user_id
  left join public.agents on agents.id = call.agent_id;
  get diagnostics recorded = row_count;
  return recorded;
end
$body$;
grant execute on function public.record_api_usage(jsonb) to agentbase_functions;

create function public.record_missing_agent_metrics()
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select coalesce(sum(public.record_agent_metrics(days.item::date)), 0)::integer
  from private.unmeasured_days() days
$body$;
grant execute on function public.record_missing_agent_metrics() to service_role;

create function public.refresh_agent_activity_scores()
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.score_agents()
$body$;
grant execute on function public.refresh_agent_activity_scores() to service_role;

create function public.refresh_daily_usage(batch integer DEFAULT 200000)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  deadline constant timestamptz := clock_timestamp() + interval '60 seconds';
  written bigint;
  step bigint;
  amount bigint;
  due private.due_item;
begin
  if refresh_daily_usage.batch is null or refresh_daily_usage.batch < 1 then
    perform private.refuse(
      'batch_out_of_range', 'The batch must be at least 1 row.'
    );
  end if;
  written := private.advance_watermark(refresh_daily_usage.batch);
  loop
    step := 0;
    for due in select found.* from private.calendars_to_catch_up() found order by found.item loop
      exit when written >= refresh_daily_usage.batch or clock_timestamp() >= deadline;
      amount := private.catch_up_calendar(
        due.item::bigint, (refresh_daily_usage.batch - written)::integer
      );
      step := step + amount;
      written := written + amount;
    end loop;
    exit when step = 0 or written >= refresh_daily_usage.batch or clock_timestamp() >= deadline;
  end loop;
  for due in select found.* from private.orphaned_usage() found loop
    exit when clock_timestamp() >= deadline;
    perform private.remove_orphaned_usage(due.item::bigint, refresh_daily_usage.batch);
  end loop;
  return written;
end
$body$;
grant execute on function public.refresh_daily_usage(integer) to service_role;

create function public.replace_api_key(caller jsonb, key_id text, key jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  person public.profiles := private.impersonate(replace_api_key.caller);
  changed public.user_api_keys := private.api_key_for(replace_api_key.key_id, own => true);
  key_settings jsonb := coalesce(replace_api_key.key -> 'settings', changed.settings);
begin
  perform private.require_key_settings(changed.vendor_id, key_settings);
  perform private.refuse_known_key(
    person.id, changed.vendor_id, replace_api_key.key -> 'fingerprints', changed.id
  );
  update public.user_api_keys
  set encrypted_key = replace_api_key.key ->> 'encrypted_key',
      key_preview = replace_api_key.key ->> 'key_preview',
      key_fingerprint = replace_api_key.key -> 'fingerprints' ->> 0,
      settings = key_settings,
      is_active = true,
      last_error = null
  where user_api_keys.id = changed.id
  returning * into changed;
  return private.visible_api_key(changed);
end
$body$;
grant execute on function public.replace_api_key(jsonb,text,jsonb) to agentbase_functions;

create function public.report_api_keys(reports jsonb)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- In the order in which all transactions lock keys.
  perform private.report_api_key(report.value)
  from jsonb_array_elements(report_api_keys.reports) as report
  order by report.value ->> 'id';
end
$body$;
grant execute on function public.report_api_keys(jsonb) to agentbase_functions;

create function public.report_deployment(deployment uuid, status text, details jsonb DEFAULT '{}'::jsonb)
returns public.deployments
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  reported public.deployments;
begin
  if report_deployment.status is null
    or report_deployment.status not in ('deploying', 'deployed', 'failed', 'stopped')
  then
    perform private.refuse(
      'invalid_value', 'status must be deploying, deployed, failed or stopped.'
    );
  end if;
  select deployments.* into reported from public.deployments
  where deployments.id = report_deployment.deployment
  for no key update;
  if reported.id is null then
    perform private.refuse('deployment_not_found', 'Deployment not found, or you may not see it.');
  end if;
  -- The same report again changes nothing.
  if reported.status <> report_deployment.status then
    update public.deployments
    set status = report_deployment.status,
        deployment_url = coalesce(
          report_deployment.details ->> 'deployment_url', deployments.deployment_url
        ),
        error_message = coalesce(
          report_deployment.details ->> 'error_message', deployments.error_message
        )
    where deployments.id = reported.id
    returning * into reported;
  end if;
  return reported;
end
$body$;
grant execute on function public.report_deployment(uuid,text,jsonb) to authenticated, service_role;

create function public.report_workflow(caller jsonb, workflow uuid, report jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  known public.workflows;
  execution public.workflow_executions;
  recorded integer;
begin
  perform private.impersonate(report_workflow.caller, 'workflows');
  select workflows.* into known
  from public.workflows
  join private.editable_agents on editable_agents.id = workflows.agent_id
  where workflows.id = report_workflow.workflow and private.key_allows(workflows.agent_id);
  if known.id is null then
    perform private.refuse(
      'workflow_not_found', 'Workflow not found, or you may not report about it.',
      'Name a workflow of an agent that the owner of the access key edits.'
    );
  end if;
  perform private.take_rate_limit(
    'workflow:' || known.id, (private.limits()).workflow_reports_per_minute
  );
  if not coalesce(private.is_payload(report_workflow.report -> 'input'), true)
    or not coalesce(private.is_payload(report_workflow.report -> 'output'), true)
    or not coalesce(private.is_payload(report_workflow.report -> 'error'), true)
  then
    perform private.refuse(
      'request_too_large', 'input, output and error may each have 1 MiB and 64 levels.'
    );
  end if;
  execution := private.merge_execution(known.id, report_workflow.report);
  insert into public.agent_thoughts (
    agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id,
    confidence_score, processing_time_ms, created_at
  )
  select
    known.agent_id, execution.id, thought.node_id, thought.node_type,
    private.redact_text(thought.content),
    private.redact_secrets(coalesce(thought.metadata, '{}')), thought.parent_node_id,
    thought.confidence_score, thought.processing_time_ms, coalesce(thought.created_at, now())
  from jsonb_to_recordset(coalesce(report_workflow.report -> 'thoughts', '[]')) as thought (
    node_id text, node_type text, content text, metadata jsonb, parent_node_id text,
    confidence_score numeric, processing_time_ms integer, created_at timestamptz
  )
  on conflict (execution_id, node_id) do nothing;
  get diagnostics recorded = row_count;
  return jsonb_build_object(
    'id', execution.id, 'execution_id', execution.execution_id, 'status', execution.status,
    'thoughts_recorded', recorded
  );
end
$body$;
grant execute on function public.report_workflow(jsonb,uuid,jsonb) to agentbase_functions;

create function public.reprice_interactions(during tstzrange)
returns TABLE(interaction_id uuid, old_cost numeric, new_cost numeric)
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  turn public.ai_interactions;
  sales jsonb;
  cost numeric;
  payers uuid[] := array[]::uuid[];
begin
  perform pg_advisory_xact_lock(private.lock_namespace('settling_many'), 0);
  for turn in
    select turns.* from public.ai_interactions turns
    where turns.started_at <@ reprice_interactions.during
      and turns.source <> 'manual'
      -- A failed turn has a cost where tokens were used nonetheless.
      and (turns.turn_state <> 'failed' or turns.input_tokens + turns.output_tokens > 0)
    order by turns.id
    for no key update
  loop
    sales := (
      select jsonb_agg(private.priced_again(turn, sale.value, null) order by sale.ordinality)
      from jsonb_array_elements(private.recorded_sales(turn)) with ordinality as sale
    );
    cost := private.total_cost(nullif(private.sum_of_sales(sales) -> 'breakdown', 'null'));
    continue when cost is null or cost is not distinct from turn.total_cost;
    perform private.put_attempt_right(sale) from jsonb_array_elements(sales) as sale;
    perform private.put_turn_right(turn, sales);
    if turn.organization_id <> all (payers) then
      payers := payers || turn.organization_id;
    end if;
    interaction_id := turn.id;
    old_cost := turn.total_cost;
    new_cost := cost;
    return next;
  end loop;
  perform private.recount_budgets(payer.id) from (select unnest(payers) as id order by 1) payer;
end
$body$;
grant execute on function public.reprice_interactions(tstzrange) to service_role;

create function public.reserve_attempt(turn_id uuid)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  turn private.running_turns := private.lock_turn(reserve_attempt.turn_id);
begin
  if turn.id is null then
    return false;
  end if;
  perform private.lock_budgets(turn.organization_id);
  if exists (
    select from public.budget_reservations reservations
    join public.budgets on budgets.id = reservations.budget_id
    where reservations.interaction_id = turn.id and budgets.is_active
      and budgets.spent_usd
        + budgets.reserved_usd
        + reservations.amount_usd / reservations.attempts
        > budgets.limit_usd
  ) then
    return false;
  end if;
  with extended as (
    update public.budget_reservations
    set amount_usd = amount_usd + amount_usd / attempts, attempts = attempts + 1
    where interaction_id = turn.id
    returning budget_id, amount_usd / attempts as amount
  )
  update public.budgets set reserved_usd = reserved_usd + extended.amount
  from extended where budgets.id = extended.budget_id;
  update private.running_turns set calls = calls + 1 where running_turns.id = turn.id;
  return true;
end
$body$;
grant execute on function public.reserve_attempt(uuid) to agentbase_functions;

create function public.restore_organization(organization_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.restore_organization(restore_organization.organization_id)
$body$;
grant execute on function public.restore_organization(uuid) to authenticated;

create function public.resume_mcp_session(session_id text, lifetime interval DEFAULT '24:00:00'::interval)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  resumed jsonb;
begin
  perform private.require_mcp_lifetime(resume_mcp_session.lifetime);
  update public.mcp_sessions sessions
  set expires_at = greatest(sessions.expires_at, now() + resume_mcp_session.lifetime)
  where sessions.session_id = resume_mcp_session.session_id and sessions.expires_at > now()
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'mcp_state', sessions.mcp_state, 'expires_at',
    sessions.expires_at
  ) into resumed;
  if resumed is null then
    perform private.refuse_mcp_session(resume_mcp_session.session_id);
  end if;
  return resumed;
end
$body$;
grant execute on function public.resume_mcp_session(text,interval) to authenticated;

create function public.revoke_access_key(access_key_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.revoke_access_key(revoke_access_key.access_key_id)
$body$;
grant execute on function public.revoke_access_key(uuid) to authenticated;

create function public.rollback_deployment(deployment uuid)
returns public.deployments
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  past public.deployments;
  before public.agents;
begin
  select deployments.* into past from public.deployments
  where deployments.id = rollback_deployment.deployment;
  if past.id is null then
    perform private.refuse('deployment_not_found', 'Deployment not found, or you may not see it.');
  end if;
  perform private.lock_agent_to_deploy(past.agent_id);
  if past.deployed_at is null or past.snapshot = '{}' then
    perform private.refuse(
      'deployment_not_restorable', format('Version %s was never deployed.', past.version),
      'Choose a deployment whose deployed_at is set.'
    );
  end if;
  before := jsonb_populate_record(null::public.agents, past.snapshot);
  update public.agents
  set type = before.type, vendor_id = before.vendor_id, service_id = before.service_id,
      model_name = before.model_name, system_prompt = before.system_prompt,
      temperature = before.temperature, max_tokens = before.max_tokens, config = before.config,
      capabilities = before.capabilities, deployment_config = before.deployment_config,
      voice_provider = before.voice_provider, voice_id = before.voice_id,
      voice_settings = before.voice_settings, speech_processing = before.speech_processing,
      security = before.security, knowledge_base_ids = before.knowledge_base_ids
  where agents.id = past.agent_id;
  return public.deploy_agent(
    past.agent_id, 'rollback',
    jsonb_build_object('deployment_id', past.id, 'version', past.version)
  );
end
$body$;
grant execute on function public.rollback_deployment(uuid) to authenticated, service_role;

create function public.rotate_access_key(caller jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(rotate_access_key.caller);
  rotated public.access_keys;
begin
  -- The lock makes two rotations take turns: the second replaces what the first made.
  select keys.* into rotated
  from public.access_keys keys
  where keys.id = (rotate_access_key.request ->> 'access_key_id')::uuid
    and keys.user_id = profile.id
    and keys.organization_id = any (array(select private.my_organizations('member')))
  for no key update;
  if rotated.id is null then
    perform private.refuse(
      'access_key_not_found', 'Access key not found, or it is not yours.',
      'Only its owner can rotate an access key.'
    );
  elsif rotated.revoked_at is not null or rotated.expires_at <= now() then
    perform private.refuse(
      'access_key_ended', 'This access key has been revoked or has expired.',
      'Create a new one.'
    );
  end if;
  update private.access_key_secrets secrets
  set expires_at = least(
    secrets.expires_at,
    now() + make_interval(secs => (rotate_access_key.request ->> 'grace_seconds')::integer)
  )
  where secrets.access_key_id = rotated.id;
  perform private.add_access_key_secret(rotated.id, rotate_access_key.request);
  update public.access_keys
  set
    prefix = rotate_access_key.request ->> 'prefix',
    last_four = rotate_access_key.request ->> 'last_four',
    rotated_at = clock_timestamp()
  where access_keys.id = rotated.id
  returning * into rotated;
  return to_jsonb(rotated);
end
$body$;
grant execute on function public.rotate_access_key(jsonb,jsonb) to agentbase_functions;

create function public.search_interactions(organization_id uuid, tags text[] DEFAULT NULL::text[], keywords text[] DEFAULT NULL::text[], metadata jsonb DEFAULT NULL::jsonb, page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF public.recent_interactions
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  perform private.refuse_page_size(search_interactions.page_size);
  return query
  select named.*
  from private.matching_interactions(
    search_interactions.organization_id, search_interactions.tags, search_interactions.keywords,
    search_interactions.metadata, search_interactions.page_size, search_interactions.before,
    search_interactions.before_id
  ) latest
  join private.named_interactions named on named.id = latest.id
  order by named.started_at desc, named.id;
end
$body$;
grant execute on function public.search_interactions(uuid,text[],text[],jsonb,integer,timestamp with time zone,uuid) to authenticated, service_role;

create function public.settle_chat_turn(turn_id uuid, outcome jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  running private.running_turns := private.lock_turn(settle_chat_turn.turn_id);
  sales jsonb;
  turn public.ai_interactions;
begin
  -- A second settlement (a retry, the sweep) changes nothing.
  if running.id is null then
    return jsonb_build_object('settled', false, 'total_cost', null);
  end if;
  sales := private.sales_of_turn(running, settle_chat_turn.outcome);
  turn := private.record_turn(
    running, settle_chat_turn.outcome, private.sum_of_sales(sales)
  );
  if turn.id is null then
    delete from private.running_turns where running_turns.id = running.id;
    return jsonb_build_object('settled', false, 'total_cost', null);
  end if;
  perform private.store_answer(turn, settle_chat_turn.outcome);
  perform private.store_attempts(turn, settle_chat_turn.outcome -> 'attempts', sales);
  perform private.keep_body(turn, running, settle_chat_turn.outcome);
  perform private.charge_budgets(turn, turn.total_cost);
  delete from private.running_turns where running_turns.id = running.id;
  perform private.report_to_circuits(turn);
  perform public.report_api_keys(coalesce(settle_chat_turn.outcome -> 'keys', '[]'));
  return jsonb_build_object('settled', true, 'total_cost', turn.total_cost::text) || case
    when (settle_chat_turn.outcome ->> 'mirror')::boolean then private.mirror_of_turn(turn)
    else '{}'
  end;
end
$body$;
grant execute on function public.settle_chat_turn(uuid,jsonb) to agentbase_functions;

create function public.store_agent_config(caller jsonb, config jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(store_agent_config.caller);
  stored public.ai_agent_configs;
begin
  perform private.require_editable_agent((store_agent_config.config ->> 'agent_id')::uuid);
  -- A ciphertext is bound to its row, so that a new value has a new id.
  insert into public.ai_agent_configs as configs (
    id, agent_id, config_key, config_value, config_type, description, is_encrypted, user_id
  )
  values (
    (store_agent_config.config ->> 'id')::uuid,
    (store_agent_config.config ->> 'agent_id')::uuid,
    store_agent_config.config ->> 'config_key',
    store_agent_config.config -> 'ciphertext',
    coalesce(store_agent_config.config ->> 'config_type', 'general'),
    store_agent_config.config ->> 'description',
    true,
    profile.id
  )
  on conflict (agent_id, user_id, config_key) do update set
    id = excluded.id, config_value = excluded.config_value, config_type = excluded.config_type,
    description = excluded.description, is_encrypted = true
  returning configs.* into stored;
  return to_jsonb(stored) - 'config_value' - 'user_id';
end
$body$;
grant execute on function public.store_agent_config(jsonb,jsonb) to agentbase_functions;

create function public.store_oauth_token(caller jsonb, provider text, session_id text, token jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(store_oauth_token.caller);
  is_refreshable boolean := (store_oauth_token.token ->> 'refreshable')::boolean;
  expiry timestamptz := now() + private.oauth_lifetime(
    store_oauth_token.provider, (store_oauth_token.token ->> 'expires_in')::double precision,
    null, is_refreshable
  );
begin
  insert into public.mcp_sessions as sessions (
    session_id, user_id, oauth_provider, oauth_status, oauth_data, oauth_issued_at,
    oauth_expires_at, oauth_refreshable, expires_at
  )
  values (
    store_oauth_token.session_id,
    profile.id,
    store_oauth_token.provider,
    'connected',
    jsonb_build_object('ciphertext', store_oauth_token.token -> 'ciphertext'),
    now(),
    expiry,
    is_refreshable,
    now() + interval '90 days'
  )
  on conflict (user_id, oauth_provider) where oauth_provider is not null do update set
    oauth_status = excluded.oauth_status, oauth_data = excluded.oauth_data,
    oauth_issued_at = excluded.oauth_issued_at, oauth_expires_at = excluded.oauth_expires_at,
    oauth_refreshable = excluded.oauth_refreshable, oauth_lease = null, oauth_lease_until = null,
    oauth_failing_since = null, expires_at = excluded.expires_at
    where sessions.session_id = excluded.session_id
      and (
        not store_oauth_token.token ? 'in_place_of'
        or sessions.oauth_data -> 'ciphertext'
          is not distinct from nullif(store_oauth_token.token -> 'in_place_of', 'null')
      );
  -- Not found: another request has stored tokens, or made the session, since it was looked up.
  return jsonb_build_object('stored', found, 'expires_at', expiry);
end
$body$;
grant execute on function public.store_oauth_token(jsonb,text,text,jsonb) to agentbase_functions;

create function public.swap_rotated_values(table_name text, column_name text, swaps jsonb)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  registered private.encrypted_columns := private.encrypted_column(
    swap_rotated_values.table_name, swap_rotated_values.column_name
  );
  swapped integer;
begin
  perform set_config('agentbase.audit_event', 'rotated', true);
  -- Rows are read from JSON, which brings each value to its column's type.
  execute format(
    'with swaps as ('
    '  select swaps.old, to_jsonb(swaps.blob) as blob, to_jsonb(swaps.fingerprint) as '
    'fingerprint, '
    '    (jsonb_populate_record(null::public.%1$I, jsonb_build_object(%2$L, swaps.row_id))).%2$I '
    'as row_id '
    '  from jsonb_to_recordset($1) as swaps (row_id text, old text, blob text, fingerprint text)'
    '), held as ('
    '  select held.%2$I as row_id, jsonb_populate_record(null::public.%1$I, jsonb_build_object('
    '    %3$L, case jsonb_typeof(to_jsonb(held.%3$I)) when ''object'' then '
    'jsonb_build_object(''ciphertext'', swaps.blob) else swaps.blob end, '
    '    %4$L, coalesce(case when $2 then swaps.fingerprint end, to_jsonb(held.%4$I))'
    '  )) as news '
    '  from public.%1$I held join swaps on swaps.row_id = held.%2$I and swaps.old = '
    'private.blob_of(to_jsonb(held.%3$I)) '
    '  order by held.%2$I for no key update of held skip locked'
    ') '
    'update public.%1$I changed set %3$I = (held.news).%3$I, %4$I = (held.news).%4$I '
    'from held where changed.%2$I = held.row_id',
    registered.table_name,
    registered.row_id,
    registered.column_name,
    coalesce(registered.fingerprint, registered.row_id)
  )
  using swap_rotated_values.swaps, registered.fingerprint is not null;
  get diagnostics swapped = row_count;
  perform set_config('agentbase.audit_event', '', true);
  return swapped;
end
$body$;
grant execute on function public.swap_rotated_values(text,text,jsonb) to agentbase_functions;

create function public.sweep_chat_turns(expired_before timestamp with time zone DEFAULT now())
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  deadline constant timestamptz := clock_timestamp() + interval '40 seconds';
  turn private.due_item;
  swept integer := 0;
begin
  -- One at a time: what a second one would do, the first is doing.
  if not pg_try_advisory_xact_lock(private.lock_namespace('settling_many'), 0) then
    return 0;
  end if;
  -- This transaction keeps the agent and the budgets of a turn while it locks those of the next,
  -- which is against the order. So it hardly waits: a settlement that waits for it looks for
  -- deadlocks once, after a second, and must not find it waiting.
  perform set_config('lock_timeout', '20ms', true);
  for turn in
    select abandoned.* from private.abandoned_turns(sweep_chat_turns.expired_before) abandoned
    order by abandoned.round, abandoned.due_at
    limit 1000
  loop
    exit when clock_timestamp() >= deadline;
    begin
      swept := swept + private.sweep_turn(turn.item::uuid);
    exception when others then
      raise warning 'Cannot settle turn %: %', turn.item, sqlerrm;
    end;
  end loop;
  return swept;
end
$body$;
grant execute on function public.sweep_chat_turns(timestamp with time zone) to service_role;

create function public.take_oauth_token(caller jsonb, provider text, claimant uuid, asked jsonb DEFAULT '{}'::jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(take_oauth_token.caller);
  -- The moment at which the session is read: tokens that were not due then are not
  -- locked, so no request may claim them.
  moment timestamptz := clock_timestamp();
  session public.mcp_sessions := private.oauth_session(
    profile.id, take_oauth_token.provider, moment, take_oauth_token.asked ? 'rejected'
  );
  is_rejected boolean := coalesce(
    session.oauth_data ->> 'ciphertext' = take_oauth_token.asked ->> 'rejected', false
  );
  -- Refreshed while the caller waited: good enough, however short its life.
  is_fresh boolean := coalesce(
    session.oauth_issued_at >= (take_oauth_token.asked ->> 'since')::timestamptz, false
  );
  is_due boolean := is_rejected
    or coalesce(not is_fresh and private.oauth_due_at(session) <= moment, false);
  waits interval := session.oauth_lease_until - moment;
  is_waiting boolean := coalesce(
    is_due and session.oauth_refreshable and waits > interval '0', false
  );
  answer jsonb := jsonb_build_object(
    'session_id', session.session_id, 'ciphertext', session.oauth_data -> 'ciphertext',
    'expires_at', session.oauth_expires_at
  );
  pause jsonb := jsonb_build_object('retry_after_ms', ceil(extract(epoch from waits) * 1000));
begin
  if session.session_id is null then
    perform private.refuse(
      'oauth_token_not_found', 'You have no stored tokens of this provider.',
      'Sign in to the provider and store its tokens with POST /oauth-tokens.'
    );
  end if;
  if session.oauth_status = 'needs_reauth' then
    return jsonb_build_object('state', 'needs_reauth');
  end if;
  if is_waiting and session.oauth_lease is not null then
    return pause || jsonb_build_object('state', 'busy', 'asked_at', moment);
  end if;
  perform private.take_rate_limit(
    'oauth_tokens:' || profile.id, (private.limits()).oauth_token_calls_per_minute
  );
  if is_waiting
    and (is_rejected or session.oauth_expires_at <= moment + interval '5 seconds')
  then
    return pause || jsonb_build_object('state', 'resting');
  end if;
  if is_due and session.oauth_refreshable and not is_waiting then
    return answer || private.claim_oauth_refresh(session, take_oauth_token.claimant);
  end if;
  if is_rejected or session.oauth_expires_at <= moment and not is_fresh then
    perform private.require_oauth_reauth(session);
    return jsonb_build_object('state', 'needs_reauth');
  end if;
  return answer || jsonb_build_object('state', 'ready');
end
$body$;
grant execute on function public.take_oauth_token(jsonb,text,uuid,jsonb) to agentbase_functions;

create function public.update_agent_activity_score(agent_id uuid)
returns real
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  score real;
begin
  -- Callers that do not see the agent learn nothing of it here either.
  if not exists (select from public.agents where agents.id = update_agent_activity_score.agent_id)
  then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  perform private.score_agents(update_agent_activity_score.agent_id);
  select agents.activity_score into score
  from public.agents
  where agents.id = update_agent_activity_score.agent_id;
  return score;
end
$body$;
grant execute on function public.update_agent_activity_score(uuid) to authenticated, service_role;

create function public.update_api_key_last_used(user_id uuid, vendor_id text, service_id text DEFAULT NULL::text)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  update public.user_api_keys
  set last_used_at = now()
  where user_api_keys.id = (
    select keys.id
    from private.usable_api_keys(
      update_api_key_last_used.user_id, null, update_api_key_last_used.vendor_id,
      update_api_key_last_used.service_id
    ) keys
    limit 1
  )
$body$;
grant execute on function public.update_api_key_last_used(uuid,text,text) to service_role;

create function public.update_daily_usage_stats(date date DEFAULT (((now() AT TIME ZONE 'UTC'::text))::date - 1))
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.refuse_days(update_daily_usage_stats.date, update_daily_usage_stats.date);
  perform private.roll_up_day(
    update_daily_usage_stats.date, (private.lock_watermark()).rolled_up_until
  );
  perform private.remove_orphaned_usage(due.item::bigint)
  from private.orphaned_usage() due;
end
$body$;
grant execute on function public.update_daily_usage_stats(date) to service_role;

create function public.update_updated_at_column()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.updated_at = now();
  return new;
end
$body$;

create function public.verify_daily_usage(from_date date, to_date date)
returns SETOF public.daily_usage
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  perform private.refuse_days(verify_daily_usage.from_date, verify_daily_usage.to_date);
  return query
  select differences.*
  from private.usage_differences(
    verify_daily_usage.from_date, verify_daily_usage.to_date
  ) differences;
end
$body$;
grant execute on function public.verify_daily_usage(date,date) to service_role;

create function public.void_chat_turn(request_id text)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  turn_id uuid := (
    select turns.id
    from private.running_turns turns
    where turns.request_id = void_chat_turn.request_id
      -- A second call is reserved only after a first one was made.
      and turns.calls = 1
  );
begin
  return (
    public.settle_chat_turn(turn_id, private.unanswered_turn()) ->> 'settled'
  )::boolean;
end
$body$;
grant execute on function public.void_chat_turn(text) to agentbase_functions;

create function public.warn_of_rate_limit(per_minute integer, user_id uuid DEFAULT NULL::uuid, organization_id uuid DEFAULT NULL::uuid)
returns void
language sql volatile security definer
set search_path=""
as $body$
  select private.notify(
    people.id, 'rate_limit_warning', 'Close to the rate limit',
    format(
      '%s used four fifths of %s %s requests a minute.', people.who, people.whose,
      warn_of_rate_limit.per_minute
    ),
    people.about || jsonb_build_object('limit', warn_of_rate_limit.per_minute)
  )
  from (
    select profiles.id, 'You have' as who, 'your' as whose, '{}'::jsonb as about
    from public.profiles
    where profiles.id = warn_of_rate_limit.user_id
    union all
    select
      members.user_id,
      format('The organization "%s" has', private.name_to_quote(organizations.name)),
      'its',
      jsonb_build_object('organization_id', organizations.id)
    from public.organizations
    join public.organization_members members on members.organization_id = organizations.id
    where organizations.id = warn_of_rate_limit.organization_id
      and private.role_rank(members.role) >= private.role_rank('admin')
  ) people
  where not exists (
    select from public.notifications
    where notifications.user_id = people.id
      and notifications.type = 'rate_limit_warning'
      and notifications.data -> 'organization_id'
        is not distinct from people.about -> 'organization_id'
      and notifications.created_at > now() - interval '1 hour'
  )
$body$;
grant execute on function public.warn_of_rate_limit(integer,uuid,uuid) to agentbase_functions;

-- Publications -----------------------------------------------------------------------------------

alter publication supabase_realtime add table public.agent_health (id, agent_id, status, last_check, latency_ms, consecutive_failures, circuit_state, circuit_opened_at, circuit_retry_at, circuit_opens, is_alerted, created_at, updated_at);
alter publication supabase_realtime add table public.agent_thoughts (id, agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id, confidence_score, processing_time_ms, created_at);
alter publication supabase_realtime add table public.agents (id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, activity_score, usage_count, last_used_at, is_favorite, is_public, is_published, is_platform, version, created_by, organization_id, created_at, updated_at, team_id, llm_provider, llm_model, config_json, is_active);
alter publication supabase_realtime add table public.chat_messages (id, session_id, interaction_id, seq, role, content, content_parts, name, tool_calls, tool_call_id, continuation, history_fingerprint, finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used, audio_url, audio_duration_ms, created_at);
alter publication supabase_realtime add table public.deployments (id, agent_id, version, status, trigger_type, trigger_config, snapshot, deployment_url, error_message, deployed_at, stopped_at, created_at, updated_at);
alter publication supabase_realtime add table public.notifications (id, user_id, type, title, message, data, priority, read_at, expires_at, topic, occurrences, last_occurred_at, created_at);
alter publication supabase_realtime add table public.workflow_executions (id, workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms, started_at, completed_at, created_at, updated_at);

alter publication supabase_realtime_messages_publication add table realtime.messages (topic, extension, payload, event, private, updated_at, inserted_at, id);

-- Default privileges -----------------------------------------------------------------------------

alter default privileges for role postgres grant execute on functions to postgres;
