begin;
select plan(8);

insert into public.agent_templates (id, name, type, created_by) values
  ('24000000-0000-4000-8000-000000000001', 'One', 'assistant', tests.id('eve')),
  ('24000000-0000-4000-8000-000000000002', 'Two', 'assistant', null);

select tests.breaks(
  format('update public.agent_templates set %s where id = ''24000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''24000000-0000-4000-8000-000000000002''', 'agent_templates_pkey'),
  ('name = ''''', 'template_name_is_1_to_255_characters'),
  ('name = repeat(''a'', 256)', 'template_name_is_1_to_255_characters'),
  ('type = ''''', 'template_type_is_1_to_100_characters'),
  ('type = repeat(''a'', 101)', 'template_type_is_1_to_100_characters'),
  ('default_config = ''[]''', 'default_config_is_an_object'),
  ('created_by = gen_random_uuid()', 'agent_templates_created_by_fkey')
) as broken (change, rule);

delete from auth.users where id = tests.id('eve');
select results_eq(
  'select name from public.agent_templates', $$ values ('Two') $$, 'a person takes the own templates along'
);

select * from finish();
rollback;
