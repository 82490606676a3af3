begin;
select plan(23);

insert into public.ai_interactions (id, organization_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'One');

select tests.changes(
  format('update public.ai_interactions set %s where id = ''30000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'title = repeat(''é'', 500)', 'satisfaction_rating = 1', 'satisfaction_rating = 5', 'usefulness_rating = 1',
  'usefulness_rating = 5', 'total_cost = 0, provider_cost = 0', 'total_cost = 1000', 'duration_minutes = 44640',
  'input_tokens = 100000000', 'output_tokens = 100000000', 'ended_at = started_at', 'latency_ms = 0, first_token_ms = 0', 'duration_minutes = 0',
  'status = ''completed''', 'status = ''archived''', 'status = ''deleted''', 'status = ''active''',
  'source = ''chat'', turn_state = ''succeeded''', 'total_cost = 9999999999.9999999999',
  'input_tokens = 5000000000', 'turn_state = ''partial''', 'turn_state = ''failed''',
  'source = ''embedding'''
]) as change;

select * from finish();
rollback;
