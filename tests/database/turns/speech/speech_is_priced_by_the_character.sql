begin;
select plan(6);

insert into public.agents (name, vendor_id, service_id, is_platform, status)
values ('speaker', 'openai', 'openai_tts', true, 'active');
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'month', 1 from public.profiles where id = tests.id('eve');
create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"kind": "speech", "model": "speaker", "messages": [{"role": "user", "content": "hi"}]}'::jsonb
      || jsonb_build_object('request_id', gen_random_uuid()) || begin.request
  )
$$;
create temporary table turns as select pg_temp.begin('{"units": {"character": 4001}}') as turn;
select is((select sum(reserved_usd) from public.budgets), 0.060015, 'its characters are reserved');
select is(
  (select turn #> '{routes,0,voices}' from turns),
  '["alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"]'::jsonb, 'the route has the voices'
);
select is(
  (
    select public.settle_chat_turn(
      (turn ->> 'turn_id')::uuid,
      '{"state": "succeeded", "vendor_id": "openai", "service_id": "openai_tts",
        "usage": {"units": {"character": 4001}}, "attempts": []}'
    ) ->> 'total_cost' from turns
  ),
  '0.0600150000', 'and charged'
);
select results_eq(
  'select source, session_id from public.ai_interactions', $$ values ('speech', null::uuid) $$, 'as a turn without a session'
);
select tests.refused(
  $$ select pg_temp.begin('{"model": "gpt-4o"}') $$, 400, 'agent_cannot_speak', 'a chat model does not speak'
);
select tests.breaks(
  $$ update public.vendor_services set voices = array['alloy', null] where id = 'openai_tts' $$,
  'voices_are_1_to_500_names', 'voices have names'
);

select * from finish();
rollback;
