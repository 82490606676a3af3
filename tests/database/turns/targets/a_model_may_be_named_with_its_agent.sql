begin;
select plan(10);

insert into public.agents (id, name, created_by, vendor_id) values
  ('20000000-0000-4000-8000-000000000001', 'mine', tests.id('eve'), 'openai');
insert into public.models (agent_id, name, model_id) values
  ('20000000-0000-4000-8000-000000000001', 'gpt-4o', 'gpt-4o-2024'),
  ('20000000-0000-4000-8000-000000000001', 'meta/llama', 'llama-large');
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
select is(turn #>> '{agent,name}' || ' ' || (turn #>> '{routes,0,model}'), wanted, model)
from (values
  ('droid/gpt-4o', 'droid openai/gpt-4o'),
  ('mine/gpt-4o', 'mine gpt-4o-2024'),
  ('mine/meta/llama', 'mine llama-large'),
  ('meta/llama', 'mine llama-large')
) as named (model, wanted),
lateral pg_temp.begin('eve', jsonb_build_object('model', model)) as turn;

select tests.refused(
  format('select pg_temp.begin(''eve'', ''{"model": "%s"}'')', model), 404, 'model_not_found', model || ' is unknown'
)
from unnest(array['ccrouter/gpt-4o', 'missing/gpt-4o', 'droid/', '/gpt-4o', 'DROID/gpt-4o']) as model;

select tests.refused(
  $$ select pg_temp.begin('bob', '{"model": "mine/gpt-4o"}') $$, 404, 'model_not_found', 'as is another person''s agent'
);

select * from finish();
rollback;
