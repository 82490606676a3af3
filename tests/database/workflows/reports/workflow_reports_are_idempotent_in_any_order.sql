begin;
select plan(74);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');

create function pg_temp.report(report jsonb, reporter text default 'carol')
returns jsonb
language sql
as $$
  select public.report_workflow(
    jsonb_build_object('user_id', tests.id(reporter)), 'c0000000-0000-4000-8000-000000000001', report
  )
$$;

-- Start, progress, thoughts and end, in each of their orders, the whole twice.
create temporary table parts (place integer primary key, report jsonb);
insert into parts values
  (1, '{"status": "running", "started_at": "2026-01-01T00:00:00Z", "input": {"q": 1}}'),
  (2, '{"status": "waiting"}'),
  (3, '{"thoughts": [
    {"node_id": "b", "parent_node_id": "a", "node_type": "action", "content": "B"},
    {"node_id": "a", "node_type": "input", "content": "A"}
  ]}'),
  (4, '{"status": "success", "completed_at": "2026-01-01T00:00:05Z", "output": {"answer": 42}}');
select lives_ok(
  $test$
    select pg_temp.report(parts.report || jsonb_build_object('execution_id', orders.name))
    from (
      select array[a, b, c, d] as places, concat_ws('-', a, b, c, d) as name
      from generate_series(1, 4) a, generate_series(1, 4) b, generate_series(1, 4) c, generate_series(1, 4) d
      where cardinality(array(select distinct unnest(array[a, b, c, d]))) = 4
    ) orders
    cross join lateral unnest(orders.places || orders.places) with ordinality as steps (place, step)
    join parts on parts.place = steps.place
    order by orders.name, steps.step
  $test$,
  'reports are taken in every order'
);
select results_eq(
  $$
    select status, input_data, output_data, error_data, execution_time_ms, completed_at, started_at,
      count(*)::integer
    from public.workflow_executions group by 1, 2, 3, 4, 5, 6, 7
  $$,
  $$ values (
    'success', '{"q": 1}'::jsonb, '{"answer": 42}'::jsonb, null::jsonb, 5000, '2026-01-01T00:00:05Z'::timestamptz,
    '2026-01-01T00:00:00Z'::timestamptz, 24
  ) $$,
  'and give one result'
);
select results_eq(
  'select execution_count, success_count, error_count from public.workflows', 'values (24, 24, 0)', 'counted once'
);
select is(count(*), 48::bigint, 'each thought once') from public.agent_thoughts;

-- What ended stays as it ended.
select is(pg_temp.report('{"execution_id": "1-2-3-4", "status": "crashed"}') ->> 'status', 'success', 'a crash later');
select is(pg_temp.report('{"execution_id": "1-2-3-4", "status": "running"}') ->> 'status', 'success', 'a start later');
select is(error_data, null, 'leaves no error') from public.workflow_executions where execution_id = '1-2-3-4';
select tests.act_as('carol');
select tests.refused(
  format('update public.workflow_executions set status = %L where execution_id = ''1-2-3-4''', status),
  409, 'execution_finished', 'nor does a client have it be ' || status || ' again'
)
from unnest(array['running', 'waiting']) status;
select tests.reset();

-- The words of n8n
select is(pg_temp.report(jsonb_build_object('execution_id', reported, 'status', reported)) ->> 'status', kept, reported)
from (values ('new', 'running'), ('canceled', 'error'), ('crashed', 'error')) as words (reported, kept);
select is(error_data, '{"status": "canceled"}', 'why it ended is kept')
from public.workflow_executions where execution_id = 'canceled';
select results_eq(
  $$ select user_id, count(*)::integer from public.notifications where type = 'workflow_error' group by 1 $$,
  $$ values (tests.id('carol'), 1) $$, 'failures of a workflow send one notification'
);

-- Secrets
select pg_temp.report(jsonb_build_object(
  'execution_id', 'secrets', 'status', 'success',
  'input', '{"Authorization": "Basic x", "list": [{"api_key": "a \"quoted\" one", "max_tokens": 5}], "note": "token: \"x\""}'::jsonb,
  'output', jsonb_build_object('said', 'It is sk-' || repeat('a', 20)),
  'thoughts', jsonb_build_array(jsonb_build_object(
    'node_id', 'n', 'node_type', 'output', 'content', 'Bearer ' || repeat('b', 20), 'metadata', '{"password": "x"}'::jsonb
  ))
));
select results_eq(
  $$ select input_data, output_data from public.workflow_executions where execution_id = 'secrets' $$,
  $$ values (
    '{"Authorization": "[redacted]", "list": [{"api_key": "[redacted]", "max_tokens": 5}], "note": "token: \"x\""}'::jsonb,
    '{"said": "It is [redacted]"}'::jsonb
  ) $$,
  'secrets are not stored'
);
select results_eq(
  $$ select content, metadata from public.agent_thoughts where node_id = 'n' $$,
  $$ values ('[redacted]', '{"password": "[redacted]"}'::jsonb) $$, 'nor in thoughts'
);

-- Refusals store nothing.
select tests.refused(
  format('select pg_temp.report(%L)', jsonb_build_object('execution_id', 'large', 'input', repeat('x', 1048577))),
  413, 'request_too_large', 'too much'
);
select tests.refused(
  $$ select pg_temp.report('{"execution_id": "cycle", "thoughts": [
    {"node_id": "a", "parent_node_id": "b", "node_type": "action", "content": "A"},
    {"node_id": "b", "parent_node_id": "a", "node_type": "action", "content": "B"}
  ]}') $$,
  409, 'thought_cycle', 'a cycle'
);
select tests.refused(
  $$ select pg_temp.report('{"execution_id": "x"}', 'dave') $$, 404, 'workflow_not_found', 'a viewer''s'
);
select tests.refused(
  $$ select pg_temp.report('{"execution_id": "x"}', 'eve') $$, 404, 'workflow_not_found', 'a stranger''s'
);
select is_empty(
  $$ select execution_id from public.workflow_executions where execution_id in ('large', 'cycle', 'x') $$, 'none is stored'
);

-- Silence
insert into public.workflow_executions (workflow_id, execution_id, status, started_at, updated_at) values
  ('c0000000-0000-4000-8000-000000000001', 'silent', 'running', now() - interval '2 days', now() - interval '25 hours'),
  ('c0000000-0000-4000-8000-000000000001', 'waits', 'waiting', now() - interval '2 days', now() - interval '25 hours');
select results_eq(
  'select item from private.workflows_to_time_out()', $$ values ('c0000000-0000-4000-8000-000000000001') $$, 'is noticed'
);
select is(private.time_out_executions('c0000000-0000-4000-8000-000000000001'), 1, 'and ended');
select results_eq(
  $$ select execution_id, status from public.workflow_executions where execution_id in ('silent', 'waits') order by 1 $$,
  $$ values ('silent', 'error'), ('waits', 'waiting') $$, 'one that waits is skipped'
);


select is(private.redact_secrets(jsonb_build_object('said', said)) ->> 'said', wanted, reason)
from (values
  (e'keys:\nsk-abcdefghijklmnopqrst', e'keys:\n[redacted]', 'a key that begins a line is redacted'),
  (e'keys:\tagb_abcdefghijklmnopqrst', e'keys:\t[redacted]', 'as is one after a tab'),
  (e'ends:\u0001sk-abcdefghijklmnopqrst', e'ends:\u0001[redacted]', 'or after any other control character'),
  (e'a\rk-abcdefghijklmnopqrst', e'a\rk-abcdefghijklmnopqrst', 'an escape is no part of a word'),
  ('C:\new\rk-abcdefghijklmnopqrst', 'C:\new\[redacted]', 'and a backslash stays one')
) as texts (said, wanted, reason);

select is(private.redact_secrets(given::jsonb), wanted::jsonb, reason)
from (values
  ('{"tokens": ["a", 1, null], "after": "b"}', '{"tokens": ["[redacted]", 1, null], "after": "b"}', 'a list of secrets is redacted'),
  ('{"authorization": {"scheme": "x", "of": [["y"]]}, "z": ["y"]}',
    '{"authorization": {"scheme": "[redacted]", "of": [["[redacted]"]]}, "z": ["y"]}', 'and an object, at every depth'),
  ('[{"secrets": {"token": [], "more": {}}}, "a"]', '[{"secrets": {"token": [], "more": {}}}, "a"]', 'empty ones end where they end'),
  ('{"cookies": ["} \" ]"], "a": ["cookies", {"b": "c"}]}', '{"cookies": ["[redacted]"], "a": ["cookies", {"b": "c"}]}',
    'a bracket in a text is no bracket'),
  ('{"usage": {"input_tokens": 5, "tokens_details": {"cached_tokens": 3}}}',
    '{"usage": {"input_tokens": 5, "tokens_details": {"cached_tokens": 3}}}', 'counts of tokens stay'),
  ('{"password": 123456, "db_pwd": -1.5e3, "passed": 7, "said": "\"password\": 5"}',
    '{"password": "[redacted]", "db_pwd": "[redacted]", "passed": 7, "said": "\"password\": 5"}', 'those of a password do not'),
  ('{"token": {"user": {"password": [1, {"a": -2e5}], "n": 3}, "used": 4}, "m": [5]}',
    '{"token": {"user": {"password": ["[redacted]", {"a": "[redacted]"}], "n": 3}, "used": 4}, "m": [5]}', 'nor those within one'),
  ('{"passwords": {"pin": 12, "is_set": true, "x": null}, "n": 1}',
    '{"passwords": {"pin": "[redacted]", "is_set": true, "x": null}, "n": 1}', 'which ends where it ends'),
  ('{"privateKey": "x", "passphrase": "y", "key": "z"}', '{"privateKey": "[redacted]", "passphrase": "[redacted]", "key": "z"}',
    'other names of secrets are known'),
  (repeat('{"token":', 3000) || '["a"]' || repeat('}', 3000), repeat('{"token":', 3000) || '["[redacted]"]' || repeat('}', 3000),
    'a deep document is redacted, too')
) as documents (given, wanted, reason);
select is(private.redact_secrets('"password"'), '"password"', 'a text is no name');

select is(
  private.redact_text('It is ' || prefix || repeat('a1', 12) || ', as agreed'), 'It is [redacted], as agreed', prefix || ' is redacted'
)
from unnest(array['whsec_', 'AIza', 'AQ.', 'r8_', 'hf_', 'pplx-', 'tgp_v1_', 'github_pat_', 'gsk_']) prefix;
select is(private.redact_text('It is ' || token || ', as agreed'), 'It is [redacted], as agreed', 'one of ' || left(token, 4))
from unnest(array[private.new_token('inv_'), 'wis_' || repeat('aB-', 14) || 'c', 'sbp_' || repeat('0a', 20)]) token;
select is(private.redact_text(name), name, name || ' is no secret')
from unnest(array[
  'hf-internal-testing/tiny-random-LlamaForCausalLM', 'pplx-embed-context-v1-0.6b', 'inv_number_of_the_line_item',
  'Invalid token: expired', 'max_tokens=4096', 'tokens: 123456', 'password: required', 'see https://h.example:80/a@b'
]) name;
select is(private.redact_text(given), wanted, 'none is left of ' || given)
from (values
  ('postgres://u:p4ss:word@h/db', 'postgres://u:[redacted]@h/db'),
  ('https://h.example/x?a=1&api_key=hush-hush&b=2', 'https://h.example/x?a=1&api_key=[redacted]&b=2'),
  ('CLIENT_SECRET = hush-hush', 'CLIENT_SECRET = [redacted]'),
  ('x-api-key: hush4hush', 'x-api-key: [redacted]'),
  ('Authorization: Basic aHVzaDpodXNo', 'Authorization: Basic [redacted]'),
  ('{"a": 1, "password":"hush hush", "b": 2}', '{"a": 1, "password":"[redacted]", "b": 2}'),
  (E'-----BEGIN RSA PRIVATE KEY-----\nMII-x\n-----END RSA PRIVATE KEY----- it is', '[redacted] it is'),
  ('-----BEGIN PRIVATE KEY----- MII', '[redacted]'),
  ('https://hooks.slack.com/services/T000/B000/Xx00Xx00Xx00', 'https://[redacted]'),
  ('AKIAIOSFODNN7EXAMPLE', '[redacted]')
) as texts (given, wanted);
select is(
  private.redact_secrets('{"in": "{\"password\":\"hush\",\"n\":5}", "tokens": 123456, "at": "a?token=hush\\n"}'),
  '{"in": "{\"password\":\"[redacted]\",\"n\":5}", "tokens": 123456, "at": "a?token=[redacted]\\n"}', 'also in JSON within JSON'
);

-- What is too large after secrets were replaced, or in a place that is not a payload.
select tests.refused(
  format('select pg_temp.report(%L)', jsonb_build_object('execution_id', 'large') || too_large), 413, 'request_too_large', reason
)
from (values
  (jsonb_build_object('input', (select jsonb_agg('{"token": ""}'::jsonb) from generate_series(1, 60000))), 'redacted, it is too large'),
  (jsonb_build_object('thoughts', jsonb_build_array(jsonb_build_object(
    'node_id', 'n', 'node_type', 'output', 'content', 'x', 'metadata', jsonb_build_object('x', repeat('x', 300000))
  ))), 'the metadata of a thought, too'),
  (jsonb_build_object('thoughts', jsonb_build_array(jsonb_build_object(
    'node_id', 'n', 'node_type', 'output', 'content', 'x', 'metadata', (repeat('{"a":', 70) || '1' || repeat('}', 70))::jsonb
  ))), 'or its depth')
) as reports (too_large, reason);

select * from finish();
rollback;
