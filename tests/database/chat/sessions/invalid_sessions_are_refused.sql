begin;
select plan(35);

insert into public.chat_sessions (id, session_id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', 'sess_0000000000000001', tests.id('alice'), tests.id('acme')),
  ('90000000-0000-4000-8000-000000000002', 'sess_0000000000000002', tests.id('alice'), tests.id('acme'));

select tests.breaks(
  format('update public.chat_sessions set %s where id = ''90000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''90000000-0000-4000-8000-000000000002''', 'chat_sessions_pkey'),
  ('session_id = ''sess_0000000000000002''', 'chat_sessions_session_id_key'),
  ('session_id = ''''', 'session_id_is_1_to_255_characters'),
  ('session_id = repeat(''a'', 256)', 'session_id_is_1_to_255_characters'),
  ('user_id = gen_random_uuid()', 'chat_sessions_user_id_fkey'),
  ('org_id = gen_random_uuid()', 'chat_sessions_org_id_fkey'),
  ('agent_id = gen_random_uuid()', 'chat_sessions_agent_id_fkey'),
  ('model_id = gen_random_uuid()', 'chat_sessions_model_id_fkey'),
  ('title = repeat(''a'', 256)', 'session_title_is_at_most_255_characters'),
  ('metadata = ''[]''', 'session_metadata_is_an_object'),
  ('context_data = ''[]''', 'context_data_is_an_object'),
  ('website_domain = ''Example.com''', 'website_domain_is_a_host_name'),
  ('website_domain = ''https://example.com''', 'website_domain_is_a_host_name'),
  ('website_domain = ''example.com/path''', 'website_domain_is_a_host_name'),
  ('website_domain = ''-example.com''', 'website_domain_is_a_host_name'),
  ('website_domain = ''''', 'website_domain_is_a_host_name'),
  ('channel = ''''', 'channel_is_1_to_50_characters'),
  ('channel = repeat(''a'', 51)', 'channel_is_1_to_50_characters'),
  ('message_count = -1', 'message_count_is_not_negative'),
  ('status = ''sleeping''', 'session_status_is_known'),
  ('ended_at = started_at - interval ''1 microsecond''', 'session_ends_after_it_starts'),
  ('user_id = null', 'session_without_person_names_its_site')
) as broken (change, rule);

select tests.changes(
  format('update public.chat_sessions set %s where id = ''90000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'session_id = repeat(''a'', 16)', 'session_id = repeat(''a'', 255)', 'title = repeat(''é'', 255)', 'title = null',
  'channel = repeat(''a'', 50)', 'website_domain = ''example.com''', 'website_domain = ''a''',
  'website_domain = ''xn--bcher-kva.example''', 'user_id = null, website_domain = ''example.com''',
  'status = ''ended''', 'status = ''expired''', 'status = ''active''', 'ended_at = started_at'
]) as change;

select * from finish();
rollback;
