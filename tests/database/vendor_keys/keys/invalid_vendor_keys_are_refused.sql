begin;
select plan(17);

insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview, key_fingerprint) values
  (
    '40000000-0000-4000-8000-000000000001', tests.id('eve'), 'openai',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd', repeat('1', 64)
  ),
  (
    '40000000-0000-4000-8000-000000000002', tests.id('eve'), 'openai',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '', repeat('2', 64)
  );

select tests.breaks(
  format('update public.user_api_keys set %s where id = ''40000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''40000000-0000-4000-8000-000000000002''', 'user_api_keys_pkey'),
  ('user_id = gen_random_uuid()', 'user_api_keys_user_id_fkey'),
  ('organization_id = gen_random_uuid()', 'user_api_keys_organization_id_fkey'),
  ('vendor_id = ''nobody''', 'user_api_keys_vendor_id_fkey'),
  ('service_id = ''nothing''', 'key_service_is_its_vendors'),
  ('service_id = ''anthropic_claude3_opus''', 'key_service_is_its_vendors'),
  ('encrypted_key = ''sk-secret''', 'encrypted_key_is_ciphertext'),
  ('encrypted_key = ''''', 'encrypted_key_is_ciphertext'),
  ('key_fingerprint = repeat(''g'', 64)', 'key_fingerprint_is_64_hex_digits'),
  ('key_fingerprint = repeat(''a'', 63)', 'key_fingerprint_is_64_hex_digits'),
  ('key_preview = ''abcde''', 'key_preview_is_at_most_4_characters'),
  ('display_name = ''''', 'key_name_is_1_to_255_characters'),
  ('display_name = repeat(''a'', 256)', 'key_name_is_1_to_255_characters')
) as broken (change, rule);

select tests.changes(
  format('update public.user_api_keys set %s where id = ''40000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'service_id = ''openai_gpt4o''', 'display_name = repeat(''é'', 255)', 'display_name = null', 'key_preview = ''wxyz'''
]) as change;

select * from finish();
rollback;
