-- Redaction: removes apparent secrets from texts and documents before they are stored or shown.

create function private.redact_prefixed(value text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return regexp_replace(
    redact_prefixed.value,
    -- Ours, those of the catalogue's vendors that have a prefix, and those of common services.
    -- Names of models and organizations begin alike, such as pplx-embed-context and
    -- hf-internal-testing: a key of these vendors is one long word.
    '\m(Bearer\s+[\w.~+/=-]{16,}'
      || '|([rs]k[-_]|agb_|tgp_v1_|gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|sb_secret_)'
      || '[\w-]{16,}'
      -- Invitations, what visitors of widgets hold, and access tokens of Supabase.
      || '|inv_[0-9a-f]{64}|w(is|tk|vt)_[\w-]{43}|sbp_[0-9a-f]{40}'
      || '|(hf_|r8_|gsk_|npm_|n8n_api_)[A-Za-z0-9]{16,}|(pplx|xai)-[A-Za-z0-9]{16,}'
      || '|(whsec_|AIza|AQ\.|SG\.|ya29\.|GOCSPX-)[\w.+/=-]{16,}|A[KS]IA[A-Z0-9]{16}'
      || '|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}'
      -- The address of a channel is what lets others write to it.
      || '|hooks\.slack\.com/\w+/[\w/-]{16,}|discord(app)?\.com/api/webhooks/\d+/[\w-]{16,})'
      -- Not the backslash before a quote, which is the quote's.
      || '|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\-]|\\(?!")|-(?!["-]))*'
      || '(?:-----END [A-Z ]*PRIVATE KEY-----)?',
    '[redacted]', 'g'
  );
end
$$;
comment on function private.redact_prefixed(text) is
  'A text without bearer tokens, JSON web tokens, private keys and keys of known prefixes.';

create function private.redact_named(value text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  name constant text := '(?:passwo?r?d|passphrase|passcode|pwd|secret|token|authorization'
    || '|(?:api|private|secret|access|auth)[-_ ]?key|credential)';
  -- A value ends where JSON around it would, or a query string.
  part constant text := '[^][[:space:][:cntrl:]"''\\&,;<>(){}]';
  redacted text := redact_named.value;
begin
  -- https://user:password@host
  redacted := case when redacted like '%://%@%' then regexp_replace(
    redacted, '(://[^[:space:]/:@"\\]{0,200}:)[^[:space:]/@"\\]+(?=@)', '\1[redacted]', 'g'
  ) else redacted end;
  -- Most texts name nothing, and this is asked of each.
  if redacted !~* (name || '[\w-]*[\\\x01]*"?\s?[=:]') then
    return redacted;
  end if;
  -- password=…, as in a query string
  redacted := regexp_replace(
    redacted, '(' || name || '\s?=\s?)' || part || '{4,}', '\1[redacted]', 'gi'
  );
  -- X-Api-Key: … or token: "…", where a word such as "invalid token: expired" is a message
  redacted := regexp_replace(
    redacted,
    '(' || name || ':\s?(?:[\\\x01]*")?(?:(?:basic|digest|token)\s)?)'
      || '(?=' || part || '*\d)(?=' || part || '*[a-z])' || part || '{8,}'
      || '|(authorization:\s?(?:basic|digest|token)\s)' || part || '{6,}',
    '\1\2[redacted]', 'gi'
  );
  -- {"password": "…"} as a text, also within texts of JSON: with the same backslashes before both
  -- quotes, which else are of different texts. U+0001 stands for two, see redact_secrets().
  return regexp_replace(
    redacted, '(' || name || '[\w-]*([\\\x01]*)"\s?:\s?\2")[^"\\\x01]+', '\1[redacted]', 'gi'
  );
end
$$;
comment on function private.redact_named(text) is
  'A text without what it names as a password, token or key: in an address, a query string, a '
  'header or an object of JSON.';

create function private.redact_text(value text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return private.redact_named(private.redact_prefixed(redact_text.value));
end
$$;
comment on function private.redact_text(text) is
  'A text without what looks like a secret, by its form or by its name.';

create function private.redact_nested(document text, secret_name text, password_name text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  piece text;
  pieces text[];
  depth integer := 0;
  -- The depth of the outermost array or object that a secret's field has, and a password's.
  secret_depth integer;
  password_depth integer;
begin
  -- Not recursive: a document may be nested deeper than the stack allows.
  for piece in
    select matched.parts[1]
    from regexp_matches(
      redact_nested.document, '((?:[^][{}"]|"(?:[^"\\]|\\.)*")*[][{}])', 'g'
    ) as matched (parts)
  loop
    if secret_depth is not null
      and (piece like '%"%' or password_depth is not null and piece ~ '[0-9]')
    then
      piece := (
        select string_agg(
          case
            when part.parts[1] like '"%"' then '"[redacted]"'
            when password_depth is not null and part.parts[1] not like '"%'
              then regexp_replace(part.parts[1], '-?[0-9][0-9.eE+-]*', '"[redacted]"', 'g')
            else part.parts[1]
          end, '' order by part.place
        )
        from regexp_matches(piece, '("(?:[^"\\]|\\.)*"(?:: )?|[^"]+)', 'g')
          with ordinality as part (parts, place)
      );
    end if;
    if right(piece, 1) in ('}', ']') then
      secret_depth := nullif(secret_depth, depth);
      password_depth := nullif(password_depth, depth);
      depth := depth - 1;
    else
      depth := depth + 1;
      -- Most brackets follow no name, and a comparison with a pattern is slow.
      if secret_depth is null and piece like '%": _'
        and piece ~* (redact_nested.secret_name || '.$')
      then
        secret_depth := depth;
      end if;
      if password_depth is null and piece like '%": _'
        and piece ~* (redact_nested.password_name || '.$')
      then
        password_depth := depth;
      end if;
    end if;
    pieces := pieces || piece;
  end loop;
  return array_to_string(pieces, '');
end
$$;
comment on function private.redact_nested(text, text, text) is
  'The text of a jsonb array or object in which each string within an array or object whose name '
  'matches reads "[redacted]", and each number where it is the name of a password. Names and other '
  'numbers, such as counts of tokens, stay.';

create function private.redact_secrets(value jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- A word begins after an escape, not with its letter: "\nsk-..." contains a key.
  escapes constant text[] := array['\\', '\n', '\r', '\t', '\f', '\b'];
  -- A name without a backslash, and its colon: nothing else matches across strings.
  password_name constant text := '"[^"\\]*(?:passwo?r?d|passphrase|passcode|pwd)[^"\\]*": ';
  -- A text that names a secret, and a field that has one.
  secret_word constant text :=
    '"[^"\\]*(?:passwo?r?d|passphrase|passcode|pwd|secret|token|(?:api|private)[-_ ]?key'
    || '|authorization|cookie|credential)[^"\\]*"';
  secret_name constant text := secret_word || ': ';
  -- As headers and environments are written: {"name": "X-Api-Key", "value": "..."}.
  secret_pair constant text := '"(?:key|name)": ' || secret_word
    || '(?:, "[^"\\]*": (?:"(?:[^"\\]|\\.)*"|[^][{}",]+))*, "value": ';
  secret_field constant text := '(?:' || secret_name || '|' || secret_pair || ')';
  plain text := redact_secrets.value::text;
begin
  -- JSON text contains no control characters, so they can stand for escapes here.
  for place in 1..cardinality(escapes) loop
    plain := replace(plain, escapes[place], chr(place));
  end loop;
  -- Other control characters are written as a backslash and u0001.
  plain := regexp_replace(plain, '\\(u00[01][0-9a-f])', chr(14) || '\1' || chr(15), 'g');
  plain := private.redact_text(plain);
  plain := regexp_replace(plain, chr(14) || '(u00[01][0-9a-f])' || chr(15), '\\\1', 'g');
  for place in 1..cardinality(escapes) loop
    plain := replace(plain, chr(place), escapes[place]);
  end loop;
  plain := regexp_replace(
    plain, '(' || secret_name || ')"(?:[^"\\]|\\.)*"', '\1"[redacted]"', 'gi'
  );
  plain := regexp_replace(
    plain, '(' || secret_pair || ')"(?:[^"\\]|\\.)*"', '\1"[redacted]"', 'gi'
  );
  -- Counts of tokens stay, and so do other numbers but those of passwords.
  plain := regexp_replace(
    plain, '(' || password_name || ')-?[0-9][0-9.eE+-]*', '\1"[redacted]"', 'gi'
  );
  if plain ~* (secret_field || '[{[]') then
    plain := private.redact_nested(plain, secret_field, password_name);
  end if;
  return plain::jsonb;
end
$$;
comment on function private.redact_secrets(jsonb) is
  'A value without what looks like a secret: strings of fields named as one, such as password, '
  'token or authorization, read "[redacted]", and so do those of their arrays and objects, numbers '
  'of a field named as a password, and a value beside a name of one, such as {"name": '
  '"X-Api-Key", "value": …}. Texts are those of private.redact_text().';
grant execute on function
  private.redact_prefixed(text), private.redact_named(text), private.redact_text(text),
  private.redact_nested(text, text, text), private.redact_secrets(jsonb)
  to authenticated, service_role;
