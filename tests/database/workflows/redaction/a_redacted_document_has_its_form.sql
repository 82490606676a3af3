begin;
select plan(20);

select is(private.redact_secrets(written::jsonb), redacted::jsonb, written)
from (values
  ('{"passwords": {"user1": "a", "user2": 5}, "tokens": {"v1": 7}}', '{"passwords": {"user1": "[redacted]", "user2": "[redacted]"}, "tokens": {"v1": 7}}'),
  ('{"password": [1, {"2": "3"}], "after": 4}', '{"password": ["[redacted]", {"2": "[redacted]"}], "after": 4}'),
  -- A text that ends where the value would begin
  ('{"a": "token\": ", "b": "c"}', '{"a": "token\": ", "b": "c"}'),
  ('["password\":", "c"]', '["password\":", "c"]'),
  ('{"a": "say token:", "b": "c"}', '{"a": "say token:", "b": "c"}'),
  ('["-----BEGIN PRIVATE KEY----- hush\"", "c"]', '["[redacted]\"", "c"]'),
  ('["-----BEGIN PRIVATE KEY-----\\nhush\\n-----END PRIVATE KEY-----"]', '["[redacted]"]'),
  -- JSON as a text, and as a text within it
  ('{"a": "{\"password\": \"hush\"}"}', '{"a": "{\"password\": \"[redacted]\"}"}'),
  ('{"a": "{\"a\": \"{\\\"password\\\": \\\"hush\\\"}\"}"}', '{"a": "{\"a\": \"{\\\"password\\\": \\\"[redacted]\\\"}\"}"}'),
  ('{"a": "password: \"hush1hush\"\nb: 1"}', '{"a": "password: \"[redacted]\"\nb: 1"}'),
  ('{"a": "invalid token: \"expired\""}', '{"a": "invalid token: \"expired\""}'),
  -- Beside its name, in any form
  ('{"name": "X-Api-Key", "value": ["hush", {"a": "hush"}]}', '{"name": "X-Api-Key", "value": ["[redacted]", {"a": "[redacted]"}]}'),
  ('[{"key": "password", "type": "x", "value": {"a": "hush"}}, {"value": {"a": "b"}}]', '[{"key": "password", "type": "x", "value": {"a": "[redacted]"}}, {"value": {"a": "b"}}]')
) as documents (written, redacted);

select is(private.redact_text(written), redacted, written)
from (values
  ('{"password": "hush"}', '{"password": "[redacted]"}'),
  ('{\"password\": \"hush\"}', '{\"password\": \"[redacted]\"}'),
  ('password: "hush1hush"', 'password: "[redacted]"'),
  ('say "token": and "go on"', 'say "token": and "go on"'),
  (E'-----BEGIN PRIVATE KEY-----\nhu-sh\\n\n-----END PRIVATE KEY-----.', '[redacted].')
) as texts (written, redacted);

-- Documents of pieces that mean something to the patterns.
create function pg_temp.text_of_pieces() returns text language sql as $$
  select string_agg(pieces[1 + floor(random() * cardinality(pieces))::integer], '')
  from (
    values (array[
      'token', 'password', 'api_key', 'name', 'value', '"', '\', '\\', '\"', ':', ': ', ' ', '=', ',', '{', '[', '}',
      ']', '"}', '{"token": "', 'authorization: basic ', '-----BEGIN PRIVATE KEY-----', '-', '--', '://', '@', 'abc1defgh',
      'u0001', E'\x01', E'\x0e', E'\n', '7', 'x'
    ])
  ) as known (pieces), generate_series(1, 1 + floor(random() * 7)::integer)
$$;
create function pg_temp.form(document jsonb) returns text language sql as $$
  -- A number may be a password.
  select string_agg(replace(jsonb_typeof(part), 'number', 'string'), ' ') from jsonb_path_query(document, 'strict $.**') as part
$$;
create function pg_temp.changed_forms(documents integer) returns integer language plpgsql as $$
declare
  document jsonb;
  changed integer := 0;
begin
  for place in 1..changed_forms.documents loop
    document := jsonb_build_array(
      pg_temp.text_of_pieces(),
      jsonb_build_object('name', pg_temp.text_of_pieces(), 'value', pg_temp.text_of_pieces()),
      jsonb_build_object(pg_temp.text_of_pieces(), jsonb_build_object(pg_temp.text_of_pieces(), pg_temp.text_of_pieces()))
    );
    if pg_temp.form(private.redact_secrets(document)) is distinct from pg_temp.form(document) then
      raise notice '%', document;
      changed := changed + 1;
    end if;
  end loop;
  return changed;
end
$$;
select setseed(0.4);
select lives_ok('select pg_temp.changed_forms(2000)', 'no document becomes invalid');
select is(pg_temp.changed_forms(2000), 0, 'nor another one');

select * from finish();
rollback;
