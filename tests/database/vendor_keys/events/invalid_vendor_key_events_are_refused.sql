begin;
select plan(11);

insert into public.api_key_events (id, key_id, event) values
  ('41000000-0000-4000-8000-000000000001', gen_random_uuid(), 'created'),
  ('41000000-0000-4000-8000-000000000002', gen_random_uuid(), 'created');

select tests.breaks(
  format('update public.api_key_events set %s where id = ''41000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''41000000-0000-4000-8000-000000000002''', 'api_key_events_pkey'),
  ('user_id = gen_random_uuid()', 'api_key_events_user_id_fkey'),
  ('organization_id = gen_random_uuid()', 'api_key_events_organization_id_fkey'),
  ('actor_id = gen_random_uuid()', 'api_key_events_actor_id_fkey'),
  ('event = ''lost''', 'event_is_known')
) as broken (change, rule);
select tests.changes(
  format('update public.api_key_events set event = %L where id = ''41000000-0000-4000-8000-000000000001''', event), 1,
  event
)
from unnest(array['created', 'replaced', 'changed', 'deleted', 'decrypted', 'rejected']) as event;

select * from finish();
rollback;
