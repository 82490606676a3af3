begin;
select plan(2);

select tests.act_as('alice');
select tests.reset();
insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview) values (
  '40000000-0000-4000-8000-000000000001', tests.id('alice'), 'openai',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
);

select tests.act_as('alice');
update public.user_api_keys set display_name = 'Work';
update public.user_api_keys set display_name = 'Work';
update public.user_api_keys set organization_id = tests.id('acme');
select tests.act_as('bob');
update public.user_api_keys set is_active = false where key_preview = 'abcd';
select tests.act_as_service();
update public.user_api_keys set encrypted_key = 'v1:k2:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', key_preview = 'wxyz';
update public.user_api_keys set last_used_at = now(), last_error = 'refused';
select tests.act_as('alice');
delete from public.user_api_keys;
select tests.reset();

select bag_eq(
  $$
    select event, user_id, organization_id, actor_id, details
    from public.api_key_events where key_id = '40000000-0000-4000-8000-000000000001'
  $$,
  $$
    values
      ('created', tests.id('alice'), null::uuid, null::uuid, '{"vendor_id": "openai", "is_active": true}'::jsonb),
      ('changed', tests.id('alice'), null, tests.id('alice'),
        '{"vendor_id": "openai", "is_active": true, "display_name": "Work"}'),
      ('changed', tests.id('alice'), tests.id('acme'), tests.id('alice'),
        jsonb_build_object('vendor_id', 'openai', 'is_active', true, 'display_name', 'Work',
          'shared_with', tests.id('acme'))),
      ('changed', tests.id('alice'), tests.id('acme'), tests.id('bob'),
        jsonb_build_object('vendor_id', 'openai', 'is_active', false, 'display_name', 'Work',
          'shared_with', tests.id('acme'))),
      ('replaced', tests.id('alice'), tests.id('acme'), null,
        jsonb_build_object('vendor_id', 'openai', 'is_active', false, 'display_name', 'Work',
          'shared_with', tests.id('acme'))),
      ('deleted', tests.id('alice'), tests.id('acme'), tests.id('alice'), '{"vendor_id": "openai"}')
  $$,
  'each thing once, with who did it and what is so since; what changes nothing, and a use, are none'
);
select is_empty(
  $$ select id from public.api_key_events events where to_jsonb(events)::text like '%AAAAAAAA%' $$,
  'and never with a ciphertext'
);

select * from finish();
rollback;
