begin;
select plan(3);

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
select is(turn #>> '{agent,name}', 'ccrouter', 'the agent that offers the model')
from pg_temp.begin('eve', '{"model": "gemini-1.5-pro"}') as turn;

select is(
  (select turn #- '{turn_id}' #- '{session_id}' #- '{agent,id}' from pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn)
    @> '{
      "agent": {"name": "droid"}, "model": "gpt-4o",
      "routes": [{"vendor_id": "openrouter", "service_id": "openrouter_gpt4o", "model": "openai/gpt-4o"}]
    }',
  true, 'is known by the model''s name, and called by the vendor''s'
);

update public.models set enabled = false where name = 'gpt-4o';
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o"}') $$, 404, 'model_not_found', 'one that is taken out of use is unknown'
);

select * from finish();
rollback;
