-- Foundation: a closed start, the private schema, and the helpers that every
-- later file uses. Nothing here holds data.
--
-- Most functions that a turn calls are plpgsql, even those of one statement: Postgres caches its
-- plan for the connection, while it plans a SQL function with a SET clause at every call.

-- Existing tables with the same names are an error: npm run import moves them to another schema and
-- applies these migrations.
do $$
declare
  occupied text := (
    select string_agg(classes.relname, ', ' order by classes.relname)
    from pg_catalog.pg_class classes
    where classes.relnamespace = 'public'::regnamespace
      and classes.relname = any (array[
        -- each table and view of schema public
        'access_key_events', 'access_keys', 'agent_dashboard', 'agent_executions',
        'agent_feature_mappings', 'agent_features', 'agent_health', 'agent_health_checks',
        'agent_messages', 'agent_metrics', 'agent_sessions', 'agent_summary', 'agent_templates',
        'agent_thoughts', 'agent_usage', 'agent_usage_daily', 'agent_versions', 'agents',
        'ai_agent_configs', 'ai_agents', 'ai_interactions', 'ai_usage_stats', 'api_key_events',
        'api_usage', 'audit_events', 'bots', 'budget_reservations', 'budget_status', 'budgets',
        'chat_messages', 'chat_sessions', 'daily_usage', 'deleted_organizations', 'deployments',
        'interaction_types', 'job_status', 'mcp_sessions', 'models', 'notification_preferences',
        'notification_settings', 'notifications', 'oauth_providers', 'organization_invitations',
        'organization_members', 'organization_people', 'organizations', 'plans', 'profiles',
        'public_agents', 'public_models', 'recent_interactions', 'service_aliases',
        'service_prices', 'teams', 'usage_agent_rollup', 'usage_archive_rollup',
        'usage_calendars', 'usage_daily_rollup', 'usage_deltas', 'user_api_keys', 'user_roles',
        'users', 'vendor_services', 'vendors', 'webhook_deliveries', 'webhook_endpoints',
        'webhook_secrets', 'widget_secrets', 'widgets', 'workflow_executions', 'workflows'
        -- end
      ])
  );
begin
  if to_regprocedure('public.update_updated_at_column()') is not null then
    occupied := concat_ws(', ', occupied, 'update_updated_at_column()');
  end if;
  if occupied is not null then
    raise exception using
      errcode = 'duplicate_table',
      message = format('Cannot install Agentbase: schema public already has %s.', occupied),
      hint = 'Run "npm run import -- --from public --plan": it lists what would happen to them.';
  end if;
end
$$;

-- Nothing is granted by default: each later grant is explicit. This also revokes the default
-- privileges of platforms that expose new tables automatically.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated,
service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated,
service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated,
service_role;

grant usage on schema public to anon, authenticated, service_role;

-- Helpers of policies, triggers and jobs. The schema is not exposed by the Data
-- API; the roles need USAGE because policies run with the caller's rights.
create schema if not exists private;
comment on schema private is
  'Helpers of policies, triggers and jobs. Not exposed by the API; a client reaches a helper '
  'only through a policy, a view or a public function.';
grant usage on schema private to anon, authenticated, service_role;

-- EXCLUDE constraints that mix equality with ranges (service_prices) need it.
create extension if not exists btree_gist with schema extensions;

create function private.inherit_comments(view regclass, variadic sources regclass[])
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.inherit_comments(regclass, regclass[]) is
  'Copies comments to the columns of a view that have none, each from the column of the same name '
  'in the first relation that has a comment for it.';

create function public.update_updated_at_column()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at = now();
  return new;
end
$$;
comment on function public.update_updated_at_column() is
  'Trigger: keeps updated_at at the time of the last change.';

create function private.lock_namespace(purpose text)
returns integer
language plpgsql
immutable
strict
set search_path = ''
as $$
declare
  number integer;
begin
  -- Each number is used once, so that locks of different purposes never conflict.
  case lock_namespace.purpose
    when 'jobs' then number := 1; -- the name of the job
    when 'idempotency_keys' then number := 2; -- the person and the key
    when 'budgets' then number := 3; -- the organization
    when 'agent_metrics' then number := 4; -- the day
    when 'settling_many' then number := 5; -- 0: one at a time
    when 'catalogue_imports' then number := 6; -- 0: one at a time
    when 'named_rows' then number := 7; -- the id of a vendor, service, price or kind
    when 'notifications' then number := 8; -- the user and the topic
  end case;
  return number;
end
$$;
comment on function private.lock_namespace(text) is
  'First key of the advisory locks of a purpose. All purposes are declared here, with the contents '
  'of their second key. Raises case_not_found for any other.';
grant execute on function private.lock_namespace(text) to service_role;

create function private.is_time_zone(name text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Postgres also accepts POSIX strings such as 'ABC7'; only names are valid here.
  if is_time_zone.name !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$' then
    return false;
  end if;
  perform now() at time zone is_time_zone.name;
  return true;
exception when invalid_parameter_value then
  return false;
end
$$;
comment on function private.is_time_zone(text) is
  'True when the name is a time zone that this server knows, such as Europe/Berlin.';
grant execute on function private.is_time_zone(text) to authenticated, service_role;

create function private.is_calendar_time(value timestamptz)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return is_calendar_time.value >= '1970-01-01 00:00:00+00'
    and is_calendar_time.value < '2200-01-01 00:00:00+00';
end
$$;
comment on function private.is_calendar_time(timestamptz) is
  'A time from 1970 to 2199: neither infinite nor one that arithmetic with intervals and time '
  'zones would overflow.';

create function private.day_start(day date, timezone text)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  midnight constant timestamp := day_start.day;
  -- The second of two midnights; if clocks go forward at midnight, the moment at which they do.
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
$$;
comment on function private.day_start(date, text) is
  'The first moment that lies in a day in a time zone, also where midnight comes twice, as in '
  'Havana, or not at all, as in Cairo.';
grant execute on function private.day_start(date, text) to authenticated, service_role;

create function private.is_ciphertext(value text)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- Lengths apart: as bounds within the expression they take six times as long.
  return is_ciphertext.value ~ '^v1:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$'
    and char_length(split_part(is_ciphertext.value, ':', 2)) <= 32
    and char_length(split_part(is_ciphertext.value, ':', 3)) = 16
    and char_length(split_part(is_ciphertext.value, ':', 4)) >= 23;
end
$$;
comment on function private.is_ciphertext(text) is
  'True for v1:<key id>:<12-byte IV>:<ciphertext and tag>, the last two in base64url. It keeps '
  'plaintext out of columns; it does not check that a key decrypts the blob.';
grant execute on function private.is_ciphertext(text) to authenticated, service_role;

create function private.new_token(prefix text)
returns text
language sql
volatile
set search_path = ''
as $$
  -- Two random UUIDs carry 244 bits from the server's strong random source.
  select new_token.prefix || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
$$;
comment on function private.new_token(text) is
  'An unguessable token: a readable prefix and 244 random bits.';
grant execute on function private.new_token(text) to authenticated, service_role;

create function private.token_hash(token text)
returns text
language sql
immutable
set search_path = ''
as $$
  select encode(sha256(convert_to(token_hash.token, 'UTF8')), 'hex')
$$;
comment on function private.token_hash(text) is
  'SHA-256 of a token in hex. Enough for tokens that carry 244 random bits; not for passwords.';
grant execute on function private.token_hash(text) to service_role;
