begin;
select plan(20);

select tests.breaks(
  format('update public.vendor_services set %s where id = ''perplexity_sonar''', change), rule, change || ' is refused'
)
from (values
  ('id = ''Sonar''', 'service_id_is_lower_case_words'),
  ('id = repeat(''a'', 128)', 'service_id_is_lower_case_words'),
  ('id = ''openai_gpt4o''', 'vendor_services_pkey'),
  ('service_name = ''''', 'service_name_is_not_empty'),
  ('service_name = ''sonar-pro''', 'vendor_services_vendor_id_service_name_key'),
  ('service_kind = ''telepathy''', 'service_kind_is_known'),
  ('context_window = 0', 'context_window_is_positive'),
  ('max_output_tokens = 0', 'max_output_tokens_is_positive'),
  ('vendor_id = ''nobody''', 'vendor_services_vendor_id_fkey')
) as broken (change, rule);

select tests.changes(format('update public.vendor_services set %s where id = ''stability_sd3''', change), 1, change)
from unnest(array[
  'service_kind = ''chat''', 'service_kind = ''embedding''', 'service_kind = ''image''', 'service_kind = ''speech''',
  'service_kind = ''transcription''', 'service_kind = ''search''', 'context_window = 1', 'max_output_tokens = 1',
  'context_window = null', 'service_name = ''gpt-4o''', 'id = repeat(''a'', 127)'
]) as change;

select * from finish();
rollback;
