begin;
select plan(43);

select tests.breaks(
  format('update public.vendors set %s where id = ''perplexity''', change), rule, change || ' is refused'
)
from (values
  ('id = ''Perplexity''', 'vendor_id_is_lower_case_words'),
  ('id = ''1st''', 'vendor_id_is_lower_case_words'),
  ('id = ''my-vendor''', 'vendor_id_is_lower_case_words'),
  ('id = repeat(''a'', 64)', 'vendor_id_is_lower_case_words'),
  ('id = ''openai''', 'vendors_pkey'),
  ('name = ''''', 'vendor_name_is_not_empty'),
  ('auth_type = ''magic''', 'auth_type_is_known'),
  ('base_url = ''http://api.example.com''', 'base_url_is_https_or_loopback'),
  ('base_url = ''https://api.example.com/v1/''', 'base_url_is_https_or_loopback'),
  ('base_url = ''https://api.example.com/v 1''', 'base_url_is_https_or_loopback'),
  ('base_url = ''http://127.0.0.1.example.com/v1''', 'base_url_is_https_or_loopback'),
  ('base_url = ''http://localhost.example.com/v1''', 'base_url_is_https_or_loopback'),
  ('base_url = ''file:///etc/passwd''', 'base_url_is_https_or_loopback'),
  ('key_pattern = ''sk-.+''', 'key_pattern_is_anchored'),
  ('key_pattern = ''^$''', 'key_pattern_is_anchored'),
  ('key_pattern = ''^'' || repeat(''a'', 200) || ''$''', 'key_pattern_is_anchored'),
  ('auth_header = ''''', 'auth_header_is_a_header_name'),
  ('auth_header = ''X Key''', 'auth_header_is_a_header_name'),
  ('auth_header = E''X-Key:\nX''', 'auth_header_is_a_header_name'),
  ('auth_scheme = ''''', 'auth_scheme_is_a_word'),
  ('auth_scheme = E''Bearer\n''', 'auth_scheme_is_a_word'),
  ('max_tokens_field = ''''', 'max_tokens_field_is_a_field_name'),
  ('max_tokens_field = ''max tokens''', 'max_tokens_field_is_a_field_name'),
  ('api_format = ''soap''', 'api_format_is_known'),
  ('usage_path = ''/generation''', 'usage_path_has_a_place_for_the_id'),
  ('usage_path = ''generation/{id}''', 'usage_path_has_a_place_for_the_id'),
  ('usage_path = ''/generation/{id}/{name}''', 'usage_path_has_a_place_for_the_id')
) as broken (change, rule);

select tests.changes(format('update public.vendors set %s where id = ''elevenlabs''', change), 1, change)
from unnest(array[
  'base_url = null', 'base_url = ''http://127.0.0.1:11434/v1''', 'base_url = ''http://localhost/v1''',
  'base_url = ''https://{resource}.example.com/v1''', 'auth_type = ''oauth''', 'auth_type = ''bearer_token''',
  'auth_type = ''api_key''', 'auth_scheme = null', 'auth_header = ''x-api-key''', 'api_format = ''native''',
  'api_format = ''openai''', 'api_format = ''anthropic''', 'usage_path = ''/usage/{id}''', 'usage_path = null', 'max_tokens_field = ''max_output_tokens'''
]) as change;

insert into public.vendors (id, name) values (repeat('a', 63), 'Long');
select is((select count(*) from public.vendors where id = repeat('a', 63)), 1::bigint, 'an id has up to 63 characters');

select * from finish();
rollback;
