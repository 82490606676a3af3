-- The current state of what 000112_redaction.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.redact_secrets(value jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  -- A word begins after an escape, not with its letter: "\nsk-..." contains a key.
  escapes constant text[] := array['\\', '\n', '\r', '\t', '\f', '\b'];
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
  -- A name without a backslash, its colon and one string: nothing else matches across strings.
  return regexp_replace(
    plain,
    '("[^"\\]*(?:password|passwd|secret|token|api[-_ ]?key|authorization|cookie|credential)'
      || '[^"\\]*":\s*)"(?:[^"\\]|\\.)*"',
    '\1"[redacted]"', 'gi'
  )::jsonb;
end
$body$;
grant execute on function private.redact_secrets(jsonb) to service_role;

create function private.redact_text(value text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.redact_text(text) to service_role;
