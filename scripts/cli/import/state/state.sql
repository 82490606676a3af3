-- The state of imports: progress, rows that could not be imported, and rows that existed before. In a
-- schema of its own, which no role of the API may use.

-- Before the migrations, some tables that the functions name do not exist.
select set_config('check_function_bodies', 'off', true);

create schema if not exists agentbase_import;
comment on schema agentbase_import is
  'State of npm run import: progress, quarantine, and what is needed to revert it.';

create table if not exists agentbase_import.runs (
  source text primary key,
  state text not null default 'applying'
    constraint run_state_is_known
    check (state in ('applying', 'applied', 'reverting')),
  mapping jsonb not null,
  is_cut_over boolean not null default false,
  started_at timestamptz not null default now(),
  applied_at timestamptz
);
comment on table agentbase_import.runs is 'One row per source: what is imported from it, and how.';

create table if not exists agentbase_import.chunks (
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  number integer not null,
  first bigint not null,
  last bigint not null,
  sequence_base bigint,
  state text not null default 'pending'
    constraint chunk_state_is_known check (state in ('pending', 'done', 'reverted')),
  rows_in bigint,
  rows_out bigint,
  rows_bad bigint,
  milliseconds integer,
  ended_at timestamptz,
  primary key (source, mapping, number)
);
comment on table agentbase_import.chunks is
  'Ranges of rows, each of which is imported in one transaction.';

create table if not exists agentbase_import.quarantine (
  id bigint primary key generated always as identity,
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  n bigint not null,
  key jsonb not null,
  row jsonb not null,
  reason text not null,
  sqlstate text,
  is_imported boolean not null default false,
  corrected_row jsonb,
  created_at timestamptz not null default now()
);
comment on table agentbase_import.quarantine is
  'Rows that could not be imported, with the reason; is_imported where only a part was left out. '
  'Change the row in its table, or set corrected_row to the whole row as it should be, and run '
  '--retry.';
comment on column agentbase_import.quarantine.source is 'The schema that the row was read from.';
comment on column agentbase_import.quarantine.mapping is 'The table of the source, as its design names it.';
comment on column agentbase_import.quarantine.n is
  'The number of the row in the order of the import; 0 where a trigger of --follow could not write it.';
comment on column agentbase_import.quarantine.key is 'Its key in the source.';
comment on column agentbase_import.quarantine.row is
  'The row as the source had it; secrets in it read "[redacted]".';
comment on column agentbase_import.quarantine.reason is 'Why it was refused, or what was left out of it.';
comment on column agentbase_import.quarantine.sqlstate is 'The error code where Postgres refused it.';
comment on column agentbase_import.quarantine.is_imported is
  'Whether it was imported without what the reason names, or corrected.';
comment on column agentbase_import.quarantine.corrected_row is
  'The whole row as an operator wants it imported; values that read "[redacted]" are those of the row '
  'in its table.';
create index if not exists quarantine_place_idx
  on agentbase_import.quarantine (source, mapping, n);

create table if not exists agentbase_import.present (
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  key jsonb not null,
  before jsonb,
  is_followed boolean not null default false,
  primary key (source, mapping, key)
);
comment on table agentbase_import.present is
  'Rows of Agentbase that existed before the import: --revert does not delete them, and changes '
  'those that were updated back to "before". Where is_followed, a trigger wrote the row.';

create table if not exists agentbase_import.changes (
  id bigint primary key generated always as identity,
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  row jsonb not null
);
comment on table agentbase_import.changes is
  'Rows that the old application wrote while chunks were imported; they are written afterwards.';

create table if not exists agentbase_import.message_counts (
  source text not null,
  session_id uuid not null,
  messages bigint not null,
  latest timestamptz
);
comment on table agentbase_import.message_counts is
  'Messages of sessions that were written or, where negative, removed, and that their sessions do '
  'not count yet: each session is updated once, and not with every chunk.';
create index if not exists message_counts_session_idx
  on agentbase_import.message_counts (source, session_id);

create table if not exists agentbase_import.replaced (
  id bigint primary key generated always as identity,
  source text not null references agentbase_import.runs (source) on delete cascade,
  relation text not null,
  row jsonb not null
);
comment on table agentbase_import.replaced is
  'Rows of the migrations and of accounts that the source has with other ids: removed, and '
  'restored by --revert.';

create table if not exists agentbase_import.sealed_keys (
  source text not null references agentbase_import.runs (source) on delete cascade,
  key_id uuid not null,
  primary key (source, key_id)
);
comment on table agentbase_import.sealed_keys is
  'Vendor keys that the source has in plain text and that were stored encrypted.';

create table if not exists agentbase_import.adoption (
  is_only boolean primary key default true check (is_only),
  schema text not null,
  moved jsonb not null,
  objects jsonb not null,
  changed_keys jsonb not null default '[]',
  migrated_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table agentbase_import.adoption is
  'What was moved out of the way of the migrations, and what schema public had before them.';

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

create or replace function agentbase_import.slug(name text, id uuid)
returns text
language sql
stable
as $$
  select case
    when slug.plain = '' then 'organization-' || left($2::text, 8)
    when exists (
      select from public.organizations where organizations.slug = slug.plain and organizations.id <> $2
    ) then left(slug.plain, 90) || '-' || left($2::text, 8)
    else slug.plain
  end
  from (
    select btrim(left(regexp_replace(lower(coalesce($1, '')), '[^a-z0-9]+', '-', 'g'), 90), '-')
      as plain
  ) slug
$$;
comment on function agentbase_import.slug(text, uuid) is
  'A slug of a name that no other organization has.';

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

-- The columns of the result of a former version may differ.
drop function if exists agentbase_import.secrets(jsonb);
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

create or replace function agentbase_import.merged(value jsonb, before jsonb, known jsonb)
returns jsonb
language plpgsql
immutable
as $$
declare
  result jsonb;
begin
  if merged.value = merged.before then
    return merged.known;
  end if;
  if array[jsonb_typeof(merged.value), jsonb_typeof(merged.known)] = array['object', 'object'] then
    result := (
      merged.known - array(
        select name from jsonb_object_keys(
          case jsonb_typeof(merged.before) when 'object' then merged.before else '{}' end
        ) name
        where not merged.value ? name
      )
    ) || coalesce((
      select jsonb_object_agg(fields.key, agentbase_import.merged(
        fields.value, merged.before -> fields.key, merged.known -> fields.key
      ))
      from jsonb_each(merged.value) fields
    ), '{}');
    -- A secret beside a name that says so is none beside another name: it would be imported.
    return result - array(
      select name from jsonb_object_keys(agentbase_import.without_secrets(result) - array(
        select jsonb_object_keys(agentbase_import.without_secrets(merged.known))
      )) name
      where not merged.value ? name
    );
  end if;
  if array[jsonb_typeof(merged.value), jsonb_typeof(merged.before), jsonb_typeof(merged.known)]
    = array['array', 'array', 'array']
  then
    return agentbase_import.merged_list(merged.value, merged.before, merged.known);
  end if;
  if array[jsonb_typeof(merged.value), jsonb_typeof(merged.before), jsonb_typeof(merged.known)]
    = array['string', 'string', 'string']
  then
    return to_jsonb(agentbase_import.merged_text(
      merged.value #>> '{}', merged.before #>> '{}', merged.known #>> '{}'
    ));
  end if;
  return merged.value;
end
$$;
comment on function agentbase_import.merged(jsonb, jsonb, jsonb) is
  'A document of the new table as the old one stores it: what was changed since "before", and what '
  'only the old one has, such as its secrets, where they are still recognised as such.';

create or replace function agentbase_import.place_of_secret(
  before text[], pieces text[], place integer
)
returns integer
language sql
immutable parallel safe
as $$
  with known as (
    select n::integer, words.word, count(*) over (partition by words.word) as uses
    from unnest($1) with ordinality list (piece, n)
    cross join lateral (select btrim(substring(right(piece, 100) from '\S+\s*$')) as word) words
    where n < cardinality($1)
  )
  select coalesce(
    (
      select n from known
      where uses = 1 and word = btrim(substring(right(($2)[$3], 100) from '\S+\s*$'))
    ),
    case
      when cardinality($1) = cardinality($2) and not exists (
        select from known
        join unnest(($2)[:cardinality($2) - 1]) with ordinality list (piece, other)
          on btrim(substring(right(piece, 100) from '\S+\s*$')) = known.word
        where known.n = $3 and known.uses = 1 and other <> $3
      ) then $3
    end
  )
$$;
comment on function agentbase_import.place_of_secret(text[], text[], integer) is
  'Which redacted part of the text before is this one of a changed text: the one after the same word, '
  'else, where both have as many, the one in the same place. Null where neither tells: the part stays '
  'redacted.';

create or replace function agentbase_import.merged_text(value text, before text, known text)
returns text
language plpgsql
immutable
as $$
declare
  mark constant text := '[redacted]';
  -- What stands around the secrets, in the text before and in the known one.
  around constant text[] := string_to_array(merged_text.before, mark);
  rest text := merged_text.known;
  found integer;
  -- What the known text has where the one before is redacted, in this order.
  secrets text[] := '{}';
  pieces constant text[] := string_to_array(merged_text.value, mark);
  result text := pieces[1];
begin
  if agentbase_import.is_secret_document(merged_text.known) then
    begin
      return agentbase_import.merged(
        merged_text.value::jsonb, merged_text.before::jsonb, merged_text.known::jsonb
      )::text;
    exception
      -- It is JSON no longer.
      when data_exception or program_limit_exceeded then null;
    end;
  end if;
  if starts_with(rest, around[1]) then
    rest := substr(rest, length(around[1]) + 1);
    for place in 2..cardinality(around) loop
      found := case
        when place = cardinality(around) then length(rest) - length(around[place]) + 1
        else position(around[place] in rest)
      end;
      if found < 1 or substr(rest, found, length(around[place])) <> around[place] then
        secrets := '{}';
        exit;
      end if;
      secrets[place - 1] := left(rest, found - 1);
      rest := substr(rest, found + length(around[place]));
    end loop;
  end if;
  for place in 2..cardinality(pieces) loop
    result := result
      || coalesce(secrets[agentbase_import.place_of_secret(around, pieces, place - 1)], mark)
      || pieces[place];
  end loop;
  -- A secret in another text, such as a password outside its address, would be imported.
  return case
    when agentbase_import.plain_text(result) = agentbase_import.plain_text(merged_text.value)
      then result
    else merged_text.value
  end;
end
$$;
comment on function agentbase_import.merged_text(text, text, text) is
  'A text of the new table as the old one stores it: with the secrets that it has in the places that '
  'read "[redacted]", where they are still recognised as such, and, where both are JSON, with the '
  'fields that only the old one has.';

create or replace function agentbase_import.name_of(element jsonb)
returns text
language sql
immutable parallel safe
as $$
  select case
    when jsonb_typeof($1) = 'object' then coalesce(
      'id ' || ($1 ->> 'id'), 'key ' || ($1 ->> 'key'), 'name ' || ($1 ->> 'name'),
      'url ' || ($1 ->> 'url')
    )
  end
$$;
comment on function agentbase_import.name_of(jsonb) is
  'What tells an object of a list from the others, also after it was changed.';

create or replace function agentbase_import.merged_list(value jsonb, before jsonb, known jsonb)
returns jsonb
language sql
immutable
as $$
  with changed as (
    select element, place, row_number() over (partition by element order by place) as repeat
    from jsonb_array_elements($1) with ordinality list (element, place)
  ),
  earlier as (
    select element, place, row_number() over (partition by element order by place) as repeat
    from jsonb_array_elements($2) with ordinality list (element, place)
    where jsonb_array_length($2) = jsonb_array_length($3)
  ),
  -- Elements that were changed: each is the one that was there with the same name, if that is not
  -- elsewhere as it was, or the one in the same place of a list of the same length.
  rest as (
    select earlier.element, earlier.place, agentbase_import.name_of(earlier.element) as name
    from earlier left join changed using (element, repeat) where changed.place is null
  ),
  named as (
    select name, min(place) as place from rest where name is not null group by name having count(*) = 1
  )
  select coalesce(jsonb_agg(case
    when earlier.place is not null then $3 -> (earlier.place - 1)::integer
    when origin.place is not null then
      agentbase_import.merged(changed.element, origin.element, $3 -> (origin.place - 1)::integer)
    else changed.element
  end order by changed.place), '[]')
  from changed
  left join earlier using (element, repeat)
  left join named on earlier.place is null
    and named.name = agentbase_import.name_of(changed.element)
  left join rest origin on earlier.place is null and origin.place = coalesce(
    named.place,
    case
      when jsonb_array_length($1) = jsonb_array_length($2)
        and not exists (select from named taken where taken.place = changed.place and exists (
          select from changed other where agentbase_import.name_of(other.element) = taken.name
        ))
      then changed.place
    end
  )
$$;
comment on function agentbase_import.merged_list(jsonb, jsonb, jsonb) is
  'A list of the new table as the old one stores it: elements that were there before as it has them, '
  'wherever they are in the list now, and changed ones with what only the old table has of them.';

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

create or replace function agentbase_import.service_of(vendor text, model text)
returns text
language plpgsql
stable
as $$
begin
  return (
    select services.id from public.vendor_services services
    where services.vendor_id = service_of.vendor and services.service_name = service_of.model
    order by services.id limit 1
  );
end
$$;
comment on function agentbase_import.service_of(text, text) is
  'The service that sells a model; null where the catalogue has none.';

-- In plpgsql, which keeps its plans: they are called for every row.
create or replace function agentbase_import.may_pay(organization uuid, person uuid)
returns boolean
language plpgsql
stable
as $$
begin
  if may_pay.person is null then
    return exists (
      select from public.organizations where organizations.id = may_pay.organization
    );
  end if;
  return exists (
    select from public.organization_members members
    where members.organization_id = may_pay.organization and members.user_id = may_pay.person
  );
end
$$;
comment on function agentbase_import.may_pay(uuid, uuid) is
  'Whether an organization exists and, where a person is given, has that person as a member.';

create or replace function agentbase_import.payer(given uuid, agent uuid, person uuid)
returns uuid
language plpgsql
stable
as $$
declare
  organization uuid;
begin
  if payer.given is not null and agentbase_import.may_pay(payer.given, payer.person) then
    return payer.given;
  end if;
  if payer.agent is not null then
    organization := (select agents.organization_id from public.agents where agents.id = payer.agent);
    if organization is not null and agentbase_import.may_pay(organization, payer.person) then
      return organization;
    end if;
  end if;
  return (
    select organizations.id from public.organizations
    where organizations.created_by = payer.person and organizations.is_personal
  );
end
$$;
comment on function agentbase_import.payer(uuid, uuid, uuid) is
  'The organization of a conversation or of a cost: the given one or the agent''s, where the person '
  'is a member, else the personal one.';

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

create or replace function agentbase_import.first_owner(source text, organization text)
returns uuid
language plpgsql
stable
as $$
declare
  members regclass := (
    select classes.oid from pg_catalog.pg_class classes
    where classes.relnamespace = to_regnamespace(quote_ident(first_owner.source))
      and classes.relname in ('organization_members', 'organization_users', 'org_members', 'memberships')
    limit 1
  );
  owner uuid;
begin
  if members is null then
    return null;
  end if;
  execute format(
    'select profiles.id from %s members '
    'cross join lateral (select to_jsonb(members) as fields) row '
    'join public.profiles on profiles.id::text = row.fields ->> ''user_id'' '
    'where coalesce(row.fields ->> ''organization_id'', row.fields ->> ''org_id'') = $1 '
    'order by case lower(coalesce(row.fields ->> ''role'', '''')) '
    'when ''owner'' then 0 when ''super_admin'' then 1 when ''admin'' then 2 else 3 end, '
    'row.fields ->> ''created_at'', profiles.id limit 1',
    members
  ) into owner using first_owner.organization;
  return owner;
end
$$;
comment on function agentbase_import.first_owner(text, text) is
  'Who owns an organization of the source that does not say who made it: the member with the '
  'highest role who has an account.';

create or replace function agentbase_import.platform_agent(source text, agent text)
returns uuid
language plpgsql
stable
as $$
declare
  name text;
begin
  execute format('select name::text from %I.agents where id::text = $1', platform_agent.source)
    into name using platform_agent.agent;
  return (
    select agents.id from public.agents
    where agents.is_platform and agents.name = platform_agent.name
  );
end
$$;
comment on function agentbase_import.platform_agent(text, text) is
  'The platform agent that has the name of an agent of the source.';

create or replace function agentbase_import.refuse_truncate()
returns trigger
language plpgsql
as $$
begin
  raise exception using
    errcode = 'feature_not_supported',
    message = format('Cannot truncate %I: an import follows it row by row.', tg_table_name),
    hint = 'Delete the rows, or end the import with "npm run import -- --revert".';
end
$$;
comment on function agentbase_import.refuse_truncate() is
  'Trigger: a truncation would not reach the new table.';

create or replace function agentbase_import.refuse_write()
returns trigger
language plpgsql
as $$
begin
  if current_setting('agentbase_import.echo', true) = 'on' or pg_trigger_depth() > 1 then
    return null;
  end if;
  raise exception using
    errcode = 'read_only_sql_transaction',
    message = format('Cannot write %I.%I: its data are in Agentbase now.', tg_table_schema, tg_table_name),
    hint = 'Write the new table; "npm run import -- --undo-cut-over" opens this one again.';
end
$$;
comment on function agentbase_import.refuse_write() is
  'Trigger: the old tables are closed, and only get what is written in the new ones. What a trigger '
  'or a foreign key writes passes: an account can be deleted that the old tables refer to.';
