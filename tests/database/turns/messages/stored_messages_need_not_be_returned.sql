begin;
select plan(6);

create function pg_temp.returned(request jsonb, said jsonb, messages jsonb)
returns jsonb
language sql
as $$ select private.returned_messages(request, said, messages) $$;

select is(
  pg_temp.returned('{"messages": ["a", "b"]}', '["a", "b"]', '["prompt", "a", "b"]'),
  '{"messages": ["prompt", "a", "b"], "new_messages": 2, "echoed": true}', 'it does where no one says otherwise'
);
select is(
  pg_temp.returned('{"messages": ["a", "b"], "echo": false}', '["a", "b"]', '["prompt", "earlier", "a", "b"]'),
  '{"messages": ["prompt", "earlier"], "new_messages": 2, "echoed": false}', 'without an echo the history remains'
);
select is(
  pg_temp.returned('{"messages": ["a"], "echo": false}', '["a"]', '["a"]'),
  '{"messages": [], "new_messages": 1, "echoed": false}', 'or nothing, where there is none'
);
select is(
  pg_temp.returned('{"messages": ["rule", "a"], "echo": false}', '["a"]', '["rule", "a"]'),
  '{"messages": ["rule"], "new_messages": 1, "echoed": false}', 'the last of what it sent is known to it'
);

select is(
  pg_temp.returned('{"messages": ["a", "rule"], "echo": false}', '["a"]', '["rule", "a"]'),
  '{"messages": ["rule", "a"], "new_messages": 1, "echoed": true}', 'what stands elsewhere is not'
);
select is(
  pg_temp.returned('{"messages": ["rule"], "echo": false}', '[]', '["rule"]'),
  '{"messages": ["rule"], "new_messages": 0, "echoed": false}', 'instructions alone are no new message'
);

select * from finish();
rollback;
