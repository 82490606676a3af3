begin;
select plan(12);

insert into private.function_call_outbox (id, path) values
  ('40000000-0000-4000-8000-000000000001', '/a'), ('40000000-0000-4000-8000-000000000002', '/b');
select tests.breaks(
  format('update private.function_call_outbox set %s where id = ''40000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''40000000-0000-4000-8000-000000000002''', 'function_call_outbox_pkey'),
  ('path = ''health''', 'function_call_path_is_a_path'),
  ('path = ''/a/../b''', 'function_call_path_is_a_path'),
  ('path = ''@evil.example/a''', 'function_call_path_is_a_path'),
  ('outcome = ''lost''', 'function_call_outcome_is_known'),
  ('outcome = ''succeeded''', 'function_call_is_finished_when_its_outcome_is_known'),
  ('outcome = ''failed''', 'function_call_is_finished_when_its_outcome_is_known'),
  ('finished_at = now()', 'function_call_is_finished_when_its_outcome_is_known')
) as broken (change, rule);
select tests.changes(
  format('update private.function_call_outbox set %s where id = ''40000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'outcome = ''sent''', 'outcome = ''succeeded'', finished_at = now()', 'outcome = ''failed''',
  'outcome = ''waiting'', finished_at = null'
]) as change;

select * from finish();
rollback;
