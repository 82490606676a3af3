begin;
select plan(21);

-- JSON Merge Patch: the examples of RFC 7396, as far as both sides are objects, and some of our own.
select is(private.merge_json(target::jsonb, changes::jsonb), merged::jsonb, format('%s and %s', target, changes))
from (values
  ('{"a": "b"}', '{"a": "c"}', '{"a": "c"}'),
  ('{"a": "b"}', '{"b": "c"}', '{"a": "b", "b": "c"}'),
  ('{"a": "b"}', '{"a": null}', '{}'),
  ('{"a": "b", "b": "c"}', '{"a": null}', '{"b": "c"}'),
  ('{"a": ["b"]}', '{"a": "c"}', '{"a": "c"}'),
  ('{"a": "c"}', '{"a": ["b"]}', '{"a": ["b"]}'),
  ('{"a": {"b": "c"}}', '{"a": {"b": "d", "c": null}}', '{"a": {"b": "d"}}'),
  ('{"a": [{"b": "c"}]}', '{"a": [1]}', '{"a": [1]}'),
  ('{"e": null}', '{"a": 1}', '{"e": null, "a": 1}'),
  ('{}', '{"a": {"bb": {"ccc": null}}}', '{"a": {"bb": {}}}'),
  ('{"a": 1}', '{}', '{"a": 1}')
) as examples (target, changes, merged);

select tests.act_as('eve');
insert into mcp_sessions (mcp_state) values ('{"server": {"name": "x", "tools": ["a"]}, "step": 1}');
select is(
  merge_mcp_state(session_id, '{"server": {"tools": ["b"], "region": "eu"}, "step": null}'),
  '{"server": {"name": "x", "tools": ["b"], "region": "eu"}}', 'the whole state is returned'
) from mcp_sessions;
select results_eq(
  'select mcp_state from mcp_sessions', $$ values ('{"server": {"name": "x", "tools": ["b"], "region": "eu"}}'::jsonb) $$,
  'and kept'
);

select tests.refused(
  format('select merge_mcp_state(session_id, %L) from mcp_sessions', changes), 400, 'invalid_state', changes || ' changes nothing'
)
from unnest(array['[]', '"text"', 'null']) as changes;
select tests.refused(
  'select merge_mcp_state(session_id, (repeat(''{"a": '', 65) || ''1'' || repeat(''}'', 65))::jsonb) from mcp_sessions',
  400, 'state_too_deep', 'nor do 65 levels'
);
select isnt_empty(
  'select merge_mcp_state(session_id, (repeat(''{"a": '', 64) || ''1'' || repeat(''}'', 64))::jsonb) from mcp_sessions',
  'as 64 do'
);

select tests.reset();
insert into public.mcp_sessions (session_id, user_id) values ('mcp_bob', tests.id('bob'));
insert into public.mcp_sessions (session_id, user_id, created_at, expires_at)
values ('mcp_old', tests.id('eve'), now() - interval '1 day', now());
select tests.act_as('eve');
select tests.refused(format('select merge_mcp_state(%L, ''{}'')', name), status, code, name || ' is not merged into')
from (values
  ('mcp_none', 404, 'mcp_session_not_found'),
  ('mcp_bob', 404, 'mcp_session_not_found'),
  ('mcp_old', 410, 'mcp_session_expired')
) as sessions (name, status, code);

select * from finish();
rollback;
