begin;
select plan(7);

select tests.act_as_service();
select public.create_access_key(
  jsonb_build_object('user_id', tests.id('carol')),
  jsonb_build_object(
    'name', 'CI', 'organization_id', tests.id('acme'), 'token_hash', repeat('1', 64), 'prefix', 'agb_1111', 'last_four', '1111'
  )
);
select tests.reset();
create temporary table key as select id from public.access_keys;
grant select on key to authenticated;
select tests.act_as('carol');
update access_keys set name = 'Nightly', scopes = '{chat}';
select tests.act_as_service();
select public.rotate_access_key(
  jsonb_build_object('user_id', tests.id('carol')),
  jsonb_build_object(
    'access_key_id', (select id from access_keys), 'grace_seconds', 0, 'token_hash', repeat('2', 64), 'prefix', 'agb_2222', 'last_four', '2222'
  )
);
select public.list_chat_models(jsonb_build_object('access_key', repeat('2', 64)))
from public.access_keys where 'models' = any (scopes);
update public.access_keys set last_used_at = now();
select tests.act_as('bob');
select revoke_access_key(id) from key;
select revoke_access_key(id) from key;
select tests.reset();

select bag_eq(
  $$
    select event, actor_id, user_id, organization_id, details ->> 'name' as name, details ->> 'last_four' as last_four
    from public.access_key_events
  $$,
  $$
    values
      ('created', tests.id('carol'), tests.id('carol'), tests.id('acme'), 'CI', '1111'),
      ('changed', tests.id('carol'), tests.id('carol'), tests.id('acme'), 'Nightly', '1111'),
      ('rotated', tests.id('carol'), tests.id('carol'), tests.id('acme'), 'Nightly', '2222'),
      ('revoked', tests.id('bob'), tests.id('carol'), tests.id('acme'), 'Nightly', '2222')
  $$,
  'each change with who made it; its use is none'
);
select is_empty(
  $$ select id from public.access_key_events where details::text ~ '1{64}|2{64}' $$, 'and without a hash'
);
select tests.act_as('carol');
select is((select count(*) from access_key_events), 4::bigint, 'its owner reads it');
select tests.act_as('bob');
select is((select count(*) from access_key_events), 4::bigint, 'and so does an admin');
select tests.act_as('dave');
select is_empty('select id from access_key_events', 'no one else does');
select tests.reset();
select tests.breaks(
  $$ update public.access_key_events set event = 'lost' $$, 'access_key_event_is_known', 'there are four kinds'
);
delete from public.organizations where id = tests.id('acme');
select is_empty('select id from public.access_key_events', 'they go with the organization');

select * from finish();
rollback;
