begin;
select plan(8);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.models (id, agent_id, name) values
  ('21000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'a'),
  ('21000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'b');

select tests.breaks(
  format('update public.models set %s where id = ''21000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''21000000-0000-4000-8000-000000000002''', 'models_pkey'),
  ('agent_id = gen_random_uuid()', 'models_agent_id_fkey'),
  ('service_id = ''nothing''', 'models_service_id_fkey'),
  ('name = ''''', 'model_name_is_1_to_255_characters'),
  ('name = repeat(''a'', 256)', 'model_name_is_1_to_255_characters'),
  ('name = ''b''', 'models_agent_id_name_key'),
  ('config = ''[]''', 'model_config_is_an_object')
) as broken (change, rule);

select lives_ok(
  $$
    insert into public.models (agent_id, name, config)
    select id, 'a', '{"b": 1}' from public.agents where name = 'droid' and is_platform
  $$,
  'another agent may offer a model of the same name'
);

select * from finish();
rollback;
