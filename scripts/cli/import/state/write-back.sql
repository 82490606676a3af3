-- What is written in the new tables, as the old ones store it: with what only they have.

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

create or replace function agentbase_import.words_before_secrets(pieces text[])
returns table (place integer, word text, uses bigint, repeat bigint)
language sql
immutable parallel safe
as $$
  select words.place::integer, words.word,
    count(*) over (partition by words.word),
    row_number() over (partition by words.word order by words.place)
  from (
    select n as place, coalesce(btrim(substring(right(piece, 100) from '\S+\s*$')), '') as word
    from unnest(($1)[:cardinality($1) - 1]) with ordinality list (piece, n)
  ) words
$$;
comment on function agentbase_import.words_before_secrets(text[]) is
  'The word before each redacted part of a text, of what stands around the parts; how many parts have '
  'that word, and which of them it is.';

create or replace function agentbase_import.place_of_secret(
  before text[], pieces text[], place integer
)
returns integer
language sql
immutable parallel safe
as $$
  with known as (select * from agentbase_import.words_before_secrets($1)),
  changed as (select * from agentbase_import.words_before_secrets($2)),
  -- Parts whose word is new, and those whose word is gone: two of each may have been swapped.
  renamed as (select place from changed where word not in (select word from known)),
  gone as (select place from known where word not in (select word from changed))
  select coalesce(
    (
      select known.place from changed
      join known on known.word = changed.word and (
        known.uses = 1 or known.uses = changed.uses and known.repeat = changed.repeat
      )
      where changed.place = $3
    ),
    (
      select min(gone.place) from gone
      where cardinality($1) = cardinality($2) and $3 = (select min(place) from renamed)
      having count(*) = 1 and (select count(*) from renamed) = 1
    )
  )
$$;
comment on function agentbase_import.place_of_secret(text[], text[], integer) is
  'Which redacted part of the text before is this one of a changed text: the one after the same word, '
  'else, where both have as many, the only one whose word has changed. Null where neither tells, such '
  'as after two changed words: the part stays redacted, and gets no secret of another.';

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
  -- elsewhere as it was, or the one in the same place of a list of the same length. Two that have
  -- other names may have changed places, too: then neither is the one that was there.
  rest as (
    select earlier.element, earlier.place, agentbase_import.name_of(earlier.element) as name
    from earlier left join changed using (element, repeat) where changed.place is null
  ),
  named as (
    select name, min(place) as place from rest where name is not null group by name having count(*) = 1
  ),
  -- Elements that neither are as they were nor have a name that was there.
  renamed as (
    select changed.place from changed left join earlier using (element, repeat)
    where earlier.place is null and coalesce(
      agentbase_import.name_of(changed.element) not in (select name from named), true
    )
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
        and (
          (select count(*) from renamed) = 1
          or agentbase_import.name_of(changed.element) is null and not exists (
            select from rest other where other.place = changed.place and other.name is not null
          )
        )
      then changed.place
    end
  )
$$;
comment on function agentbase_import.merged_list(jsonb, jsonb, jsonb) is
  'A list of the new table as the old one stores it: elements that were there before as it has them, '
  'wherever they are in the list now, and changed ones with what only the old table has of them.';
