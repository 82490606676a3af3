begin;
select plan(5);

insert into public.agents (name, created_by, vendor_id, service_id, model_name) values
  ('by service', tests.id('eve'), 'openai', 'openai_gpt4o', 'ignored'), ('by name', tests.id('eve'), 'openai', null, 'gpt-x');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
select is(
  array[turn #>> '{agent,name}', turn ->> 'model', turn #>> '{routes,0,service_id}', turn #>> '{routes,0,model}'],
  wanted, model
)
from (values
  ('droid', array['droid', 'claude-sonnet-5.5', 'openrouter_claude_sonnet_5_5', 'anthropic/claude-sonnet-5.5']),
  ('ccrouter', array['ccrouter', 'gemini-3.8-flash', 'vertex_gemini_3_8_flash', 'google/gemini-3.8-flash']),
  ('by service', array['by service', 'gpt-4o', 'openai_gpt4o', 'gpt-4o']),
  ('by name', array['by name', 'gpt-x', null, 'gpt-x'])
) as named (model, wanted),
lateral pg_temp.begin('eve', jsonb_build_object('model', model)) as turn;

update public.models set enabled = false where name = 'claude-sonnet-5.5';
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "droid"}') $$, 400, 'agent_cannot_chat',
  'an agent whose default is out of use has nothing to call'
);

select * from finish();
rollback;
