-- The address of Azure OpenAI has a placeholder: a user's key goes to that user's resource.
begin;
select plan(9);

create function pg_temp.store(vendor_id text, settings jsonb) returns jsonb language sql as $$
  select create_api_key(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'id', gen_random_uuid(), 'vendor_id', vendor_id, 'key_preview', 'abcd',
      'encrypted_key', 'v1:k1:AAAAAAAAAAAAAAAA:' || translate(gen_random_uuid()::text, '-', 'A'),
      'fingerprints', jsonb_build_array(md5(random()::text) || md5(random()::text))
    ) || case when settings is null then '{}' else jsonb_build_object('settings', settings) end
  )
$$;
grant execute on all functions in schema pg_temp to service_role;
select tests.act_as_service();

select is(pg_temp.store('azure_openai', '{"resource": "my-company"}') -> 'settings', '{"resource": "my-company"}', 'a key has the settings of its address');
select is(pg_temp.store('openai', null) -> 'settings', '{}', 'which are none for most vendors');
select tests.refused(
  format('select pg_temp.store(%L, %L)', vendor_id, settings), 400, 'invalid_key_settings', title
)
from (
  values
    ('azure_openai', null::jsonb, 'a missing one is refused'),
    ('azure_openai', '{"resource": "a.evil.test/"}', 'and one that leads to another host'),
    ('azure_openai', '{"resource": 5}', 'one that is no text'),
    ('azure_openai', '{"resource": "a", "more": "b"}', 'one that the address does not have'),
    ('openai', '{"resource": "a"}', 'or that has none')
) as wrong (vendor_id, settings, title);

select is(
  private.keys_for_route('{"vendor_id": "azure_openai"}', null)::text ~ 'my-company', true, 'a route has them beside the key'
)
from (select set_config('request.jwt.claims', jsonb_build_object('sub', tests.id('eve'), 'role', 'service_role')::text, true)) as eve;
select is(
  replace_api_key(
    jsonb_build_object('user_id', tests.id('eve')), keys.id::text,
    jsonb_build_object('key_preview', 'wxyz', 'encrypted_key', keys.encrypted_key, 'fingerprints', jsonb_build_array(repeat('0', 64)))
  ) -> 'settings',
  '{"resource": "my-company"}', 'a key in its place keeps them'
)
from user_api_keys keys where keys.vendor_id = 'azure_openai';

select * from finish();
rollback;
