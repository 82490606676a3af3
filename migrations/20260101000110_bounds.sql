-- How large a value that a client writes may be, one limit for each kind. A CHECK of the column
-- names its kind; null passes. Messages and what a turn stores have limits of their own, in chat.

create function private.is_plain(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  -- C0, DEL and C1, line and paragraph separators, and what turns the direction of writing.
  return is_plain.value !~
    '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]';
end
$$;
comment on function private.is_plain(text) is
  'True for text without control characters and bidirectional formatting, which could make a '
  'name look like another or act on a terminal.';

create function private.is_label(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return char_length(is_label.value) <= 255 and private.is_plain(is_label.value);
end
$$;
comment on function private.is_label(text) is
  'A name, a title or an id given by another system: one line of at most 255 characters without '
  'control characters.';

create function private.is_prose(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return octet_length(is_prose.value) <= 65536;
end
$$;
comment on function private.is_prose(text) is 'A description or a note: at most 64 KiB.';

create function private.is_prompt(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return octet_length(is_prompt.value) <= 262144;
end
$$;
comment on function private.is_prompt(text) is 'The instructions of an agent: at most 256 KiB.';

create function private.is_content(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return octet_length(is_content.value) <= 1048576;
end
$$;
comment on function private.is_content(text) is
  'The text of a message or document: at most 1 MiB.';

create function private.is_at_most_64_levels_deep(value jsonb)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  -- The path descends to the given level only, regardless of the depth of the value.
  return not jsonb_path_exists(
    is_at_most_64_levels_deep.value, '$.**{64} ? (@.type() == "object" || @.type() == "array")'
  );
end
$$;
comment on function private.is_at_most_64_levels_deep(jsonb) is
  'True when objects and arrays nest at most 64 levels deep.';

create function private.is_document(value jsonb)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  -- A level takes at least two bytes, so short values need no check of their depth.
  return octet_length(is_document.value::text) < 130 or (
    octet_length(is_document.value::text) <= 262144
    and private.is_at_most_64_levels_deep(is_document.value)
  );
end
$$;
comment on function private.is_document(jsonb) is
  'Settings, metadata or a state: at most 256 KiB as text and 64 levels.';

create function private.is_payload(value jsonb)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  -- A level takes at least two bytes, so short values need no check of their depth.
  return octet_length(is_payload.value::text) < 130 or (
    octet_length(is_payload.value::text) <= 1048576
    and private.is_at_most_64_levels_deep(is_payload.value)
  );
end
$$;
comment on function private.is_payload(jsonb) is
  'The input or output of a workflow: at most 1 MiB as text and 64 levels.';

create function private.is_word_list(value text[])
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  if cardinality(is_word_list.value) = 0 then
    return true;
  end if;
  return cardinality(is_word_list.value) <= 100 and not exists (
    select from unnest(is_word_list.value) as word where word is null or not private.is_label(word)
  );
end
$$;
comment on function private.is_word_list(text[]) is
  'Tags, keywords or ids: at most 100, each a label of at most 255 characters.';

create function private.is_web_address(value text, schemes text default 'https?')
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return char_length(is_web_address.value) <= 2048 and private.is_plain(is_web_address.value)
    and is_web_address.value ~ (
      '^'
        || is_web_address.schemes
        || '://[^\s/"<>\\^`{|}]+(/[^\s"<>\\^`{|}]*|[?#][^\s"<>\\^`{|}]*)?$'
    );
end
$$;
comment on function private.is_web_address(text, text) is
  'An http or https address of at most 2,048 characters; schemes is a regular expression of '
  'those that are allowed.';

grant execute on function
  private.is_plain(text), private.is_label(text), private.is_prose(text), private.is_prompt(text),
  private.is_content(text), private.is_at_most_64_levels_deep(jsonb), private.is_document(jsonb),
  private.is_payload(jsonb), private.is_word_list(text[]), private.is_web_address(text, text),
  private.is_calendar_time(timestamptz)
to authenticated, service_role;

create function private.is_email(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return char_length(is_email.value) <= 255
    and private.is_plain(is_email.value)
    and is_email.value ~ '^[^@\s]+@[^@\s]+$';
end
$$;
comment on function private.is_email(text) is
  'True for text in the form of an e-mail address: one @, no space, at most 255 characters.';
grant execute on function private.is_email(text) to authenticated, service_role;

create function private.plain_label(value text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return nullif(btrim(left(
    regexp_replace(
      plain_label.value,
      '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+', ' ', 'g'
    ),
    255
  )), '');
end
$$;
comment on function private.plain_label(text) is
  'A text as a label: control characters become spaces, the rest is cut at 255 characters; null '
  'when nothing is left.';

create function private.name_to_quote(name text)
returns text
language plpgsql
immutable strict
set search_path = ''
as $$
declare
  plain text := replace(private.plain_label(name_to_quote.name), '"', '''');
begin
  return case when char_length(plain) > 80 then left(plain, 79) || '…' else coalesce(plain, '') end;
end
$$;
comment on function private.name_to_quote(text) is
  'A name that a user chose, safe to quote in a message to another user: one line, at most 80 '
  'characters, without double quotes.';
grant execute on function private.plain_label(text), private.name_to_quote(text) to service_role;

create function private.refuse_page_size(page_size integer)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if refuse_page_size.page_size between 1 and 1000 then
    return;
  end if;
  perform private.refuse(
    'page_size_out_of_range', 'page_size must be between 1 and 1000.'
  );
end
$$;
comment on function private.refuse_page_size(integer) is
  'Refuses a page of a list that is empty or too large. Errors: PT400 page_size_out_of_range.';
grant execute on function private.refuse_page_size(integer) to authenticated, service_role;

create function private.check_session_id()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.refuse('session_id_too_short', 'The session id has fewer than 16 characters.');
  return new;
end
$$;
comment on function private.check_session_id() is
  'Trigger: refuses short session ids of clients. Session ids are unique across organizations, so '
  'that a client could otherwise take those that the backends of others use. Errors: PT400 '
  'session_id_too_short.';
