begin;
select plan(6);

insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview)
values ('40000000-0000-4000-8000-000000000001', tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
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
  pg_temp.begin('eve', '{"model": "openai/gpt-4o"}') @> '{
    "agent": {"id": null, "name": null}, "model": "gpt-4o",
    "routes": [{
      "vendor_id": "openai", "service_id": "openai_gpt4o", "model": "gpt-4o", "credential": "own",
      "keys": [{"id": "40000000-0000-4000-8000-000000000001"}]
    }]
  }',
  true, 'without any agent'
);
select results_eq(
  'select agent_id, vendor_id, service_id, title, total_cost from tests.turns',
  $$ values (null::uuid, 'openai', 'openai_gpt4o', 'Chat with gpt-4o', null::numeric(20, 10)) $$,
  'and recorded as such'
);
select tests.refused(
  $$ select pg_temp.begin('bob', '{"model": "openai/gpt-4o"}') $$, 400, 'no_vendor_key', 'who has no key is told so'
);
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "openai/dall-e-3"}') $$, 400, 'agent_cannot_chat',
  'what sells no chat is not chatted with'
);
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "openai/gpt-5000"}') $$, 404, 'model_not_found', 'nor a model that no vendor offers'
);
update public.vendor_services set is_active = false where id = 'openai_gpt4o';
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "openai/gpt-4o"}') $$, 404, 'model_not_found', 'nor what is out of use'
);

select * from finish();
rollback;
