-- Secrets in texts and documents: what is imported, and what the quarantine shows, has none.

create or replace function agentbase_import.without_secret_text(value text)
returns text
language plpgsql
immutable
as $$
begin
  return regexp_replace(
    regexp_replace(
      private.redact_text(without_secret_text.value),
      -- To its end, or to that of the text: headers of a key may have dashes.
      '-----BEGIN [A-Z ]*?PRIVATE KEY( BLOCK)?-----.*?(-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----|$)',
      '[redacted]', 'g'
    ),
    '(://[^/[:space:]:@]+:)[^/[:space:]@]+@', '\1[redacted]@', 'g'
  );
end
$$;
comment on function agentbase_import.without_secret_text(text) is
  'A text without keys of known forms, private keys and passwords in addresses; the rest stays.';

create or replace function agentbase_import.is_secret_text(value text)
returns boolean
language plpgsql
immutable
as $$
begin
  return agentbase_import.without_secret_text(is_secret_text.value) <> is_secret_text.value;
end
$$;
comment on function agentbase_import.is_secret_text(text) is
  'Whether without_secret_text() finds a secret in a text.';

create or replace function agentbase_import.plain_text(value text)
returns text
language plpgsql
immutable
as $$
begin
  if agentbase_import.is_secret_document(plain_text.value) then
    return agentbase_import.without_secrets(plain_text.value::jsonb)::text;
  end if;
  return agentbase_import.without_secret_text(plain_text.value);
end
$$;
comment on function agentbase_import.plain_text(text) is
  'A text without secrets: in JSON those of its fields are removed, in other texts those that '
  'without_secret_text() finds.';

create or replace function agentbase_import.is_secret_document(value text)
returns boolean
language plpgsql
immutable
as $$
begin
  return is_secret_document.value ~ '^\s*[[{]'
    and agentbase_import.secret_paths(is_secret_document.value::jsonb) is not null;
exception
  -- It is no JSON, or is nested too deep to be read as such.
  when data_exception or program_limit_exceeded then
    return false;
end
$$;
comment on function agentbase_import.is_secret_document(text) is
  'Whether a text is JSON that holds a secret, as columns of type text have it.';

create or replace function agentbase_import.secrets(value jsonb)
returns table (path text[], is_element boolean, plain text)
language plpgsql
immutable
as $$
begin
  return query
  with recursive parts (path, value, is_element, is_secret) as (
    select '{}'::text[], secrets.value, false, false
    union all
    select parts.path || child.key, child.value, child.is_element,
      parts.is_secret or coalesce(agentbase_import.is_secret_name(child.key), false)
        or child.is_named_secret
    from parts
    cross join lateral (
      -- As environments and headers are written: {"name": "API_KEY", "value": "..."}.
      select fields.key, fields.value, false as is_element,
        fields.key in ('value', 'Value', 'config_value') and exists (
          select from unnest(
            '{name,Name,key,Key,config_key,header}'::text[]
          ) as names (field)
          where agentbase_import.is_secret_name(parts.value ->> names.field)
        ) as is_named_secret
      from jsonb_each(case jsonb_typeof(parts.value) when 'object' then parts.value else '{}' end)
        as fields
      union all
      select (list.place - 1)::text, list.element, true, false
      from jsonb_array_elements(
        case jsonb_typeof(parts.value) when 'array' then parts.value else '[]' end
      ) with ordinality list (element, place)
    ) child
    where cardinality(parts.path) < 70
  )
  select parts.path, parts.is_element,
    case
      when jsonb_typeof(parts.value) = 'string' and not parts.is_secret
        then nullif(agentbase_import.plain_text(parts.value #>> '{}'), '[redacted]')
    end
  from parts
  where case
    -- Tables take 64 levels: nothing below is looked at.
    when cardinality(parts.path) = 70 and jsonb_typeof(parts.value) in ('object', 'array') then true
    when jsonb_typeof(parts.value) = 'number'
      then parts.path[cardinality(parts.path)] ~* 'pin$'
        or array_to_string(parts.path, E'\n') ~* '(passw(or)?d|passcode|pwd)s?(\n|$)'
    when jsonb_typeof(parts.value) = 'string'
      then parts.value not in ('""', '"[redacted]"') and (
        -- A JSON Schema, such as that of a tool, names a secret and does not hold it.
        parts.is_secret and not (
          'properties' = any (parts.path)
          and parts.path[cardinality(parts.path)] in ('type', 'title', 'description', 'format')
        )
        or agentbase_import.is_secret_text(parts.value #>> '{}')
        or agentbase_import.is_secret_document(parts.value #>> '{}')
      )
    else false
  end
  order by parts.path;
end
$$;
comment on function agentbase_import.secrets(jsonb) is
  'The places of a document that hold a secret, by the names that lead there or by their text; '
  'whether that is an element of a list, and a text without its secrets where they are only a part. '
  'A list or object 70 levels deep counts as one.';

create or replace function agentbase_import.may_have_secrets(value jsonb)
returns boolean
language plpgsql
immutable
as $$
begin
  return case
    when may_have_secrets.value is null or may_have_secrets.value = '{}' then false
    else may_have_secrets.value::text ~*
      'passw|passphrase|passcode|pwd|secret|credential|cookie|token|jwt|"[^"]*(auth|bearer|key|pin)'
      -- A word begins after an escape, not with its letter: "\nsk-..." contains a key.
      or agentbase_import.is_secret_text(
        regexp_replace(may_have_secrets.value::text, '\\([bfnrt]|u[0-9a-f]{4})', ' ', 'g')
      )
  end;
end
$$;
comment on function agentbase_import.may_have_secrets(jsonb) is
  'Whether it is worth looking through a document for secrets: most have no word of that kind.';

create or replace function agentbase_import.without_secrets(value jsonb)
returns jsonb
language plpgsql
immutable
as $$
declare
  plain jsonb := without_secrets.value;
  place record;
begin
  if not agentbase_import.may_have_secrets(without_secrets.value) then
    return without_secrets.value;
  end if;
  for place in select found.* from agentbase_import.secrets(plain) found loop
    plain := case
      when place.plain is not null then jsonb_set(plain, place.path, to_jsonb(place.plain))
      when cardinality(place.path) = 0 then 'null'
      when place.is_element then jsonb_set(plain, place.path, '"[redacted]"')
      else plain #- place.path
    end;
  end loop;
  return plain;
end
$$;
comment on function agentbase_import.without_secrets(jsonb) is
  'A document without the fields that hold a secret; such elements of lists read "[redacted]", and so '
  'does the part of a text that is one.';

create or replace function agentbase_import.secret_paths(value jsonb)
returns text
language plpgsql
immutable
as $$
begin
  if not agentbase_import.may_have_secrets(secret_paths.value) then
    return null;
  end if;
  return (
    select string_agg(array_to_string(found.path, '.'), ', ' order by found.path)
    from agentbase_import.secrets(secret_paths.value) found
  );
end
$$;
comment on function agentbase_import.secret_paths(jsonb) is
  'Where a document holds secrets, as names with points between them; null where it holds none.';

create or replace function agentbase_import.redacted(value jsonb)
returns jsonb
language plpgsql
immutable
as $$
declare
  plain jsonb := redacted.value;
  place record;
begin
  for place in select found.path from agentbase_import.secrets(plain) found loop
    plain := case
      when cardinality(place.path) = 0 then '"[redacted]"'
      else jsonb_set(plain, place.path, '"[redacted]"')
    end;
  end loop;
  return plain;
end
$$;
comment on function agentbase_import.redacted(jsonb) is
  'A row, or a key, as the quarantine shows it: without secrets, and without what is nested 70 '
  'levels deep.';

create or replace function agentbase_import.restored(value jsonb, original jsonb)
returns jsonb
language plpgsql
immutable
as $$
begin
  if restored.value = '"[redacted]"' then
    return coalesce(restored.original, 'null');
  end if;
  return case jsonb_typeof(restored.value)
    when 'array' then (
      select coalesce(jsonb_agg(
        agentbase_import.restored(element, restored.original -> (place - 1)::integer) order by place
      ), '[]')
      from jsonb_array_elements(restored.value) with ordinality list (element, place)
    )
    when 'object' then (
      select coalesce(jsonb_object_agg(
        fields.key, agentbase_import.restored(fields.value, restored.original -> fields.key)
      ), '{}')
      from jsonb_each(restored.value) fields
    )
    else restored.value
  end;
end
$$;
comment on function agentbase_import.restored(jsonb, jsonb) is
  'A row of the quarantine with what redacted() left out: taken from the row as it is in its table, '
  'or null if that has no such value.';
