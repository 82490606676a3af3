begin;
select plan(9);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
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
create temporary table answers as
select pg_temp.begin(
  'eve', '{"kind": "embedding", "model": "openai/text-embedding-3-small", "messages": ["a text", "another"]}'
) as turn;

select is(
  (select turn - 'turn_id' - 'routes' - 'limits' - 'caller' from answers),
  '{
    "session_id": null, "agent": {"id": null, "name": null}, "model": "text-embedding-3-small",
      "defaults": {"temperature": null, "max_tokens": null}, "max_output_tokens": null, "has_budget": false, "messages": ["a text", "another"],
      "new_messages": 2, "echoed": true, "rate_limit": null
  }'::jsonb,
  'there is no session, and the input is as it came'
);
select is((select turn #>> '{routes,0,service_id}' from answers), 'openai_embedding_3_small', 'the service is the one named');
select results_eq(
  'select source, turn_state, session_id, vendor_id from tests.turns',
  $$ values ('embedding', 'running', null::uuid, 'openai') $$, 'it says what it is'
);
select is_empty('select id from public.chat_sessions', 'no session is made');
select is_empty('select id from public.chat_messages', 'no message is stored');

select is(
  (
    select public.settle_chat_turn(
      (turn ->> 'turn_id')::uuid,
      '{"state": "succeeded", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
    ) from answers
  ),
  '{"settled": true, "total_cost": "0.0200000000"}'::jsonb, 'it is settled and priced like any other'
);
select is_empty('select id from public.chat_messages', 'and still nothing is stored');

select tests.refused(
  $$ select pg_temp.begin('eve', '{"kind": "embedding", "model": "openai/gpt-4o"}') $$, 400, 'agent_cannot_embed',
  'a chat model embeds nothing'
);
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "openai/text-embedding-3-small"}') $$, 400, 'agent_cannot_chat',
  'an embedding model does not chat'
);

select * from finish();
rollback;
