begin;
select plan(19);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve'));

select tests.breaks(
  format('update public.agents set %s where id = ''20000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''20000000-0000-4000-8000-000000000002''', 'agents_pkey'),
  ('name = ''''', 'agent_name_is_1_to_255_characters'),
  ('name = repeat(''a'', 256)', 'agent_name_is_1_to_255_characters'),
  ('type = ''''', 'agent_type_is_1_to_100_characters'),
  ('type = repeat(''a'', 101)', 'agent_type_is_1_to_100_characters'),
  ('status = ''asleep''', 'agent_status_is_known'),
  ('temperature = -0.01', 'temperature_is_between_0_and_2'),
  ('temperature = 2.01', 'temperature_is_between_0_and_2'),
  ('max_tokens = 0', 'max_tokens_is_positive'),
  ('activity_score = -0.001', 'activity_score_is_between_0_and_1'),
  ('activity_score = 1.001', 'activity_score_is_between_0_and_1'),
  ('usage_count = -1', 'usage_count_is_not_negative'),
  ('config = ''[]''', 'agent_config_is_an_object'),
  ('security = ''{"allowed_domains": null}''', 'allowed_domains_are_a_list'),
  ('vendor_id = ''nobody''', 'agents_vendor_id_fkey'),
  ('service_id = ''nothing''', 'agents_service_id_fkey'),
  ('vendor_id = ''openai'', service_id = ''cohere_command_r''', 'agent_service_is_its_vendors'),
  ('created_by = gen_random_uuid()', 'agents_created_by_fkey'),
  ('organization_id = gen_random_uuid()', 'agents_organization_id_fkey')
) as broken (change, rule);

select * from finish();
rollback;
