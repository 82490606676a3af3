begin;
select plan(45);

insert into public.ai_interactions (id, organization_id, title, request_id, started_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'r1', '2026-01-01 12:00+00'),
  ('30000000-0000-4000-8000-000000000002', tests.id('acme'), 'Two', 'r2', '2026-01-01 12:00+00');

select tests.breaks(
  format('update public.ai_interactions set %s where id = ''30000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''30000000-0000-4000-8000-000000000002''', 'ai_interactions_pkey'),
  ('request_id = ''r2''', 'ai_interactions_request_id_key'),
  ('user_id = gen_random_uuid()', 'ai_interactions_user_id_fkey'),
  ('organization_id = gen_random_uuid()', 'ai_interactions_organization_id_fkey'),
  ('session_id = gen_random_uuid()', 'ai_interactions_session_id_fkey'),
  ('model_id = gen_random_uuid()', 'ai_interactions_model_id_fkey'),
  ('vendor_id = ''nobody''', 'ai_interactions_vendor_id_fkey'),
  ('service_id = ''nothing''', 'ai_interactions_service_id_fkey'),
  ('price_id = gen_random_uuid()', 'ai_interactions_price_id_fkey'),
  ('interaction_type_id = ''dancing''', 'ai_interactions_interaction_type_id_fkey'),
  ('source = ''magic'', turn_state = ''failed''', 'source_is_known'),
  ('title = ''''', 'interaction_title_is_1_to_500_characters'),
  ('title = repeat(''a'', 501)', 'interaction_title_is_1_to_500_characters'),
  ('input_tokens = -1', 'tokens_are_not_negative'),
  ('output_tokens = -1', 'tokens_are_not_negative'),
  ('cached_input_tokens = -1', 'tokens_are_not_negative'),
  ('cache_write_tokens = -1', 'tokens_are_not_negative'),
  ('reasoning_tokens = -1', 'tokens_are_not_negative'),
  ('total_cost = -0.0000000001', 'costs_are_not_negative'),
  ('provider_cost = -0.0000000001', 'costs_are_not_negative'),
  ('total_cost = 1000.0000000001', 'recorded_costs_are_at_most_1000_dollars'),
  ('input_tokens = 100000001', 'recorded_tokens_are_at_most_a_hundred_million'),
  ('output_tokens = 100000001', 'recorded_tokens_are_at_most_a_hundred_million'),
  ('duration_minutes = 44641', 'recorded_durations_are_at_most_31_days'),
  ('source = ''chat'', turn_state = ''failed'', status = ''deleted''', 'turns_are_not_deleted'),
  ('total_cost = ''NaN''', 'costs_are_numbers'),
  ('provider_cost = ''NaN''', 'costs_are_numbers'),
  ('satisfaction_rating = 0', 'satisfaction_rating_is_1_to_5'),
  ('satisfaction_rating = 6', 'satisfaction_rating_is_1_to_5'),
  ('usefulness_rating = 0', 'usefulness_rating_is_1_to_5'),
  ('usefulness_rating = 6', 'usefulness_rating_is_1_to_5'),
  ('ended_at = started_at - interval ''1 microsecond''', 'interaction_ends_after_it_starts'),
  ('started_at = ''-infinity''', 'interaction_times_are_from_1970_to_2199'),
  ('started_at = ''1969-12-31 23:59:59+00''', 'interaction_times_are_from_1970_to_2199'),
  ('ended_at = ''2200-01-01 00:00:00+00''', 'interaction_times_are_from_1970_to_2199'),
  ('started_at = ''2200-01-01 00:00:00+00''', 'interaction_times_are_from_1970_to_2199'),
  ('duration_minutes = -1', 'duration_is_not_negative'),
  ('latency_ms = -1', 'interaction_latency_is_not_negative'),
  ('first_token_ms = -1', 'interaction_latency_is_not_negative'),
  ('status = ''lost''', 'interaction_status_is_known'),
  ('source = ''chat'', turn_state = ''waiting''', 'turn_state_is_known'),
  ('turn_state = ''failed''', 'only_a_turn_has_a_state'),
  ('source = ''chat''', 'only_a_turn_has_a_state'),
  ('source = ''embedding''', 'only_a_turn_has_a_state'),
  ('source = ''chat'', turn_state = ''running''', 'turn_state_is_known')
) as broken (change, rule);

select * from finish();
rollback;
