-- The current state of what 000705_message_fingerprints.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

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
    -- Parts without text may come with a refusal.
    case when not is_text and private.plain_parts(content) is not null then content end,
    nullif(fingerprint_of_message.message -> 'tool_calls', 'null')
  );
end
$body$;
grant execute on function private.fingerprint_of_message(jsonb) to service_role;

create function private.has_space_around(text text)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  bytes bytea := convert_to(has_space_around.text, 'UTF8');
begin
  return get_byte(bytes, 0) in (9, 10, 13, 32)
    or get_byte(bytes, octet_length(bytes) - 1) in (9, 10, 13, 32);
end
$body$;
grant execute on function private.has_space_around(text) to authenticated, service_role;

create function private.message_fingerprint(role text, name text, content text, content_parts jsonb, tool_calls jsonb)
returns uuid
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  text text := case
    when message_fingerprint.content_parts is null then message_fingerprint.content
    else private.text_of(message_fingerprint.content_parts)
  end;
  -- Nearly every message is a text, and thousands may be compared, so calls are avoided.
  parts jsonb := case
    when message_fingerprint.content_parts is not null
      then private.plain_parts(message_fingerprint.content_parts)
  end;
  calls jsonb := case
    when message_fingerprint.tool_calls is not null
      then private.plain_calls(message_fingerprint.tool_calls)
  end;
begin
  -- btrim() takes as long for a large text that has nothing to trim as for one that has.
  if octet_length(text) < 10000 or private.has_space_around(text) then
    text := btrim(text, E' \t\r\n');
  end if;
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

create function private.parts_of_message(message jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case jsonb_typeof(parts_of_message.message -> 'content')
    when 'array' then parts_of_message.message -> 'content'
  end;
end
$body$;
grant execute on function private.parts_of_message(jsonb) to service_role;

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

create function private.short_hash(value text)
returns uuid
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return left(encode(sha256(convert_to(short_hash.value, 'UTF8')), 'hex'), 32)::uuid;
end
$body$;
grant execute on function private.short_hash(text) to authenticated, service_role;

create function private.text_of(content jsonb)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- The common case, as an expression, which is faster than the statement below.
  if jsonb_typeof(text_of.content) = 'string' then
    return text_of.content #>> '{}';
  elsif jsonb_typeof(text_of.content) is distinct from 'array' then
    return '';
  end if;
  return coalesce(
    (
      select string_agg(part.value ->> 'text', E'\n' order by part.ordinality)
      from jsonb_array_elements(text_of.content) with ordinality as part
      where jsonb_typeof(part.value) = 'object' and part.value ->> 'type' = 'text'
    ),
    ''
  );
end
$body$;
grant execute on function private.text_of(jsonb) to authenticated, service_role;

create function private.text_of_message(message jsonb)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return coalesce(
    nullif(private.text_of(text_of_message.message -> 'content'), ''),
    case text_of_message.message ->> 'role'
      when 'assistant' then text_of_message.message ->> 'refusal'
    end,
    ''
  );
end
$body$;
grant execute on function private.text_of_message(jsonb) to service_role;
