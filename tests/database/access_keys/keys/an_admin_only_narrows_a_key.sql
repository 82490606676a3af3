begin;
select plan(18);

insert into public.access_keys (organization_id, user_id, name, prefix, last_four, scopes) values
  (tests.id('acme'), tests.id('carol'), 'Carol''s', 'agb_0000', '0000', '{chat,models}');
create function pg_temp.set(change text)
returns text
language sql
as $$ select 'update access_keys set ' || change $$;
grant execute on function pg_temp.set(text) to authenticated, service_role;

select tests.act_as('bob');
select tests.changes(pg_temp.set(change), 1, 'an admin limits it: ' || change)
from (values
  ('scopes = ''{chat}'''),
  ('agent_ids = array[tests.id(''acme''), tests.id(''eve'')]'),
  ('agent_ids = array[tests.id(''eve'')]'),
  ('requests_per_minute = 5'),
  ('requests_per_minute = 4'),
  ('expires_at = ''2099-01-01'''),
  ('expires_at = ''2098-01-01''')
) as narrower (change);
select tests.refused(pg_temp.set(change), 403, 'access_key_not_yours_to_widen', 'and does not widen it: ' || change)
from (values
  ('scopes = ''{chat,models}'''),
  ('scopes = ''{embeddings}'''),
  ('agent_ids = null'),
  ('agent_ids = array[tests.id(''eve''), tests.id(''bob'')]'),
  ('requests_per_minute = null'),
  ('requests_per_minute = 5'),
  ('expires_at = null'),
  ('expires_at = ''2099-01-01''')
) as wider (change);
select tests.changes(pg_temp.set('name = ''Known'''), 1, 'the rest is as before');

select tests.act_as('carol');
select tests.changes(
  pg_temp.set('scopes = ''{chat,embeddings}'', agent_ids = null, requests_per_minute = null, expires_at = null'), 1,
  'its owner widens it'
);
select tests.act_as_service();
select tests.changes(pg_temp.set('requests_per_minute = 1'), 1, 'as the backend does');

select * from finish();
rollback;
