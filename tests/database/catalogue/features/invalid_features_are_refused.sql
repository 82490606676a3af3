begin;
select plan(11);

select tests.breaks(
  format('update public.agent_features set %s where id = ''coding''', change), rule, change || ' is refused'
)
from (values
  ('id = ''Coding''', 'feature_id_is_lower_case_words'),
  ('id = repeat(''a'', 64)', 'feature_id_is_lower_case_words'),
  ('id = ''mcp''', 'agent_features_pkey')
) as broken (change, rule);

select tests.breaks(
  format('update public.interaction_types set %s where id = ''coding''', change), rule, change || ' is refused'
)
from (values
  ('id = ''Coding''', 'interaction_type_id_is_lower_case_words'),
  ('id = repeat(''a'', 64)', 'interaction_type_id_is_lower_case_words'),
  ('id = ''voice''', 'interaction_types_pkey'),
  ('color = ''red''', 'color_is_three_or_six_hex_digits'),
  ('color = ''#3B82F6''', 'color_is_three_or_six_hex_digits'),
  ('color = ''#3b82f60''', 'color_is_three_or_six_hex_digits')
) as broken (change, rule);

select tests.changes(
  'update public.agent_features set id = repeat(''a'', 63) where id = ''coding''', 1,
  'a feature''s id has up to 63 characters'
);
select tests.changes(
  'update public.interaction_types set id = repeat(''a'', 63), color = ''#00ff00'' where id = ''coding''', 1,
  'and so has a kind''s'
);

select * from finish();
rollback;
