begin;
select plan(8);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.ai_agent_configs (id, agent_id, config_key, config_value, user_id) values
  ('23000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'a', '1', tests.id('eve')),
  ('23000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'b', '1', tests.id('eve'));

select tests.breaks(
  format('update public.ai_agent_configs set %s where id = ''23000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''23000000-0000-4000-8000-000000000002''', 'ai_agent_configs_pkey'),
  ('config_key = ''''', 'config_key_is_1_to_255_characters'),
  ('config_key = repeat(''a'', 256)', 'config_key_is_1_to_255_characters'),
  ('config_key = ''b''', 'ai_agent_configs_agent_id_user_id_config_key_key'),
  ('agent_id = gen_random_uuid()', 'ai_agent_configs_agent_id_fkey'),
  ('user_id = gen_random_uuid()', 'ai_agent_configs_user_id_fkey')
) as broken (change, rule);

select lives_ok(
  $$
    update public.ai_agent_configs set config_key = 'b', user_id = tests.id('bob')
    where id = '23000000-0000-4000-8000-000000000001'
  $$,
  'two people have values of one name'
);

delete from auth.users where id = tests.id('bob');
select results_eq(
  'select user_id from public.ai_agent_configs', $$ values (tests.id('eve')) $$, 'a person takes the own along'
);

select * from finish();
rollback;
