-- The current state of what 000110_bounds.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_session_id()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse('session_id_too_short', 'The session id has fewer than 16 characters.');
  return new;
end
$body$;

create function private.is_at_most_64_levels_deep(value jsonb)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  -- The path descends to the given level only, regardless of the depth of the value.
  return not jsonb_path_exists(
    is_at_most_64_levels_deep.value, '$.**{64} ? (@.type() == "object" || @.type() == "array")'
  );
end
$body$;
grant execute on function private.is_at_most_64_levels_deep(jsonb) to authenticated, service_role;

create function private.is_content(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_content.value) <= 1048576;
end
$body$;
grant execute on function private.is_content(text) to authenticated, service_role;

create function private.is_document(value jsonb)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  -- A level takes at least two bytes, so short values need no check of their depth.
  return octet_length(is_document.value::text) < 130 or (
    octet_length(is_document.value::text) <= 262144
    and private.is_at_most_64_levels_deep(is_document.value)
  );
end
$body$;
grant execute on function private.is_document(jsonb) to authenticated, service_role;

create function private.is_email(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return char_length(is_email.value) <= 255
    and private.is_plain(is_email.value)
    and is_email.value ~ '^[^@\s]+@[^@\s]+$';
end
$body$;
grant execute on function private.is_email(text) to authenticated, service_role;

create function private.is_label(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return char_length(is_label.value) <= 255 and private.is_plain(is_label.value);
end
$body$;
grant execute on function private.is_label(text) to authenticated, service_role;

create function private.is_payload(value jsonb)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  -- A level takes at least two bytes, so short values need no check of their depth.
  return octet_length(is_payload.value::text) < 130 or (
    octet_length(is_payload.value::text) <= 1048576
    and private.is_at_most_64_levels_deep(is_payload.value)
  );
end
$body$;
grant execute on function private.is_payload(jsonb) to authenticated, service_role;

create function private.is_plain(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  -- C0, DEL and C1, line and paragraph separators, and what turns the direction of writing.
  return is_plain.value !~
    '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]';
end
$body$;
grant execute on function private.is_plain(text) to authenticated, service_role;

create function private.is_prompt(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_prompt.value) <= 262144;
end
$body$;
grant execute on function private.is_prompt(text) to authenticated, service_role;

create function private.is_prose(value text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return octet_length(is_prose.value) <= 65536;
end
$body$;
grant execute on function private.is_prose(text) to authenticated, service_role;

create function private.is_web_address(value text, schemes text DEFAULT 'https?'::text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return char_length(is_web_address.value) <= 2048 and private.is_plain(is_web_address.value)
    and is_web_address.value ~ (
      '^'
        || is_web_address.schemes
        || '://[^\s/"<>\\^`{|}]+(/[^\s"<>\\^`{|}]*|[?#][^\s"<>\\^`{|}]*)?$'
    );
end
$body$;
grant execute on function private.is_web_address(text,text) to authenticated, service_role;

create function private.is_word_list(value text[])
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  if cardinality(is_word_list.value) = 0 then
    return true;
  end if;
  return cardinality(is_word_list.value) <= 100 and not exists (
    select from unnest(is_word_list.value) as word where word is null or not private.is_label(word)
  );
end
$body$;
grant execute on function private.is_word_list(text[]) to authenticated, service_role;

create function private.name_to_quote(name text)
returns text
language plpgsql immutable strict security invoker
set search_path=""
as $body$
declare
  plain text := replace(private.plain_label(name_to_quote.name), '"', '''');
begin
  return case when char_length(plain) > 80 then left(plain, 79) || '…' else coalesce(plain, '') end;
end
$body$;
grant execute on function private.name_to_quote(text) to service_role;

create function private.plain_label(value text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return nullif(btrim(left(
    regexp_replace(
      plain_label.value,
      '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+', ' ', 'g'
    ),
    255
  )), '');
end
$body$;
grant execute on function private.plain_label(text) to service_role;

create function private.refuse_page_size(page_size integer)
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  if refuse_page_size.page_size between 1 and 1000 then
    return;
  end if;
  perform private.refuse(
    'page_size_out_of_range', 'page_size must be between 1 and 1000.'
  );
end
$body$;
grant execute on function private.refuse_page_size(integer) to authenticated, service_role;
