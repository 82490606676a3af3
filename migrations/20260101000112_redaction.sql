-- Redaction: texts and documents without what looks like a secret, for what is kept and shown.

create function private.redact_text(value text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return regexp_replace(
    redact_text.value,
    -- Ours, those of the catalogue's vendors that have a prefix, and those of common services.
    '\m(Bearer\s+[\w.~+/=-]{16,}'
      || '|(sk|rk|agb|r8|hf|pplx|tgp_v1|ghp|gho|github_pat|xox[abp]|sb_secret)[-_][\w-]{16,}'
      || '|(whsec_|AIza|AQ\.)[\w.+/=-]{16,}'
      || '|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})',
    '[redacted]', 'g'
  );
end
$$;
comment on function private.redact_text(text) is
  'A text without bearer tokens, JSON web tokens and keys of known prefixes.';

create function private.redact_nested(document text, secret_name text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  piece text;
  pieces text[];
  depth integer := 0;
  -- The depth of the outermost array or object that a secret's field has.
  secret_depth integer;
begin
  -- Not by recursion: a document may be nested deeper than the stack allows.
  for piece in
    select matched.parts[1]
    from regexp_matches(
      redact_nested.document, '((?:[^][{}"]|"(?:[^"\\]|\\.)*")*[][{}])', 'g'
    ) as matched (parts)
  loop
    if secret_depth is not null then
      piece := (
        select string_agg(
          case when part.parts[1] like '"%"' then '"[redacted]"' else part.parts[1] end, ''
          order by part.place
        )
        from regexp_matches(piece, '("(?:[^"\\]|\\.)*"(?:: )?|[^"]+)', 'g')
          with ordinality as part (parts, place)
      );
    end if;
    if right(piece, 1) in ('}', ']') then
      secret_depth := nullif(secret_depth, depth);
      depth := depth - 1;
    else
      depth := depth + 1;
      if secret_depth is null and piece ~* (redact_nested.secret_name || '.$') then
        secret_depth := depth;
      end if;
    end if;
    pieces := pieces || piece;
  end loop;
  return array_to_string(pieces, '');
end
$$;
comment on function private.redact_nested(text, text) is
  'The text of a jsonb array or object in which each string within an array or object whose name '
  'matches reads "[redacted]". Names and numbers, such as counts of tokens, stay.';

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
  secret_name constant text :=
    '"[^"\\]*(?:passwo?r?d|passphrase|pwd|secret|token|(?:api|private)[-_ ]?key|authorization'
    || '|cookie|credential)[^"\\]*": ';
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
  -- Counts of tokens stay, and so do other numbers but those of passwords.
  plain := regexp_replace(
    plain, '("[^"\\]*(?:passwo?r?d|passphrase|pwd)[^"\\]*": )-?[0-9][0-9.eE+-]*',
    '\1"[redacted]"', 'gi'
  );
  if plain ~* (secret_name || '[{[]') then
    plain := private.redact_nested(plain, secret_name);
  end if;
  return plain::jsonb;
end
$$;
comment on function private.redact_secrets(jsonb) is
  'A value without what looks like a secret: strings of fields named as one, such as password, '
  'token or authorization, read "[redacted]", and so do those of their arrays and objects, and the '
  'number of a field named as a password. Texts are those of private.redact_text().';
grant execute on function
  private.redact_text(text), private.redact_nested(text, text), private.redact_secrets(jsonb)
  to authenticated, service_role;
