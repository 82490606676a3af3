begin;
select plan(6);

insert into public.agents (name, vendor_id, service_id, is_platform, status)
values ('listener', 'openai', 'openai_whisper', true, 'active');
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'month', 1 from public.profiles where id = tests.id('eve');
create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"kind": "transcription", "model": "listener", "other_bytes": 900, "other_tokens": 900,
      "max_output_tokens": 900, "messages": [{"role": "user", "content": ""}]}'::jsonb
      || jsonb_build_object('request_id', gen_random_uuid()) || begin.request
  )
$$;
create temporary table turns as select pg_temp.begin('{"units": {"second": 90}}') as turn;
select is(
  (select sum(reserved_usd) from public.budgets), 0.009, 'the longest that it can last is reserved'
);
select is(
  (
    select public.settle_chat_turn(
      (turn ->> 'turn_id')::uuid,
      '{"state": "succeeded", "vendor_id": "openai", "service_id": "openai_whisper",
        "usage": {"units": {"second": 61}}, "attempts": []}'
    ) ->> 'total_cost' from turns
  ),
  '0.0061000000', 'the seconds that the vendor counts are charged'
);
select is((select sum(reserved_usd) from public.budgets), 0::numeric, 'the rest is released');
select results_eq(
  'select source, session_id from public.ai_interactions',
  $$ values ('transcription', null::uuid) $$,
  'it is a turn without a session'
);
select tests.refused(
  $$ select pg_temp.begin('{"model": "gpt-4o"}') $$, 400, 'agent_cannot_transcribe',
  'a chat model does not transcribe'
);
select tests.refused(
  $$ select pg_temp.begin('{"units": {"second": 1e5}}') $$, 402, 'budget_exceeded',
  'a recording that a budget cannot pay for is refused'
);

select * from finish();
rollback;
