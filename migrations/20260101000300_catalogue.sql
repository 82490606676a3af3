-- The catalogue: vendors, their services, and the features and kinds of interaction that describe
-- agents. Seed 002. All of it is rows: adding a vendor or a service is an INSERT.

create table public.vendors (
  id text primary key,
  name text not null,
  description text,
  auth_type text not null default 'api_key',
  base_url text,
  auth_header text not null default 'Authorization',
  auth_scheme text default 'Bearer',
  api_format text not null default 'openai',
  max_tokens_field text not null default 'max_tokens',
  cancel_stops_billing boolean not null default true,
  probe_path text default '/models',
  probe_by_call boolean not null default false,
  usage_path text,
  extra_fields text[] not null default '{}',
  takes_stream_options boolean not null default true,
  takes_developer_role boolean not null default false,
  takes_parallel_tool_calls boolean not null default true,
  instructions_first boolean not null default false,
  metadata_needs_store boolean not null default false,
  key_pattern text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_id_is_lower_case_words check (id ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint vendor_name_is_not_empty check (name <> ''),
  constraint auth_type_is_known check (auth_type in ('api_key', 'oauth', 'bearer_token')),
  constraint base_url_is_https_or_loopback
    check (base_url ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s]*[^/\s]$'),
  constraint key_pattern_is_anchored
    check (key_pattern ~ '^\^.+\$$' and char_length(key_pattern) <= 200),
  constraint auth_header_is_a_header_name check (auth_header ~ '^[A-Za-z0-9-]+$'),
  constraint auth_scheme_is_a_word check (auth_scheme ~ '^[A-Za-z0-9-]+$'),
  constraint api_format_is_known check (
    api_format in ('openai', 'anthropic', 'gemini', 'elevenlabs', 'deepgram', 'native')
  ),
  constraint max_tokens_field_is_a_field_name check (max_tokens_field ~ '^[a-z][a-z_]*$'),
  constraint extra_fields_are_field_names
    check (array_to_string(extra_fields, ' ', ' ') ~ '^([a-z][a-z0-9_]*( |$))*$'),
  constraint probe_path_is_a_path check (probe_path ~ '^(/[A-Za-z0-9._~-]+)+$'),
  constraint usage_path_has_a_place_for_the_id check (usage_path ~ '^/[^\s{}]*\{id\}[^\s{}]*$')
);
comment on table public.vendors is
  'Vendors of models, and how to call them. Readable by everyone.';
comment on column public.vendors.id is 'Short name, such as openai.';
comment on column public.vendors.name is 'Name of the vendor to show.';
comment on column public.vendors.description is 'What the vendor offers.';
comment on column public.vendors.auth_type is
  'How the vendor authenticates calls: api_key, oauth or bearer_token.';
comment on column public.vendors.base_url is
  'Where its API begins, without a slash at the end; {name} stands for a value from '
  'configuration.';
comment on column public.vendors.auth_header is 'Header that carries the credential.';
comment on column public.vendors.auth_scheme is
  'Word before the credential in the header; null for the bare credential.';
comment on column public.vendors.api_format is
  'Wire format of base_url: openai (chat/completions), anthropic (messages), gemini '
  '(generateContent), elevenlabs, deepgram (speech and transcripts of both), or native (another '
  'of the vendor''s own, which is not called). Clients of every format of chat reach the first '
  'three.';
comment on column public.vendors.max_tokens_field is
  'Field of a call that limits the tokens of its answer, reasoning included: max_tokens, or what '
  'the vendor''s newest models take instead.';
comment on column public.vendors.cancel_stops_billing is
  'Whether aborting a call stops its cost. If not, the answer is read to its end, so that its '
  'usage is known.';
comment on column public.vendors.probe_path is
  'Path after base_url of a free call that verifies address and credential: the list of models, or '
  'information about a key. Null for none.';
comment on column public.vendors.probe_by_call is
  'Whether platform agents of a vendor without probe_path are probed by a minimal call of their '
  'model. It costs money, so it is off by default.';
comment on column public.vendors.usage_path is
  'Path after base_url, such as /generation?id={id}, that returns the usage and cost of an answer '
  'afterwards; null for none. Called after an aborted answer.';
comment on column public.vendors.extra_fields is
  'Fields beyond OpenAI''s that its API accepts without charge, such as top_k. They are sent with '
  'any credential; all other fields only with the caller''s own key.';
comment on column public.vendors.takes_stream_options is
  'Whether it accepts stream_options, which request usage. False if it refuses them, as Databricks '
  'does; it then sends usage anyway, or usage is estimated.';
comment on column public.vendors.takes_developer_role is
  'Whether it accepts messages of the role developer; otherwise they are sent as system.';
comment on column public.vendors.takes_parallel_tool_calls is
  'Whether it accepts parallel_tool_calls; otherwise the field is left out.';
comment on column public.vendors.instructions_first is
  'Whether its models accept instructions only in the first message, as templates of Qwen and '
  'Gemma do; later ones are then moved there.';
comment on column public.vendors.metadata_needs_store is
  'Whether it accepts metadata only with store: true, as OpenAI does; without it they are left '
  'out.';
comment on column public.vendors.key_pattern is
  'Regular expression of its API keys, from ^ to $, as JavaScript and Postgres both read it; '
  'null where they have no known form.';
comment on column public.vendors.is_active is
  'False disables the vendor. A vendor with turns, agents or stored keys cannot be deleted.';
comment on column public.vendors.created_at is 'When the vendor was added.';
comment on column public.vendors.updated_at is 'When the vendor was last changed.';

-- The catalogue is public to read; only the backend writes it.
alter table public.vendors enable row level security;
create policy "Anyone reads vendors"
  on public.vendors
  for select to anon, authenticated
  using (true);
grant select on public.vendors to anon, authenticated;
grant select, insert, update, delete on public.vendors to service_role;
create trigger update_vendors_updated_at before update on public.vendors
  for each row execute function public.update_updated_at_column();

create function private.service_kinds()
returns text[]
language sql
immutable parallel safe
set search_path = ''
as $$
  select array['chat', 'embedding', 'image', 'moderation', 'speech', 'transcription', 'search']
$$;
comment on function private.service_kinds() is
  'What services are for. search is chat with a model that searches the web.';
grant execute on function private.service_kinds() to service_role;

create table public.vendor_services (
  id text primary key,
  vendor_id text not null references public.vendors (id) on delete cascade,
  service_name text not null,
  display_name text not null,
  description text,
  service_kind text not null default 'chat',
  context_window integer,
  max_output_tokens integer,
  image_tokens integer,
  voices text[],
  retired_on date,
  replaced_by text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (vendor_id, service_name),
  -- In this order, so that a name is looked up by the index above.
  unique (id, vendor_id),
  constraint service_id_is_lower_case_words check (id ~ '^[a-z][a-z0-9_]{0,126}$'),
  constraint service_name_is_not_empty check (service_name <> ''),
  constraint service_kind_is_known
    check (service_kind = any (private.service_kinds())),
  constraint context_window_is_positive check (context_window > 0),
  constraint max_output_tokens_is_positive check (max_output_tokens > 0),
  constraint image_tokens_is_positive check (image_tokens > 0),
  constraint voices_are_1_to_500_names check (
    cardinality(voices) between 1 and 500 and array_position(voices, null) is null
    and char_length(array_to_string(voices, '')) <= 20000
  ),
  constraint service_is_not_replaced_by_itself check (replaced_by <> id),
  constraint service_is_replaced_by_one_of_its_vendor
    foreign key (vendor_id, replaced_by) references public.vendor_services (vendor_id, id)
    on delete restrict
);
comment on table public.vendor_services is
  'One thing that a vendor sells, usually a model. Readable by everyone.';
comment on column public.vendor_services.id is 'Short name, such as openai_gpt4.';
comment on column public.vendor_services.vendor_id is 'Who sells it.';
comment on column public.vendor_services.service_name is
  'The vendor''s own name for it, sent upstream, such as gpt-4.';
comment on column public.vendor_services.display_name is 'Name of the vendor service to show.';
comment on column public.vendor_services.description is
  'Strengths of the service, for the person who chooses one.';
comment on column public.vendor_services.service_kind is
  'What the service is for: one of private.service_kinds().';
comment on column public.vendor_services.context_window is
  'Tokens that fit into one call, prompt and answer together; null when unknown.';
comment on column public.vendor_services.max_output_tokens is
  'Most tokens of one answer; null when unknown.';
comment on column public.vendor_services.image_tokens is
  'Most tokens that one image of a prompt is charged as; null for 2,048, which few models exceed.';
comment on column public.vendor_services.voices is
  'The vendor''s names of its voices; null if any may be requested.';
comment on column public.vendor_services.retired_on is
  'The day on which the vendor retires or retired it; null if none is announced.';
comment on column public.vendor_services.replaced_by is
  'The service of the same vendor that replaces it once it is retired; null for none.';
comment on column public.vendor_services.is_active is
  'False disables the service. A service with turns, agents or stored keys cannot be deleted.';
comment on column public.vendor_services.created_at is 'When the vendor service was added.';
comment on column public.vendor_services.updated_at is 'When the vendor service was last changed.';

alter table public.vendor_services enable row level security;
create policy "Anyone reads services"
  on public.vendor_services
  for select to anon, authenticated
  using (true);
grant select on public.vendor_services to anon, authenticated;
grant select, insert, update, delete on public.vendor_services to service_role;
create index vendor_services_replaced_by_idx
  on public.vendor_services (vendor_id, replaced_by)
  where replaced_by is not null;
create trigger update_vendor_services_updated_at before update on public.vendor_services
  for each row execute function public.update_updated_at_column();

create function private.current_service(service_id text)
returns text
language plpgsql
stable
-- Called for each row of model lists, most of which have no service.
strict
set search_path = ''
as $$
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
$$;
comment on function private.current_service(text) is
  'The service that is called for a service: itself until it is retired, then what replaces it, '
  'over at most eight steps. Null if nothing replaces it, or the replacement is disabled.';
grant execute on function private.current_service(text) to service_role;

create table public.agent_features (
  id text primary key,
  name text not null,
  description text,
  category text,
  icon text,
  is_active boolean not null default true,
  sort_order integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint feature_id_is_lower_case_words check (id ~ '^[a-z][a-z0-9_]{0,62}$')
);
comment on table public.agent_features is
  'Features of agents, as rows that operators can extend. Readable by everyone.';
comment on column public.agent_features.id is 'Short name, such as coding.';
comment on column public.agent_features.name is 'Name of the agent feature to show.';
comment on column public.agent_features.description is 'What the feature means.';
comment on column public.agent_features.category is
  'Group to show it in, such as creative or technical.';
comment on column public.agent_features.icon is 'Icon to show beside the feature.';
comment on column public.agent_features.is_active is
  'False hides the feature from lists of choices.';
comment on column public.agent_features.sort_order is
  'Position among the features; low numbers come first.';
comment on column public.agent_features.created_at is 'When the agent feature was added.';
comment on column public.agent_features.updated_at is 'When the agent feature was last changed.';

alter table public.agent_features enable row level security;
create policy "Anyone reads features"
  on public.agent_features
  for select to anon, authenticated
  using (true);
grant select on public.agent_features to anon, authenticated;
grant select, insert, update, delete on public.agent_features to service_role;
create trigger update_agent_features_updated_at before update on public.agent_features
  for each row execute function public.update_updated_at_column();

create table public.interaction_types (
  id text primary key,
  name text not null,
  description text,
  category text,
  icon text,
  color text,
  is_active boolean not null default true,
  sort_order integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint interaction_type_id_is_lower_case_words check (id ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint color_is_three_or_six_hex_digits check (color ~ '^#([0-9a-f]{3}|[0-9a-f]{6})$')
);
comment on table public.interaction_types is
  'Kinds of interaction, as rows. Readable by everyone.';
comment on column public.interaction_types.id is 'Short name, such as conversation.';
comment on column public.interaction_types.name is 'Name of the interaction type to show.';
comment on column public.interaction_types.description is 'What the kind means.';
comment on column public.interaction_types.category is 'Group to show it in.';
comment on column public.interaction_types.icon is 'Icon to show beside interactions of the kind.';
comment on column public.interaction_types.color is 'Colour to show, #rrggbb or #rgb.';
comment on column public.interaction_types.is_active is
  'False hides the kind from lists of choices.';
comment on column public.interaction_types.sort_order is
  'Position among the kinds; low numbers come first.';
comment on column public.interaction_types.created_at is 'When the interaction type was added.';
comment on column public.interaction_types.updated_at is
  'When the interaction type was last changed.';

alter table public.interaction_types enable row level security;
create policy "Anyone reads interaction types"
  on public.interaction_types
  for select to anon, authenticated
  using (true);
grant select on public.interaction_types to anon, authenticated;
grant select, insert, update, delete on public.interaction_types to service_role;
create trigger update_interaction_types_updated_at before update on public.interaction_types
  for each row execute function public.update_updated_at_column();

create function public.add_vendor(
  id text,
  name text,
  description text default null,
  auth_type text default 'api_key',
  base_url text default null,
  api_format text default 'openai',
  auth_header text default 'Authorization',
  auth_scheme text default 'Bearer'
)
returns text
language sql
set search_path = ''
as $$
  insert into public.vendors (
    id, name, description, auth_type, base_url, api_format, auth_header, auth_scheme
  )
  values (
    add_vendor.id, add_vendor.name, add_vendor.description, add_vendor.auth_type,
    add_vendor.base_url, add_vendor.api_format, add_vendor.auth_header, add_vendor.auth_scheme
  )
  returning vendors.id
$$;
comment on function public.add_vendor(text, text, text, text, text, text, text, text) is
  'Adds a vendor and returns its id. Backend only. Errors: 23505 the id is taken, 23514 a value '
  'breaks a named rule.';
grant execute
  on function public.add_vendor(text, text, text, text, text, text, text, text)
  to service_role;

create function public.add_vendor_service(
  id text,
  vendor_id text,
  service_name text,
  display_name text default null,
  description text default null,
  service_kind text default 'chat',
  context_window integer default null,
  max_output_tokens integer default null
)
returns text
language sql
set search_path = ''
as $$
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
$$;
comment on function public.add_vendor_service(
  text, text, text, text, text, text, integer, integer
) is
  'Adds a service to a vendor and returns its id. Backend only. Errors: 23503 no such vendor, '
  '23505 the id or the service is taken, 23514 a value breaks a named rule.';
grant execute
  on function public.add_vendor_service(text, text, text, text, text, text, integer, integer)
  to service_role;
