begin;
select plan(8);

select tests.changes(format('update public.profiles set %s where id = tests.id(''eve'')', change), 1, change)
from (values
  ('email = repeat(''a'', 255)'),
  ('full_name = repeat(''é'', 255)'),
  ('preferences = ''{"theme": "dark"}'''),
  ('status = ''active'''),
  ('status = ''suspended'''),
  ('status = ''deactivated'''),
  ('subscription_tier = repeat(''a'', 50)'),
  ('current_organization_id = null')
) as taken (change);

select * from finish();
rollback;
