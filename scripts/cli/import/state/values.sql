-- Values of other types. What cannot be converted raises an error: its row goes to the quarantine.

create or replace function agentbase_import.to_uuid(space text, key text)
returns uuid
language sql
immutable parallel safe
as $$
  select case
    when $2 ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then $2::uuid
    else md5($1 || ':' || $2)::uuid
  end
$$;
comment on function agentbase_import.to_uuid(text, text) is
  'A key as a UUID: itself where it is one, else always the same one for a key of a table.';

create or replace function agentbase_import.from_epoch(value numeric)
returns timestamptz
language sql
immutable parallel safe
as $$
  select to_timestamp((case
    when abs($1) >= 1e17 then $1 / 1e9
    when abs($1) >= 1e14 then $1 / 1e6
    when abs($1) >= 1e11 then $1 / 1e3
    else $1
  end)::double precision)
$$;
comment on function agentbase_import.from_epoch(numeric) is
  'A moment from seconds, milliseconds, microseconds or nanoseconds since 1970.';

create or replace function agentbase_import.to_time(value text, timezone text)
returns timestamptz
language sql
stable parallel safe
as $$
  select case
    when $1 ~ '^\s*$' then null
    when $1 ~ '^\s*\d{9,}(\.\d+)?\s*$' then agentbase_import.from_epoch($1::numeric)
    when $1 ~* '(z|[+-]\d{2}(:?\d{2})?)\s*$' and $1 ~ ':' then $1::timestamptz
    else $1::timestamp at time zone $2
  end
$$;
comment on function agentbase_import.to_time(text, text) is
  'A moment from a text, in a time zone where the text names none.';

create or replace function agentbase_import.split(value text)
returns text[]
language sql
immutable parallel safe
as $$
  select array(
    select btrim(part) from unnest(string_to_array(btrim($1, '{}[]'), ',')) part
    where btrim(part) <> ''
  ) where $1 is not null
$$;
comment on function agentbase_import.split(text) is 'A list of texts from one with commas.';

create or replace function agentbase_import.to_texts(value jsonb)
returns text[]
language sql
immutable parallel safe
as $$
  select case jsonb_typeof($1)
    when 'array' then array(
      select element #>> '{}' from jsonb_array_elements($1) element where element <> 'null'
    )
    when 'string' then agentbase_import.split($1 #>> '{}')
  end
$$;
comment on function agentbase_import.to_texts(jsonb) is 'A list of texts from a JSON list.';

create or replace function agentbase_import.label(value text)
returns text
language sql
immutable parallel safe
as $$
  select nullif(btrim(left(
    regexp_replace(
      $1, '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+', ' ', 'g'
    ), 255
  )), '')
$$;
comment on function agentbase_import.label(text) is
  'A text on one line of at most 255 characters; null where nothing is left.';

create or replace function agentbase_import.object(value jsonb)
returns jsonb
language sql
immutable parallel safe
as $$
  select case jsonb_typeof($1)
    when 'object' then $1
    when 'null' then '{}'
    else jsonb_build_object('value', $1)
  end
  where $1 is not null
$$;
comment on function agentbase_import.object(jsonb) is
  'A document as an object: another value becomes its field "value".';

create or replace function agentbase_import.without(value jsonb, keys text[])
returns jsonb
language sql
immutable parallel safe
as $$
  select agentbase_import.object($1) - $2
$$;
comment on function agentbase_import.without(jsonb, text[]) is 'A document without some fields.';

create or replace function agentbase_import.number(value jsonb, lowest numeric, highest numeric)
returns numeric
language sql
immutable parallel safe
as $$
  select number.value from (
    select case
      when jsonb_typeof($1) = 'number' then ($1 #>> '{}')::numeric
      when $1 #>> '{}' ~ '^\s*-?\d+(\.\d+)?\s*$' then ($1 #>> '{}')::numeric
    end as value
  ) number where number.value between $2 and $3
$$;
comment on function agentbase_import.number(jsonb, numeric, numeric) is
  'A number in a range; null where the value is none.';

create or replace function agentbase_import.named(labels jsonb, value text)
returns text
language sql
immutable parallel safe
as $$
  select coalesce($1 ->> lower(btrim($2)), nullif(lower(btrim($2)), ''))
$$;
comment on function agentbase_import.named(jsonb, text) is
  'What a list calls a value, whatever its case; a value that is not in it stays as it is.';

create or replace function agentbase_import.domain(value text)
returns text
language sql
immutable parallel safe
as $$
  select substring(
    lower(regexp_replace($1, '^\s*[a-z]+://', '', 'i'))
    from '^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?'
  )
$$;
comment on function agentbase_import.domain(text) is 'The host name of an address.';

create or replace function agentbase_import.usable_settings(value jsonb)
returns jsonb
language sql
immutable parallel safe
as $$
  select $1 - array(
    select fields.key from jsonb_each($1) fields
    where case fields.key
      when 'temperature' then agentbase_import.number(fields.value, 0, 2) is null
        or jsonb_typeof(fields.value) <> 'number'
      when 'max_tokens' then agentbase_import.number(fields.value, 1, 2147483647) % 1 is distinct from 0
        or jsonb_typeof(fields.value) <> 'number'
      when 'default_agent' then jsonb_typeof(fields.value) <> 'string'
      when 'default_model' then jsonb_typeof(fields.value) <> 'string'
      when 'system_prompt' then jsonb_typeof(fields.value) <> 'string'
      else false
    end
  )
$$;
comment on function agentbase_import.usable_settings(jsonb) is
  'Settings of an organization without those that chats could not use.';
