-- One of each kind, table and view: the rule that is broken is what the client reads.
begin;
select plan(37);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'Mine', tests.id('alice'));
insert into public.workflows (id, agent_id, name) values
  ('30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'Mine');
insert into public.chat_sessions (id, user_id, org_id) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.ai_interactions (id, user_id, organization_id, agent_id, title) values
  ('50000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'Mine');
select tests.act_as('alice');

create temporary table large as select
  repeat('x', 15 * 1048576) as text,
  jsonb_build_object('a', repeat('x', 15 * 1048576)) as document,
  (select array_agg('w' || number) from generate_series(1, 250000) as number) as words;

select tests.breaks(format('update %s from large', statement), rule, statement || ' is refused')
from (values
  ('profiles set preferences = document', 'preferences_are_at_most_256_kib_and_64_levels'),
  ('profiles set full_name = E''a\u202eb''', 'full_name_has_no_control_characters'),
  ('users set avatar_url = text', 'avatar_url_is_an_https_address'),
  ('organizations set metadata = document', 'metadata_is_at_most_256_kib_and_64_levels'),
  ('organizations set settings = document', 'settings_are_at_most_256_kib_and_64_levels'),
  ('teams set name = E''a\nb''', 'organization_name_has_no_control_characters'),
  ('agents set notes = text', 'agent_notes_are_at_most_64_kib'),
  ('agents set system_prompt = text', 'agent_system_prompt_is_at_most_256_kib'),
  ('agents set config = document', 'agent_config_is_at_most_256_kib_and_64_levels'),
  ('agents set tags = words', 'agent_tags_are_at_most_100_of_255_characters'),
  ('agents set name = E''a\u001b[2J''', 'agent_name_has_no_control_characters'),
  -- A foreign key is looked up after its index entry is written, which would be too large.
  ('agents set service_id = text', 'service_id_of_agent_is_a_label'),
  ('ai_interactions set interaction_type_id = text', 'interaction_type_id_is_a_label'),
  ('ai_agents set description = text', 'agent_description_is_at_most_64_kib'),
  ('bots set llm_model = text', 'agent_model_name_is_one_line_of_at_most_255_characters'),
  ('bots set voice_settings = document', 'agent_voice_settings_are_at_most_256_kib_and_64_levels'),
  ('ai_interactions set tags = words', 'interaction_tags_are_at_most_100_of_255_characters'),
  ('ai_interactions set keywords = words', 'interaction_keywords_are_at_most_100_of_255_characters'),
  ('ai_interactions set external_metadata = document', 'external_metadata_is_at_most_256_kib_and_64_levels'),
  ('ai_interactions set full_content = text', 'full_content_is_at_most_1_mib'),
  ('ai_interactions set external_link = ''javascript:alert(1)''', 'external_link_is_a_web_address'),
  ('ai_interactions set feedback_notes = text', 'feedback_notes_are_at_most_64_kib'),
  ('chat_sessions set metadata = document', 'session_metadata_is_at_most_256_kib_and_64_levels'),
  ('agent_sessions set context_data = document', 'context_data_is_at_most_256_kib_and_64_levels'),
  ('workflows set trigger_config = document', 'workflow_trigger_config_is_at_most_256_kib_and_64_levels'),
  ('workflows set next_execution = ''infinity''', 'next_execution_is_from_1970_to_2199')
) as broken (statement, rule);

select tests.breaks(format('insert into %s from large', statement), rule, statement || ' is refused')
from (values
  ('models (agent_id, name, service_id) select ''20000000-0000-4000-8000-000000000001'', ''a'', text', 'service_id_of_model_is_a_label'),
  ('agent_feature_mappings (agent_id, feature_id) select ''20000000-0000-4000-8000-000000000001'', text', 'feature_id_is_a_label'),
  ('notifications (type, title, message, data) select ''a'', ''b'', ''c'', document', 'notification_data_is_at_most_256_kib_and_64_levels'),
  ('notifications (type, title, message) select ''a'', ''b'', text', 'notification_message_is_at_most_64_kib'),
  ('notifications (type, title, message, expires_at) select ''a'', ''b'', ''c'', timestamptz ''2200-01-01''', 'notification_expires_at_is_from_1970_to_2199'),
  (
    'workflow_executions (workflow_id, execution_id, input_data) select ''30000000-0000-4000-8000-000000000001'', ''a'', document',
    'input_data_is_at_most_1_mib_and_64_levels'
  ),
  (
    'agent_thoughts (agent_id, node_id, node_type, content) select ''20000000-0000-4000-8000-000000000001'', ''a'', ''input'', text',
    'thought_content_is_at_most_1_mib'
  )
) as broken (statement, rule);

select tests.refused(
  format('insert into %s from large', statement), 413, 'message_too_large', statement || ' is refused'
)
from (values
  ('chat_messages (session_id, role, content) select ''40000000-0000-4000-8000-000000000001'', ''user'', text'),
  ('agent_messages (session_id, role, content) select ''40000000-0000-4000-8000-000000000001'', ''system'', text'),
  ('chat_messages (session_id, role, content, content_parts) select ''40000000-0000-4000-8000-000000000001'', ''user'', '''', jsonb_build_array(document)')
) as broken (statement);

select lives_ok(
  $$
    insert into chat_messages (session_id, role, content)
    values ('40000000-0000-4000-8000-000000000001', 'user', repeat('x', 1048576))
  $$,
  'a message of a MiB is taken'
);

select * from finish();
rollback;
