-- Audited tables: what is recorded of which table, and the one trigger that does it. Counters,
-- spend, last use and progress are not listed, so a turn writes nothing here.

create table private.audited_tables (
  table_name text primary key,
  owner text not null,
  recorded text[] not null,
  noted text[] not null default '{}',
  aliases text[] not null default '{}',
  only_changes boolean not null default false,
  created_at timestamptz not null default now(),
  constraint audited_owner_is_known check (
    owner in (
      'platform', 'organization', 'organization_id', 'agent', 'agent_id', 'user_id', 'created_by',
      'endpoint_id', 'widget_id'
    )
  )
);
comment on table private.audited_tables is
  'The tables of the schema public whose changes are written to audit_events, and the columns that '
  'count as a change. A column that is not listed is never recorded.';
comment on column private.audited_tables.table_name is 'The table in public that is audited.';
comment on column private.audited_tables.owner is
  'How the organization of a row is found: platform (none), organization (its id), agent (its '
  'organization_id, else the personal one of created_by), or the column that leads to it.';
comment on column private.audited_tables.recorded is 'Columns whose values are recorded.';
comment on column private.audited_tables.noted is
  'Columns that hold or may hold secrets: of these, only the size is recorded.';
comment on column private.audited_tables.aliases is
  'Columns that a trigger copies into those above; writing one can change another.';
comment on column private.audited_tables.only_changes is
  'Whether creating and deleting a row is not recorded: sign-ups are not.';
comment on column private.audited_tables.created_at is 'When the audit of the table began.';
grant select on private.audited_tables to service_role;

insert into private.audited_tables (table_name, owner, recorded, noted) values
  ('organizations', 'organization',
    '{name, slug, plan, timezone, is_personal, deleted_at}', '{settings, metadata}'),
  ('organization_members', 'organization_id', '{user_id, role}', '{permissions}'),
  ('organization_invitations', 'organization_id', '{role, expires_at, accepted_by}', '{}'),
  ('access_keys', 'organization_id',
    '{user_id, name, scopes, agent_ids, requests_per_minute, expires_at, rotated_at, revoked_at}',
    '{}'),
  ('user_api_keys', 'user_id',
    '{user_id, organization_id, vendor_id, service_id, display_name, is_active}',
    '{settings, encrypted_key}'),
  ('budgets', 'organization_id',
    '{user_id, agent_id, access_key_id, period, limit_usd, is_active}', '{}'),
  ('agents', 'agent',
    '{name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, '
    'temperature, max_tokens, voice_provider, voice_id, tags, is_public, is_published, '
    'is_platform, version, organization_id, knowledge_base_ids, security}',
    '{config, capabilities, deployment_config, voice_settings, speech_processing, notes}'),
  ('models', 'agent_id',
    '{agent_id, name, display_name, provider, model_id, service_id, enabled, is_default}',
    '{config}'),
  ('agent_feature_mappings', 'agent_id', '{agent_id, feature_id, is_primary}', '{}'),
  ('ai_agent_configs', 'agent_id',
    '{agent_id, config_key, config_type, is_encrypted, user_id}', '{config_value}'),
  ('agent_templates', 'created_by', '{name, type, is_public}', '{default_config}'),
  ('deployments', 'agent_id',
    '{agent_id, version, status, trigger_type, scheduled_at, deployment_url, webhook_endpoint_id}',
    '{}'),
  ('workflows', 'agent_id',
    '{agent_id, name, n8n_workflow_id, status, webhook_endpoint_id, timeout_seconds}',
    '{trigger_config}'),
  ('webhook_endpoints', 'organization_id', '{name, kind, is_active, disabled_reason}',
    '{encrypted_url}'),
  ('webhook_secrets', 'endpoint_id', '{endpoint_id, expires_at}', '{encrypted_secret}'),
  ('widgets', 'agent_id',
    '{agent_id, name, is_enabled, is_consent_required, is_identity_required, privacy_url, '
    'messages_per_minute, address_messages_per_minute, site_messages_per_minute, '
    'messages_per_session, idle_minutes, previous_key_until}', '{key}'),
  ('widget_secrets', 'widget_id', '{widget_id, expires_at}', '{encrypted_secret}'),
  ('plans', 'platform',
    '{name, requests_per_minute, user_requests_per_minute, conversation_days, interaction_days, '
    'measurement_days, audit_days, platform_credential, platform_credential_usd}', '{}'),
  ('vendors', 'platform',
    '{name, auth_type, base_url, auth_header, auth_scheme, api_format, probe_path, usage_path, '
    'extra_fields, key_pattern, is_active}', '{}'),
  ('vendor_services', 'platform',
    '{vendor_id, service_name, display_name, service_kind, context_window, max_output_tokens, '
    'retired_on, replaced_by, is_active}', '{}'),
  ('service_aliases', 'platform', '{vendor_id, alias, service_id}', '{}'),
  ('service_prices', 'platform',
    '{service_id, valid_during, min_input_tokens, input_rate, cached_input_rate, '
    'cache_write_rate, cache_write_1h_rate, output_rate, reasoning_rate, request_rate, '
    'unit_rates, unit_increment, unit_minimum, service_tier, multiplier, source}', '{}'),
  ('oauth_providers', 'platform',
    '{name, token_endpoint, client_authentication, resource, scope, default_lifetime, refusals, '
    'revocation_endpoint, revocation_style, account_fields}', '{}');
insert into private.audited_tables (table_name, owner, recorded, only_changes) values
  ('profiles', 'platform', '{status, subscription_tier}', true);
update private.audited_tables
set aliases = '{team_id, llm_provider, llm_model, config_json, is_active}'
where audited_tables.table_name = 'agents';

create function private.audited_owner(
  owner text, audited jsonb, out is_found boolean, out organization_id uuid
)
language plpgsql
stable
set search_path = ''
as $$
declare
  named uuid := (audited_owner.audited ->> 'organization_id')::uuid;
  person uuid := (audited_owner.audited ->> 'created_by')::uuid;
begin
  is_found := true;
  case audited_owner.owner
    when 'platform' then return;
    when 'organization' then
      organization_id := (audited_owner.audited ->> 'id')::uuid;
      return;
    when 'organization_id' then
      person := null;
    when 'agent', 'created_by' then
      null;
    when 'user_id' then
      person := (audited_owner.audited ->> 'user_id')::uuid;
    when 'agent_id' then
      select true, agents.organization_id, agents.created_by into is_found, named, person
      from public.agents where agents.id = (audited_owner.audited ->> 'agent_id')::uuid;
    when 'widget_id' then
      select true, agents.organization_id, agents.created_by into is_found, named, person
      from public.widgets
      join public.agents on agents.id = widgets.agent_id
      where widgets.id = (audited_owner.audited ->> 'widget_id')::uuid;
    when 'endpoint_id' then
      select true, endpoints.organization_id into is_found, named
      from public.webhook_endpoints endpoints
      where endpoints.id = (audited_owner.audited ->> 'endpoint_id')::uuid;
  end case;
  organization_id := private.home_organization(named, person);
  is_found := coalesce(is_found, false) and (
    (named is null and person is null)
    or exists (select from public.organizations where organizations.id = organization_id)
  );
end
$$;
comment on function private.audited_owner(text, jsonb) is
  'The organization of a row of an audited table; null for one of the platform. Not found where '
  'the row goes with what it belongs to: the deletion of that is the event.';

create function private.redacted_value(value jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if octet_length(redacted_value.value::text) > 1024 then
    return jsonb_build_object('bytes', octet_length(redacted_value.value #>> '{}'));
  end if;
  return case jsonb_typeof(redacted_value.value)
    when 'string' then to_jsonb(private.redact_text(redacted_value.value #>> '{}'))
    when 'object' then private.redact_secrets(redacted_value.value)
    when 'array' then private.redact_secrets(redacted_value.value)
    else redacted_value.value
  end;
end
$$;
comment on function private.redacted_value(jsonb) is
  'A value as the audit log shows it: without secrets, and of more than 1 KiB only the size.';

create function private.audited_values(audited jsonb, other jsonb, columns private.audited_tables)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  name text;
  value jsonb;
  shown jsonb := '{}'::jsonb;
begin
  if audited_values.audited is null then
    return null;
  end if;
  foreach name in array (audited_values.columns).recorded || (audited_values.columns).noted loop
    value := audited_values.audited -> name;
    if value is distinct from coalesce(audited_values.other -> name, 'null') then
      shown := shown || jsonb_build_object(name, case
        when name = any ((audited_values.columns).noted)
          then jsonb_build_object('bytes', octet_length(audited_values.audited ->> name))
        else private.redacted_value(value)
      end);
    end if;
  end loop;
  return shown;
end
$$;
comment on function private.audited_values(jsonb, jsonb, private.audited_tables) is
  'What is recorded of a row: the columns that differ from the other state of it, or without one '
  'those that have a value. Of noted columns and of values over 1 KiB only the size.';

create function private.limit_audited_changes(actor_id uuid, organization_id uuid)
returns void
language plpgsql
strict
set search_path = ''
as $$
declare
  most constant integer := (private.limits()).audited_changes_per_hour;
  -- Not in the query, which could not look it up in the index: the function is volatile.
  since constant timestamptz := clock_timestamp() - interval '1 hour';
  -- The changes of this transaction, by organization.
  seen constant jsonb := coalesce(
    nullif(current_setting('agentbase.audited_changes', true), ''), '{}'
  )::jsonb;
  place constant text := limit_audited_changes.organization_id::text;
  seen_here constant integer := coalesce((seen ->> place)::integer, 0);
begin
  perform set_config(
    'agentbase.audited_changes', (seen || jsonb_build_object(place, seen_here + 1))::text, true
  );
  -- The count reads what it counts, so a statement with many rows makes it now and then.
  if seen_here % 500 = 0 and exists (
    select from public.audit_events events
    where events.actor_id = limit_audited_changes.actor_id
      and events.organization_id = limit_audited_changes.organization_id
      and events.created_at > since
    offset most - 1
  ) then
    perform private.refuse(
      'rate_limit_exceeded', format('You made %s changes within an hour.', most),
      'Try again later, or change less at a time.', jsonb_build_object('limit', most)
    );
  end if;
end
$$;
comment on function private.limit_audited_changes(uuid, uuid) is
  'Refuses a further change of a user who made audited_changes_per_hour within an hour in an '
  'organization: each is an event that is kept for months. It takes no lock, so those at the '
  'same time may be some more. Errors: PT429 rate_limit_exceeded.';

create function private.add_audit_event(
  organization_id uuid, action text, table_name text, row_id text, before jsonb, after jsonb
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  caller constant uuid := private.my_id();
  actor_type constant text := case
    -- What a vendor says of a key is found by the backend, in the call of a user.
    when current_setting('agentbase.audit_event', true) <> '' then 'service'
    when caller is not null then 'user'
    when session_user = 'agentbase_functions' or auth.role() = 'service_role' then 'service'
    when current_setting('agentbase.job', true) <> '' then 'job'
    else 'operator'
  end;
begin
  -- Keys can be revoked, rows deleted and accounts closed, whatever their user did before.
  if actor_type = 'user' and add_audit_event.action <> 'deleted'
    and add_audit_event.after ->> 'revoked_at' is null
    and current_setting('agentbase.is_account_deletion', true) is distinct from 'on'
  then
    perform private.limit_audited_changes(caller, add_audit_event.organization_id);
  end if;
  insert into public.audit_events (
    organization_id, actor_type, actor_id, actor_name, access_key_id, action, table_name, row_id,
    before, after
  )
  values (
    add_audit_event.organization_id, actor_type,
    -- Null where the user is what is being deleted.
    case when actor_type = 'user' then
      (select profiles.id from public.profiles where profiles.id = caller)
    end,
    case actor_type
      when 'job' then current_setting('agentbase.job', true)
      when 'operator' then session_user::text
    end,
    case when actor_type = 'user' then (auth.jwt() -> 'access_key' ->> 'id')::uuid end,
    add_audit_event.action, add_audit_event.table_name, add_audit_event.row_id,
    add_audit_event.before, add_audit_event.after
  );
end
$$;
comment on function private.add_audit_event(uuid, text, text, text, jsonb, jsonb) is
  'Writes an audit event, with the actor of this transaction. Errors: PT429 rate_limit_exceeded.';

create function private.record_audit_event()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  audited private.audited_tables := (
    select listed from private.audited_tables listed where listed.table_name = tg_table_name
  );
  gone constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  come constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_id constant text := (
    select string_agg(coalesce(come, gone) ->> keys.name, '/' order by keys.place)
    from unnest(tg_argv) with ordinality as keys (name, place)
  );
  home record;
  former record;
begin
  -- What a purge removes goes with its organization, whose deletion is the event.
  if current_setting('agentbase.is_retention', true) = 'on'
    and tg_table_name <> 'organizations'
  then
    return null;
  end if;
  select owners.* into home from private.audited_owner(audited.owner, coalesce(come, gone)) owners;
  select owners.* into former from private.audited_owner(audited.owner, gone) owners
  where tg_op = 'UPDATE';
  if former.is_found and former.organization_id is distinct from home.organization_id then
    perform private.add_audit_event(
      former.organization_id, 'moved_out', audited.table_name, row_id,
      private.audited_values(gone, null, audited), null
    );
    perform private.add_audit_event(
      home.organization_id, 'moved_in', audited.table_name, row_id, null,
      private.audited_values(come, null, audited)
    );
  elsif home.is_found then
    perform private.add_audit_event(
      home.organization_id,
      case tg_op when 'INSERT' then 'created' when 'DELETE' then 'deleted' else 'changed' end,
      audited.table_name, row_id, private.audited_values(gone, come, audited),
      private.audited_values(come, gone, audited)
    );
  end if;
  return null;
end
$$;
comment on function private.record_audit_event() is
  'Trigger: writes an audit event for a row of private.audited_tables. Its arguments are the '
  'columns of the primary key. What goes with its organization or agent writes none of its own.';

create function private.audit_table(audited private.audited_tables)
returns void
language plpgsql
set search_path = ''
as $$
declare
  target constant regclass := format('public.%I', (audit_table.audited).table_name)::regclass;
  key constant text[] := (
    select array_agg(quote_literal(columns.attname) order by keys.place)
    from pg_catalog.pg_index indexes
    cross join unnest(indexes.indkey::smallint[]) with ordinality as keys (number, place)
    join pg_catalog.pg_attribute columns
      on columns.attrelid = indexes.indrelid and columns.attnum = keys.number
    where indexes.indrelid = target and indexes.indisprimary
  );
  watched constant text[] := (audit_table.audited).recorded || (audit_table.audited).noted;
begin
  if not (audit_table.audited).only_changes then
    execute format(
      'create or replace trigger record_audit_event after insert or delete on %s for each row '
      'execute function private.record_audit_event(%s)', target,
      array_to_string(key, ', ')
    );
  end if;
  execute format(
    'create or replace trigger record_audit_change after update of %s on %s for each row when ('
    '(%s) is distinct from (%s) '
    -- The same secret under another encryption key is no change.
    'and current_setting(''agentbase.audit_event'', true) is distinct from ''rotated'') '
    'execute function private.record_audit_event(%s)',
    (
      select string_agg(format('%I', names.name), ', ')
      from unnest(watched || (audit_table.audited).aliases) names (name)
    ),
    target,
    (select string_agg(format('old.%I', names.name), ', ') from unnest(watched) names (name)),
    (select string_agg(format('new.%I', names.name), ', ') from unnest(watched) names (name)),
    array_to_string(key, ', ')
  );
end
$$;
comment on function private.audit_table(private.audited_tables) is
  'Creates the triggers that record changes of a table, or replaces them where its columns in '
  'audited_tables have changed. Called by migrations.';

select private.audit_table(audited_tables) from private.audited_tables;

create function private.forget_personal_organization()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.audit_events where audit_events.organization_id = old.id;
  return null;
end
$$;
comment on function private.forget_personal_organization() is
  'Trigger: the audit log of a personal organization is its user''s alone, and goes with both.';
-- Its name comes after record_audit_event: the last event goes as well.
create trigger remove_audit_events after delete on public.organizations
  for each row when (old.is_personal)
  execute function private.forget_personal_organization();
