begin;
select plan(4);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"kind": "moderation", "messages": [{"role": "user", "content": "hi"}]}'::jsonb
      || jsonb_build_object('request_id', gen_random_uuid()) || begin.request
  )
$$;
create temporary table turns as select pg_temp.begin('{"model": "openai/omni-moderation-latest"}') as turn;
select results_eq(
  'select source, service_id, session_id from private.running_turns',
  $$ values ('moderation', 'openai_omni_moderation', null::uuid) $$, 'it is a turn of its own kind'
);
select is(
  (
    select public.settle_chat_turn(
      (turn ->> 'turn_id')::uuid, '{"state": "succeeded", "usage": {"input_tokens": 1000000}}'
    ) ->> 'total_cost' from turns
  ),
  '0.0000000000', 'which costs nothing'
);
select is_empty('select id from public.chat_messages', 'and keeps nothing');
select tests.refused(
  $$ select pg_temp.begin('{"model": "openai/gpt-4o"}') $$, 400, 'agent_cannot_moderate', 'a chat model does not judge'
);

select * from finish();
rollback;
