begin;
select plan(5);

insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_0000', '0000');
insert into public.access_key_events (id, access_key_id, organization_id, user_id, event) values
  ('b0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'changed');

select tests.breaks(
  format('update public.access_key_events set %s where id = ''b0000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = (select other.id from public.access_key_events other where event = ''created'')', 'access_key_events_pkey'),
  ('access_key_id = gen_random_uuid()', 'access_key_events_access_key_id_fkey'),
  ('organization_id = gen_random_uuid()', 'access_key_events_organization_id_fkey'),
  ('user_id = gen_random_uuid()', 'access_key_events_user_id_fkey'),
  ('actor_id = gen_random_uuid()', 'access_key_events_actor_id_fkey')
) as broken (change, rule);

select * from finish();
rollback;
