begin;
select plan(19);

select tests.changes(format('update public.organizations set %s where id = tests.id(''acme'')', change), 1, change)
from (values
  ('name = ''A'''),
  ('name = repeat(''é'', 255)'),
  ('slug = ''a'''),
  ('slug = ''0'''),
  ('slug = ''a-1-b'''),
  ('slug = repeat(''a'', 100)'),
  ('plan = ''pro'''),
  ('plan = ''enterprise'''),
  ('settings = ''{"temperature": 0, "max_tokens": 1}'''),
  ('settings = ''{"temperature": 2, "max_tokens": 2147483647}'''),
  ('settings = ''{"temperature": null, "max_tokens": null, "default_agent": null, "system_prompt": null}'''),
  ('settings = ''{"system_prompt": "Be brief.", "default_agent": "droid", "max_tokens": 100, "own": [1]}'''),
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
