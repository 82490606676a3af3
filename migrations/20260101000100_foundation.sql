-- Foundation: a closed start, the private schema, and the helpers that every
-- later file uses. Nothing here holds data.

-- Nothing is granted by default: each later grant is a decision that can be read.
-- A platform that exposes new tables by itself is closed here too.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

grant usage on schema public to anon, authenticated, service_role;

-- Helpers of policies, triggers and jobs. The schema is not exposed by the Data
-- API; the roles need USAGE because policies run with the caller's rights.
create schema if not exists private;
comment on schema private is 'Helpers of policies, triggers and jobs. Not exposed by the API; a client reaches a helper only through a policy, a view or a public function.';
grant usage on schema private to anon, authenticated, service_role;

-- EXCLUDE constraints that mix equality with ranges (service_prices) need it.
create extension if not exists btree_gist with schema extensions;

-- Errors ---------------------------------------------------------------------

create function private.refuse(status integer, code text, message text, hint text default null)
returns void
language plpgsql
set search_path = ''
as $$
begin
  raise exception using
    errcode = 'PT' || refuse.status,
    -- A message may repeat what the caller sent.
    message = left(refuse.message, 1000),
    detail = refuse.code,
    hint = coalesce(refuse.hint, '');
end
$$;
comment on function private.refuse(integer, text, text, text) is
  'Raises a business error. SQLSTATE PTnnn becomes HTTP status nnn in the Data API; message is for a person and cut at 1,000 characters, detail is the machine code, hint says what to do.';
grant execute on function private.refuse(integer, text, text, text) to anon, authenticated, service_role;

-- Locks ----------------------------------------------------------------------

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
  -- Each number once: locks of two purposes never meet, whatever their second key is made of.
  case purpose
    when 'jobs' then number := 1; -- the name of the job
    when 'idempotency_keys' then number := 2; -- the person and the key
    when 'budgets' then number := 3; -- the organization
    when 'agent_metrics' then number := 4; -- the day
    when 'settling_many' then number := 5; -- 0: one at a time
  end case;
  return number;
end
$$;
comment on function private.lock_namespace(text) is 'First key of the advisory locks of a purpose, all of which are declared here with what their second key is made of. Raises case_not_found for any other.';
grant execute on function private.lock_namespace(text) to service_role;

-- Times ----------------------------------------------------------------------

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
comment on function public.update_updated_at_column() is 'Trigger: keeps updated_at at the time of the last change.';

create function private.is_time_zone(name text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Postgres also takes POSIX strings such as 'ABC7'; only names are wanted here.
  if name !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$' then
    return false;
  end if;
  perform now() at time zone name;
  return true;
exception when invalid_parameter_value then
  return false;
end
$$;
comment on function private.is_time_zone(text) is 'True when the name is a time zone that this server knows, such as Europe/Berlin.';
grant execute on function private.is_time_zone(text) to authenticated, service_role;

-- Sizes ----------------------------------------------------------------------
--
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
  return value !~ '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]';
end
$$;
comment on function private.is_plain(text) is 'True for text without control characters and bidirectional formatting, which could make a name look like another or act on a terminal.';

create function private.is_label(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return char_length(value) <= 255 and private.is_plain(value);
end
$$;
comment on function private.is_label(text) is 'A name, a title or an id given by another system: one line of at most 255 characters without control characters.';

create function private.is_prose(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return octet_length(value) <= 65536;
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
  return octet_length(value) <= 262144;
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
  return octet_length(value) <= 1048576;
end
$$;
comment on function private.is_content(text) is 'A whole text that was said or written: at most 1 MiB.';

create function private.is_at_most_64_levels_deep(value jsonb)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  -- The path stops at the level it asks for, however deep the value is.
  return not jsonb_path_exists(value, '$.**{64} ? (@.type() == "object" || @.type() == "array")');
end
$$;
comment on function private.is_at_most_64_levels_deep(jsonb) is 'True when objects and arrays nest at most 64 levels deep.';

create function private.is_document(value jsonb)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return octet_length(value::text) <= 262144 and private.is_at_most_64_levels_deep(value);
end
$$;
comment on function private.is_document(jsonb) is 'Settings, metadata or a state: at most 256 KiB as text and 64 levels.';

create function private.is_payload(value jsonb)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return octet_length(value::text) <= 1048576 and private.is_at_most_64_levels_deep(value);
end
$$;
comment on function private.is_payload(jsonb) is 'What a workflow was given or answered: at most 1 MiB as text and 64 levels.';

create function private.is_word_list(value text[])
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return cardinality(value) <= 100 and not exists (
    select from unnest(value) as word where word is null or not private.is_label(word)
  );
end
$$;
comment on function private.is_word_list(text[]) is 'Tags, keywords or ids: at most 100, each a label of at most 255 characters.';

create function private.is_web_address(value text, schemes text default 'https?')
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return char_length(value) <= 2048 and private.is_plain(value)
    and value ~ ('^' || schemes || '://[^\s/"<>\\^`{|}]+(/[^\s"<>\\^`{|}]*|[?#][^\s"<>\\^`{|}]*)?$');
end
$$;
comment on function private.is_web_address(text, text) is 'An http or https address of at most 2,048 characters; schemes is a regular expression of those that are allowed.';

create function private.is_calendar_time(value timestamptz)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return value >= '1970-01-01 00:00:00+00' and value < '2200-01-01 00:00:00+00';
end
$$;
comment on function private.is_calendar_time(timestamptz) is 'A time from 1970 to 2199: neither infinite nor one that arithmetic with intervals and time zones would overflow.';

create function private.plain_label(value text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return nullif(btrim(left(
    regexp_replace(value, '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+', ' ', 'g'), 255
  )), '');
end
$$;
comment on function private.plain_label(text) is 'A text as a label: control characters become spaces, the rest is cut at 255 characters; null when nothing is left.';

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
comment on function private.name_to_quote(text) is 'A name that somebody chose, as it stands between double quotes in a sentence to somebody else: one line, at most 80 characters, without a quote that would end the name early.';
grant execute on function private.plain_label(text), private.name_to_quote(text) to service_role;

grant execute on function
  private.is_plain(text), private.is_label(text), private.is_prose(text), private.is_prompt(text),
  private.is_content(text), private.is_at_most_64_levels_deep(jsonb), private.is_document(jsonb),
  private.is_payload(jsonb), private.is_word_list(text[]), private.is_web_address(text, text),
  private.is_calendar_time(timestamptz)
to authenticated, service_role;

create function private.day_start(day date, timezone text)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  midnight constant timestamp := day;
  -- Of two midnights the second; where clocks go forward at midnight, the moment at which they do.
  start timestamptz := midnight at time zone timezone;
  day_before timestamptz := start - interval '24 hours';
  -- Midnight by the clocks of the day before.
  first timestamptz := day_before + (midnight - (day_before at time zone timezone));
begin
  if first < start and first at time zone timezone = midnight then
    return first;
  end if;
  return start;
end
$$;
comment on function private.day_start(date, text) is 'The first moment that lies in a day in a time zone, also where midnight comes twice, as in Havana, or not at all, as in Cairo.';
grant execute on function private.day_start(date, text) to authenticated, service_role;

-- Secrets --------------------------------------------------------------------

create function private.is_ciphertext(value text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select value ~ '^v1:[A-Za-z0-9_-]{1,32}:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]{23,}$'
$$;
comment on function private.is_ciphertext(text) is
  'True for v1:<key id>:<12-byte IV>:<ciphertext and tag>, the last two in base64url. It guards columns against plaintext; it cannot tell whether a key opens the blob.';
grant execute on function private.is_ciphertext(text) to authenticated, service_role;

create function private.new_token(prefix text)
returns text
language sql
volatile
set search_path = ''
as $$
  -- Two random UUIDs carry 244 bits from the server's strong random source.
  select prefix || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
$$;
comment on function private.new_token(text) is 'An unguessable token (244 random bits) behind a readable prefix.';
grant execute on function private.new_token(text) to authenticated, service_role;

create function private.token_hash(token text)
returns text
language sql
immutable
set search_path = ''
as $$
  select encode(sha256(convert_to(token, 'UTF8')), 'hex')
$$;
comment on function private.token_hash(text) is 'SHA-256 of a token in hex. Enough for tokens that carry 244 random bits; not for passwords.';
