begin;
select plan(14);

select tests.changes(format('update public.organizations set %s where id = tests.id(''acme'')', change), 1, change)
from (values
  ('name = ''A'''),
  ('name = repeat(''é'', 255)'),
  ('slug = ''a'''),
  ('slug = ''0'''),
  ('slug = ''a-1-b'''),
  ('slug = repeat(''a'', 100)'),
  ('plan = repeat(''a'', 50)'),
  ('settings = ''{"default_model": "gpt-4o", "temperature": 0.2}'''),
  ('metadata = ''{"any": ["thing"]}'''),
  ('timezone = ''Asia/Kathmandu'''),
  ('timezone = ''America/Argentina/Buenos_Aires'''),
  ('timezone = ''Etc/GMT+12'''),
  ('timezone = ''UTC'''),
  ('deleted_at = now()')
) as taken (change);

select * from finish();
rollback;
