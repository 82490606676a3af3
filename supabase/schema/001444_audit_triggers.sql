-- The current state of what 001444_audit_triggers.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.add_audit_event(organization_id uuid, action text, table_name text, row_id text, before jsonb, after jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  caller constant uuid := private.my_id();
  actor_type constant text := case
    -- The backend records a vendor's verdict on a key during the call of a user.
    when current_setting('agentbase.audit_event', true) <> '' then 'service'
    when caller is not null then 'user'
    when session_user = 'agentbase_functions' or auth.role() = 'service_role' then 'service'
    when current_setting('agentbase.job', true) <> '' then 'job'
    else 'operator'
  end;
begin
  -- Revoking keys, deleting rows and closing accounts are always possible.
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
    -- Null if the user is being deleted.
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
$body$;

create function private.audit_table(audited private.audited_tables)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
  watched constant text[] := (audit_table.audited).recorded || (audit_table.audited).size_only;
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
    -- Re-encrypting the same secret is not a change.
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
$body$;

create function private.audited_owner(owner text, audited jsonb, OUT is_found boolean, OUT organization_id uuid)
returns record
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;

create function private.audited_values(audited jsonb, other jsonb, columns private.audited_tables)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  name text;
  value jsonb;
  shown jsonb := '{}'::jsonb;
begin
  if audited_values.audited is null then
    return null;
  end if;
  foreach name in array (audited_values.columns).recorded || (audited_values.columns).size_only loop
    value := audited_values.audited -> name;
    if value is distinct from coalesce(audited_values.other -> name, 'null') then
      shown := shown || jsonb_build_object(name, case
        when name = any ((audited_values.columns).size_only)
          then jsonb_build_object('bytes', octet_length(audited_values.audited ->> name))
        else private.redacted_value(value)
      end);
    end if;
  end loop;
  return shown;
end
$body$;

create function private.forget_personal_organization()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.audit_events where audit_events.organization_id = old.id;
  return null;
end
$body$;

create function private.limit_audited_changes(actor_id uuid, organization_id uuid)
returns void
language plpgsql volatile strict security invoker
set search_path=""
as $body$
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
  -- The count reads all of these rows, so it is not made for each.
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
$body$;

create function private.record_audit_event()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  audited private.audited_tables := (
    select listed from private.audited_tables listed where listed.table_name = tg_table_name
  );
  old_row constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_id constant text := (
    select string_agg(coalesce(new_row, old_row) ->> keys.name, '/' order by keys.place)
    from unnest(tg_argv) with ordinality as keys (name, place)
  );
  home record;
  former record;
begin
  -- A purge writes no events: the deletion of the organization is the event.
  if current_setting('agentbase.is_retention', true) = 'on'
    and tg_table_name <> 'organizations'
  then
    return null;
  end if;
  select owners.* into home
  from private.audited_owner(audited.owner, coalesce(new_row, old_row)) owners;
  select owners.* into former from private.audited_owner(audited.owner, old_row) owners
  where tg_op = 'UPDATE';
  if former.is_found and former.organization_id is distinct from home.organization_id then
    perform private.add_audit_event(
      former.organization_id, 'moved_out', audited.table_name, row_id,
      private.audited_values(old_row, null, audited), null
    );
    perform private.add_audit_event(
      home.organization_id, 'moved_in', audited.table_name, row_id, null,
      private.audited_values(new_row, null, audited)
    );
  elsif home.is_found then
    perform private.add_audit_event(
      home.organization_id,
      case tg_op when 'INSERT' then 'created' when 'DELETE' then 'deleted' else 'changed' end,
      audited.table_name, row_id, private.audited_values(old_row, new_row, audited),
      private.audited_values(new_row, old_row, audited)
    );
  end if;
  return null;
end
$body$;

create function private.redacted_value(value jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
