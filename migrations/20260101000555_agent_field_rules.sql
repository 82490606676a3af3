-- What values the fields of an agent's configuration take.

create function private.agent_field_rule(field private.agent_fields)
returns text
language sql
immutable
set search_path = ''
as $$
  select case (agent_field_rule.field).type
    when 'text' then format('a text of at most %s characters', (agent_field_rule.field).maximum)
    when 'boolean' then 'true or false'
    when 'choice' then 'one of ' || array_to_string((agent_field_rule.field).choices, ', ')
    when 'list' then format('a list of at most %s texts', (agent_field_rule.field).maximum)
      || coalesce(' of ' || array_to_string((agent_field_rule.field).choices, ', '), '')
    when 'object' then 'an object'
    when 'objects' then format('a list of at most %s objects', (agent_field_rule.field).maximum)
    when 'language' then 'a language such as en or de-CH'
    when 'timezone' then 'a time zone such as Europe/Berlin'
    when 'url' then 'an https address'
    when 'color' then 'a color such as #2563eb'
    when 'secret' then 'the config_key of an encrypted value of the agent'
    else format(
      '%s from %s to %s',
      case (agent_field_rule.field).type when 'integer' then 'a whole number' else 'a number' end,
      (agent_field_rule.field).minimum, (agent_field_rule.field).maximum
    )
  end
$$;
comment on function private.agent_field_rule(private.agent_fields) is
  'What values a field takes, in words.';
grant execute on function private.agent_field_rule(private.agent_fields) to service_role;

create function private.is_text_list(value jsonb, most numeric, choices text[])
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case jsonb_typeof(is_text_list.value) when 'array' then
    jsonb_array_length(is_text_list.value) <= is_text_list.most
    and not exists (
      select from jsonb_array_elements(is_text_list.value) as element (value)
      where jsonb_typeof(element.value) <> 'string'
        or char_length(element.value #>> '{}') not between 1 and 1000
        or element.value #>> '{}' <> all (is_text_list.choices)
    )
  end is true
$$;
comment on function private.is_text_list(jsonb, numeric, text[]) is
  'Whether a value is a list of at most so many texts of 1 to 1,000 characters, each one of the '
  'choices where there are any.';
grant execute on function private.is_text_list(jsonb, numeric, text[]) to service_role;

create function private.is_text_of(type text, value text, most numeric, choices text[])
returns boolean
language sql
stable
set search_path = ''
as $$
  select case is_text_of.type
    when 'text' then char_length(is_text_of.value) <= is_text_of.most
    when 'choice' then is_text_of.value = any (is_text_of.choices)
    when 'language' then is_text_of.value ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$'
    when 'timezone' then private.is_time_zone(is_text_of.value)
    when 'url' then is_text_of.value ~ '^https://[^\s/?#@]+([/?#][^\s]*)?$'
      and char_length(is_text_of.value) <= 2000
    when 'color' then is_text_of.value ~ '^#([0-9a-f]{3}|[0-9a-f]{6})$'
    when 'secret' then is_text_of.value ~ '^[A-Za-z0-9_.-]{1,255}$'
  end is true
$$;
comment on function private.is_text_of(text, text, numeric, text[]) is
  'Whether a text is one of a type of field.';
grant execute on function private.is_text_of(text, text, numeric, text[]) to service_role;

create function private.fits_agent_field(field private.agent_fields, value jsonb)
returns boolean
language sql
stable
set search_path = ''
as $$
  select case
    when coalesce(jsonb_typeof(fits_agent_field.value), 'null') = 'null' then true
    when (fits_agent_field.field).type = 'boolean'
      then jsonb_typeof(fits_agent_field.value) = 'boolean'
    when (fits_agent_field.field).type = 'object'
      then jsonb_typeof(fits_agent_field.value) = 'object'
    when (fits_agent_field.field).type = 'objects'
      then case jsonb_typeof(fits_agent_field.value) when 'array' then
        jsonb_array_length(fits_agent_field.value) <= (fits_agent_field.field).maximum
        and not (fits_agent_field.value @? 'strict $[*] ? (@.type() <> "object")')
      end
    when (fits_agent_field.field).type = 'list' then private.is_text_list(
      fits_agent_field.value, (fits_agent_field.field).maximum, (fits_agent_field.field).choices
    )
    when (fits_agent_field.field).type in ('number', 'integer')
      then case jsonb_typeof(fits_agent_field.value) when 'number' then
        (fits_agent_field.value #>> '{}')::numeric
          between (fits_agent_field.field).minimum and (fits_agent_field.field).maximum
        and (
          (fits_agent_field.field).type = 'number'
          or (fits_agent_field.value #>> '{}')::numeric % 1 = 0
        )
      end
    when jsonb_typeof(fits_agent_field.value) = 'string' then private.is_text_of(
      (fits_agent_field.field).type, fits_agent_field.value #>> '{}',
      (fits_agent_field.field).maximum, (fits_agent_field.field).choices
    )
  end is true
$$;
comment on function private.fits_agent_field(private.agent_fields, jsonb) is
  'Whether a field takes a value. Null, or no value, unsets it. A whole number may have a '
  'fraction of 0, as Python writes a float: it is read as numeric first.';
grant execute on function private.fits_agent_field(private.agent_fields, jsonb) to service_role;

create function private.agent_field_problems(agent jsonb)
returns setof text
language sql
stable
set search_path = ''
as $$
  select format(
    '%s.%s must be %s', fields.group_name, fields.name, private.agent_field_rule(fields)
  )
  from private.agent_fields fields
  where fields.path <> '{}'
    and agent_field_problems.agent -> fields.stored_in #> fields.path is not null
    and not private.fits_agent_field(
      fields, agent_field_problems.agent -> fields.stored_in #> fields.path
    )
  union all
  -- A group within config has no other fields, so that a name that is misspelled is noticed.
  select format('%s.%s is not a field', groups.group_name, left(key.name, 63))
  from (
    select
      fields.group_name, fields.stored_in, fields.path[:cardinality(fields.path) - 1] as path,
      array_agg(fields.name) as names
    from private.agent_fields fields
    where cardinality(fields.path) = 2
    group by 1, 2, 3
  ) groups
  cross join lateral (
    select agent_field_problems.agent -> groups.stored_in #> groups.path as value
  ) document
  cross join lateral jsonb_object_keys(
    case jsonb_typeof(document.value) when 'object' then document.value else '{}' end
  ) key (name)
  where key.name <> all (groups.names) and key.name <> 'extra'
  union all
  select format('%s must be an object', groups.name)
  from (
    select distinct fields.group_name as name from private.agent_fields fields
    where cardinality(fields.path) = 2
  ) groups
  where jsonb_typeof(agent_field_problems.agent -> 'config' -> groups.name)
    not in ('object', 'null')
$$;
comment on function private.agent_field_problems(jsonb) is
  'What is wrong with the configuration in an agent''s row, as JSON. Columns that the seeds write '
  'may have keys that are no fields; in the groups within config these go below "extra".';
grant execute on function private.agent_field_problems(jsonb) to service_role;

create function private.check_agent_fields()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  problems text[] := array(
    select problem from private.agent_field_problems(to_jsonb(new)) problem order by problem
  );
begin
  if problems <> '{}' then
    perform private.refuse(
      'agent_config_invalid', 'The configuration of the agent is invalid: ' || problems[1] || '.',
      'Correct the fields. agent_configuration_schema() describes them all.',
      jsonb_build_object('problems', to_jsonb(problems[:20]))
    );
  end if;
  return new;
end
$$;
comment on function private.check_agent_fields() is
  'Trigger: refuses an agent whose configuration has values that its fields do not take. Security '
  'definer: reads the registry of fields. Errors: PT400 agent_config_invalid, whose data has the '
  'first 20 problems.';
-- After adopt_column_aliases, in order of name, which fills config from config_json.
create trigger check_agent_fields_of_new
  before insert on public.agents
  for each row
  when (
    (
      new.config, new.voice_settings, new.speech_processing, new.security, new.deployment_config
    ) is distinct from ('{}'::jsonb, '{}'::jsonb, '{}'::jsonb, '{}'::jsonb, '{}'::jsonb)
  )
  execute function private.check_agent_fields();
create trigger check_agent_fields_of_changed
  before update of
    config, config_json, voice_settings, speech_processing, security, deployment_config
  on public.agents
  for each row
  execute function private.check_agent_fields();

create function private.agent_configuration(agent public.agents, with_defaults boolean)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_object_agg(groups.group_name, groups.fields order by groups.place)
  from (
    select
      fields.group_name, min(fields.place) as place,
      jsonb_object_agg(
        fields.name,
        coalesce(
          nullif(stated.row -> fields.stored_in #> fields.path, 'null'),
          case when agent_configuration.with_defaults then fields.default_value end,
          'null'
        )
        order by fields.place
      ) as fields
    from private.agent_fields fields
    cross join (select to_jsonb(agent_configuration.agent) as row) stated
    group by fields.group_name
  ) groups
$$;
comment on function private.agent_configuration(public.agents, boolean) is
  'All fields of an agent''s configuration by group, with the defaults where it says nothing, or '
  'null.';
grant execute on function private.agent_configuration(public.agents, boolean)
  to authenticated, service_role;

create function private.request_defaults(agent public.agents)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Hardly any agent has some, and this is asked at every turn.
  if not coalesce((request_defaults.agent).config ? 'model', false) then
    return '{}'::jsonb;
  end if;
  return (
    select jsonb_strip_nulls(jsonb_build_object(
      'timeout_ms', (request_defaults.agent).config #> '{model,timeout_ms}'
    )) || case when count(*) = 0 then '{}'::jsonb else
      jsonb_build_object('fields', jsonb_object_agg(fields.request_field, stated.value))
    end
    from private.agent_fields fields
    cross join lateral (
      select (request_defaults.agent).config #> fields.path as value
    ) stated
    where fields.request_field is not null
      and fields.stored_in = 'config'
      and stated.value <> 'null'
  );
end
$$;
comment on function private.request_defaults(public.agents) is
  '{"fields"} that the vendor is sent where the caller sends none, beside temperature and the '
  'limit of the answer, which are columns, and "timeout_ms", until when an answer must begin; '
  'empty for an agent without any.';
grant execute on function private.request_defaults(public.agents) to service_role;

create function private.with_size_of_defaults(request jsonb, agent public.agents)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  fields jsonb := private.request_defaults(with_size_of_defaults.agent) -> 'fields';
  bytes bigint := octet_length(fields::text);
begin
  if bytes is null then
    return with_size_of_defaults.request;
  end if;
  return with_size_of_defaults.request || jsonb_build_object(
    'other_bytes',
    coalesce((with_size_of_defaults.request ->> 'other_bytes')::bigint, 0) + bytes,
    'other_tokens',
    coalesce(
      (with_size_of_defaults.request ->> 'other_tokens')::bigint,
      (with_size_of_defaults.request ->> 'other_bytes')::bigint / 4,
      0
    ) + bytes / 4
  );
end
$$;
comment on function private.with_size_of_defaults(jsonb, public.agents) is
  'A request whose size includes the fields that the agent adds to it: vendors charge for the '
  'schema of a response_format like for the prompt.';
grant execute
  on function private.with_size_of_defaults(jsonb, public.agents) to service_role;

create function private.agent_field_schema(field private.agent_fields)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'description', (agent_field_schema.field).meaning,
    'type', case (agent_field_schema.field).type
      when 'number' then '["number", "null"]'::jsonb
      when 'integer' then '["integer", "null"]'
      when 'boolean' then '["boolean", "null"]'
      when 'object' then '["object", "null"]'
      when 'objects' then '["array", "null"]'
      when 'list' then '["array", "null"]'
      else '["string", "null"]'
    end,
    'format', case (agent_field_schema.field).type when 'url' then 'uri' end,
    'pattern', case (agent_field_schema.field).type
      when 'language' then '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$'
      when 'color' then '^#([0-9a-f]{3}|[0-9a-f]{6})$'
    end,
    'minimum', (agent_field_schema.field).minimum,
    case
      when (agent_field_schema.field).type in ('list', 'objects') then 'maxItems'
      when (agent_field_schema.field).type = 'text' then 'maxLength'
      else 'maximum'
    end, (agent_field_schema.field).maximum,
    'items', case (agent_field_schema.field).type
      when 'list' then jsonb_build_object(
        'type', 'string', 'minLength', 1, 'maxLength', 1000,
        'enum', to_jsonb((agent_field_schema.field).choices)
      )
      when 'objects' then '{"type": "object"}'
    end,
    'enum', case (agent_field_schema.field).type when 'choice' then
      to_jsonb((agent_field_schema.field).choices) || '[null]'
    end,
    'default', (agent_field_schema.field).default_value
  ))
$$;
comment on function private.agent_field_schema(private.agent_fields) is
  'The JSON Schema of one field.';
grant execute on function private.agent_field_schema(private.agent_fields) to service_role;

create function public.agent_configuration_schema()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object(
    '$schema', 'https://json-schema.org/draft/2020-12/schema',
    'title', 'Configuration of an agent',
    'type', 'object',
    'additionalProperties', false,
    'properties', jsonb_object_agg(groups.name, jsonb_build_object(
      'type', 'object', 'properties', groups.properties
    ) order by groups.place)
  )
  from (
    select
      fields.group_name as name, min(fields.place) as place,
      jsonb_object_agg(
        fields.name, private.agent_field_schema(fields) order by fields.place
      ) as properties
    from private.agent_fields fields
    group by fields.group_name
  ) groups
$$;
comment on function public.agent_configuration_schema() is
  'JSON Schema of an agent''s configuration, by group, as agent_runtime_config() delivers it.';
grant execute on function public.agent_configuration_schema()
  to anon, authenticated, service_role;
