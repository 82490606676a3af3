begin;
select plan(18);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));

select tests.changes(
  format('update public.agents set %s where id = ''20000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'name = repeat(''é'', 255)', 'name = ''a''', 'type = repeat(''a'', 100)', 'status = ''active''',
  'status = ''paused''', 'status = ''error''', 'status = ''inactive''', 'temperature = 0', 'temperature = 2',
  'temperature = null', 'max_tokens = 1', 'activity_score = 0', 'activity_score = 1', 'usage_count = 5000000000',
  'config = ''{"any": [1, {"thing": null}]}''', 'security = ''{}''', 'security = ''{"allowed_domains": []}''',
  'security = ''{"allowed_domains": ["example.com"], "max_messages": 5}'''
]) as change;

select * from finish();
rollback;
