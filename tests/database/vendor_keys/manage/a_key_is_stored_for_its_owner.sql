begin;
select plan(12);

-- As the function sends it.
create function pg_temp.new_key(changes jsonb default '{}')
returns jsonb
language sql
as $$
  select '{
    "id": "40000000-0000-4000-8000-000000000001", "vendor_id": "openai", "service_id": null, "organization_id": null,
    "encrypted_key": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA", "key_preview": "abcd", "display_name": "Work",
    "fingerprints": ["1111111111111111111111111111111111111111111111111111111111111111"]
  }'::jsonb || changes
$$;
create function pg_temp.as_person(name text)
returns jsonb
language sql
as $$
  select jsonb_build_object('user_id', tests.id(name))
$$;
grant execute on function pg_temp.new_key(jsonb), pg_temp.as_person(text) to service_role;
select tests.act_as_service();

select is(
  public.create_api_key(pg_temp.as_person('alice'), pg_temp.new_key()) - 'created_at' - 'updated_at',
  '{
    "id": "40000000-0000-4000-8000-000000000001", "vendor_id": "openai", "service_id": null, "organization_id": null,
    "display_name": "Work", "key_preview": "abcd", "settings": {}, "is_active": true, "last_used_at": null, "last_error": null
  }',
  'the answer shows what its owner may select, and no ciphertext'
);
select results_eq(
  'select user_id, encrypted_key, key_fingerprint from public.user_api_keys',
  $$ values (tests.id('alice'), 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', repeat('1', 64)) $$,
  'it is stored for the caller'
);
select results_eq(
  'select event, actor_id from public.api_key_events', $$ values ('created', tests.id('alice')) $$,
  'and recorded as the caller''s doing'
);

select tests.refused(
  $$ select public.create_api_key(pg_temp.as_person('alice'), pg_temp.new_key('{"id": "40000000-0000-4000-8000-000000000002"}')) $$,
  409, 'key_exists', 'the same key is not stored twice'
);
select tests.refused(
  $$
    select public.create_api_key(pg_temp.as_person('alice'), pg_temp.new_key(jsonb_build_object(
      'id', '40000000-0000-4000-8000-000000000002', 'fingerprints', jsonb_build_array(repeat('2', 64), repeat('1', 64))
    )))
  $$,
  409, 'key_exists', 'nor after a rotation, known by its older fingerprint'
);
select lives_ok(
  $$
    select public.create_api_key(pg_temp.as_person('bob'), pg_temp.new_key('{"id": "40000000-0000-4000-8000-000000000003"}')),
      public.create_api_key(pg_temp.as_person('alice'), pg_temp.new_key('{"id": "40000000-0000-4000-8000-000000000004", "vendor_id": "anthropic"}'))
  $$,
  'what another user stored, or for another vendor, is no obstacle'
);
select tests.refused(
  $$
    select public.replace_api_key(pg_temp.as_person('alice'), '40000000-0000-4000-8000-000000000004', pg_temp.new_key(jsonb_build_object('fingerprints', jsonb_build_array(repeat('5', 64))))),
      public.create_api_key(pg_temp.as_person('alice'), pg_temp.new_key('{"id": "40000000-0000-4000-8000-000000000005"}'))
  $$,
  409, 'key_exists', 'a fingerprint frees its place only where it stood'
);

select tests.refused(
  $$
    select public.create_api_key(pg_temp.as_person('dave'), pg_temp.new_key(jsonb_build_object(
      'id', '40000000-0000-4000-8000-000000000002', 'organization_id', tests.id('acme')
    )))
  $$,
  403, 'key_not_yours_to_share', 'who does not manage the organization shares nothing with it'
);
select is(
  public.create_api_key(pg_temp.as_person('bob'), pg_temp.new_key(jsonb_build_object(
    'id', '40000000-0000-4000-8000-000000000002', 'organization_id', tests.id('acme'), 'fingerprints', jsonb_build_array(repeat('3', 64))
  ))) ->> 'organization_id',
  tests.id('acme')::text, 'who does may share from the start'
);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
select tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd' from generate_series(1, 99);
select lives_ok(
  $$ select public.create_api_key(pg_temp.as_person('eve'), pg_temp.new_key('{"id": "40000000-0000-4000-8000-000000000006"}')) $$,
  'a hundred keys are kept for a person'
);
select tests.refused(
  $$
    select public.create_api_key(pg_temp.as_person('eve'), pg_temp.new_key(jsonb_build_object(
      'id', '40000000-0000-4000-8000-000000000007', 'fingerprints', jsonb_build_array(repeat('4', 64))
    )))
  $$,
  409, 'too_many_keys', 'and no more'
);
select tests.refused(
  $$ select public.create_api_key('{"user_id": "40000000-0000-4000-8000-000000000009"}', pg_temp.new_key()) $$,
  401, 'user_not_found', 'nothing is stored without a user'
);

select * from finish();
rollback;
