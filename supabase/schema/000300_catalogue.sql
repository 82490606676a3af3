-- The current state of what 000300_catalogue.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

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
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF is_active, sort_order, created_at, updated_at ON public.agent_features FOR EACH ROW WHEN ((num_nulls(new.is_active, new.sort_order, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER update_agent_features_updated_at BEFORE UPDATE ON public.agent_features FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

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
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF is_active, sort_order, created_at, updated_at ON public.interaction_types FOR EACH ROW WHEN ((num_nulls(new.is_active, new.sort_order, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER keep_named_row BEFORE DELETE OR UPDATE OF id ON public.interaction_types FOR EACH ROW EXECUTE FUNCTION private.keep_named_row('interaction_type_id', 'ai_interactions');
CREATE TRIGGER update_interaction_types_updated_at BEFORE UPDATE ON public.interaction_types FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

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
  voices text[],
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
  constraint service_kind_is_known CHECK ((service_kind = ANY (private.service_kinds()))),
  constraint service_name_is_not_empty CHECK ((service_name <> ''::text)),
  constraint voices_are_1_to_500_names CHECK ((((cardinality(voices) >= 1) AND (cardinality(voices) <= 500)) AND (array_position(voices, NULL::text) IS NULL) AND (char_length(array_to_string(voices, ''::text)) <= 20000)))
);
alter table public.vendor_services enable row level security;
create policy "Anyone reads services" on public.vendor_services
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.vendor_services to service_role;
grant select on public.vendor_services to anon;
grant select on public.vendor_services to authenticated;
CREATE INDEX vendor_services_replaced_by_idx ON public.vendor_services USING btree (vendor_id, replaced_by) WHERE (replaced_by IS NOT NULL);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF service_kind, is_active, created_at, updated_at ON public.vendor_services FOR EACH ROW WHEN ((num_nulls(new.service_kind, new.is_active, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER keep_named_row BEFORE DELETE OR UPDATE OF id ON public.vendor_services FOR EACH ROW EXECUTE FUNCTION private.keep_named_row('service_id', 'ai_interactions', 'agent_executions');
CREATE TRIGGER record_audit_change AFTER UPDATE OF vendor_id, service_name, display_name, service_kind, context_window, max_output_tokens, retired_on, replaced_by, is_active ON public.vendor_services FOR EACH ROW WHEN (((((((((((old.vendor_id IS DISTINCT FROM new.vendor_id) OR (old.service_name IS DISTINCT FROM new.service_name)) OR (old.display_name IS DISTINCT FROM new.display_name)) OR (old.service_kind IS DISTINCT FROM new.service_kind)) OR (old.context_window IS DISTINCT FROM new.context_window)) OR (old.max_output_tokens IS DISTINCT FROM new.max_output_tokens)) OR (old.retired_on IS DISTINCT FROM new.retired_on)) OR (old.replaced_by IS DISTINCT FROM new.replaced_by)) OR (old.is_active IS DISTINCT FROM new.is_active)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.vendor_services FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
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
  constraint api_format_is_known CHECK ((api_format = ANY (ARRAY['openai'::text, 'anthropic'::text, 'gemini'::text, 'elevenlabs'::text, 'deepgram'::text, 'native'::text]))),
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
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF auth_type, auth_header, api_format, max_tokens_field, cancel_stops_billing, probe_by_call, extra_fields, takes_stream_options, takes_developer_role, takes_parallel_tool_calls, instructions_first, metadata_needs_store, is_active, created_at, updated_at ON public.vendors FOR EACH ROW WHEN ((num_nulls(new.auth_type, new.auth_header, new.api_format, new.max_tokens_field, new.cancel_stops_billing, new.probe_by_call, new.extra_fields, new.takes_stream_options, new.takes_developer_role, new.takes_parallel_tool_calls, new.instructions_first, new.metadata_needs_store, new.is_active, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER keep_named_row BEFORE DELETE OR UPDATE OF id ON public.vendors FOR EACH ROW EXECUTE FUNCTION private.keep_named_row('vendor_id', 'ai_interactions', 'agent_executions');
CREATE TRIGGER record_audit_change AFTER UPDATE OF name, auth_type, base_url, auth_header, auth_scheme, api_format, probe_path, usage_path, extra_fields, key_pattern, is_active ON public.vendors FOR EACH ROW WHEN (((((((((((((old.name IS DISTINCT FROM new.name) OR (old.auth_type IS DISTINCT FROM new.auth_type)) OR (old.base_url IS DISTINCT FROM new.base_url)) OR (old.auth_header IS DISTINCT FROM new.auth_header)) OR (old.auth_scheme IS DISTINCT FROM new.auth_scheme)) OR (old.api_format IS DISTINCT FROM new.api_format)) OR (old.probe_path IS DISTINCT FROM new.probe_path)) OR (old.usage_path IS DISTINCT FROM new.usage_path)) OR (old.extra_fields IS DISTINCT FROM new.extra_fields)) OR (old.key_pattern IS DISTINCT FROM new.key_pattern)) OR (old.is_active IS DISTINCT FROM new.is_active)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.vendors FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER update_vendors_updated_at BEFORE UPDATE ON public.vendors FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.current_service(service_id text)
returns text
language plpgsql stable strict security invoker
set search_path=""
as $body$
declare
  service public.vendor_services;
  next_id text := current_service.service_id;
begin
  -- Also ends a cycle of replacements.
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

create function private.service_kinds()
returns text[]
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select array['chat', 'embedding', 'image', 'moderation', 'speech', 'transcription', 'search']
$body$;
grant execute on function private.service_kinds() to service_role;

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

create function public.interaction_types(ai_interactions public.ai_interactions)
returns SETOF public.interaction_types
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.interaction_types related where related.id = interaction_types.ai_interactions.interaction_type_id $body$;
grant execute on function public.interaction_types(public.ai_interactions) to authenticated, service_role;

create function public.vendor_services(agent_executions public.agent_executions)
returns SETOF public.vendor_services
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.vendor_services related where related.id = vendor_services.agent_executions.service_id $body$;
grant execute on function public.vendor_services(public.agent_executions) to authenticated, service_role;

create function public.vendor_services(ai_interactions public.ai_interactions)
returns SETOF public.vendor_services
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.vendor_services related where related.id = vendor_services.ai_interactions.service_id $body$;
grant execute on function public.vendor_services(public.ai_interactions) to authenticated, service_role;

create function public.vendors(agent_executions public.agent_executions)
returns SETOF public.vendors
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.vendors related where related.id = vendors.agent_executions.vendor_id $body$;
grant execute on function public.vendors(public.agent_executions) to authenticated, service_role;

create function public.vendors(ai_interactions public.ai_interactions)
returns SETOF public.vendors
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.vendors related where related.id = vendors.ai_interactions.vendor_id $body$;
grant execute on function public.vendors(public.ai_interactions) to authenticated, service_role;
