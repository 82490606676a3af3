begin;
select plan(12);

insert into private.dispatches (id, path) values
  ('40000000-0000-4000-8000-000000000001', '/a'), ('40000000-0000-4000-8000-000000000002', '/b');
select tests.breaks(
  format('update private.dispatches set %s where id = ''40000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''40000000-0000-4000-8000-000000000002''', 'dispatches_pkey'),
  ('path = ''health''', 'dispatch_path_is_a_path'),
  ('path = ''/a/../b''', 'dispatch_path_is_a_path'),
  ('path = ''@evil.example/a''', 'dispatch_path_is_a_path'),
  ('outcome = ''lost''', 'dispatch_outcome_is_known'),
  ('outcome = ''succeeded''', 'dispatch_is_finished_when_its_outcome_is_known'),
  ('outcome = ''failed''', 'dispatch_is_finished_when_its_outcome_is_known'),
  ('finished_at = now()', 'dispatch_is_finished_when_its_outcome_is_known')
) as broken (change, rule);
select tests.changes(
  format('update private.dispatches set %s where id = ''40000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'outcome = ''sent''', 'outcome = ''succeeded'', finished_at = now()', 'outcome = ''failed''',
  'outcome = ''waiting'', finished_at = null'
]) as change;

select * from finish();
rollback;
