begin;
select plan(10);

-- Every step with the rights of the backend's role, not those of the tables' owner.
insert into public.agents (name, created_by, vendor_id, service_id, config)
values ('mine', tests.id('eve'), 'openai', 'openai_gpt4o', '{"fallbacks": ["droid/gpt-4o"]}');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 1 from public.profiles where id = tests.id('eve');
update public.agent_health
set circuit_state = 'open', circuit_opened_at = '2026-01-01', circuit_retry_at = '2026-01-01', consecutive_failures = 5, is_alerted = true
from public.agents where agents.id = agent_id and agents.name = 'mine';
delete from public.notifications;

select tests.act_as_service();
create temporary table answers as
select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  '{
    "request_id": "r1", "model": "mine", "rate_limit": true, "idempotency_key": "k", "fingerprint": "f",
    "messages": [{"role": "user", "content": "hi"}]
  }'
) as turn;
select is((select jsonb_array_length(turn -> 'routes') from answers), 2, 'it begins a turn');
select is(
  (
    select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{
      "state": "succeeded", "content": "yo", "usage": {"input_tokens": 1000, "output_tokens": 100, "estimated": true}, "answer": {"a": 1},
      "attempts": [
        {"attempt": 1, "status": "failed", "counts_against_agent": true, "started_at": "2026-01-01T00:00:00Z"},
        {"attempt": 2, "status": "succeeded", "latency_ms": 5, "started_at": "2026-01-01T00:00:01Z"}
      ]
    }') from answers
  ),
  '{"settled": true, "total_cost": "0.0035000000"}'::jsonb, 'and settles it'
);
select is(
  public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"request_id": "r2", "model": "mine", "idempotency_key": "k", "fingerprint": "f", "messages": []}'
  ) -> 'replay',
  '{"a": 1}'::jsonb, 'and repeats the answer'
);
select isnt(
  public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    (
      select jsonb_build_object(
        'request_id', 'r3', 'session_id', turn ->> 'session_id', 'messages', '[{"role": "user", "content": "more"}]'::jsonb
      ) from answers
    )
  ) ->> 'turn_id',
  null, 'and goes on with a session'
);
select is(
  (
    select public.correct_chat_turn((turn ->> 'turn_id')::uuid, '{"usage": {"input_tokens": 1000, "output_tokens": 0}}')
    from answers
  ),
  '{"corrected": true, "total_cost": "0.0025000000"}'::jsonb, 'and corrects'
);
select is(public.sweep_chat_turns('infinity'), 1, 'and sweeps');
select lives_ok($$ select public.reprice_interactions('[2020-01-01,)') $$, 'and prices again');
select isnt(public.list_chat_models(jsonb_build_object('user_id', tests.id('eve')))::jsonb -> 'models', '[]', 'and lists');
select lives_ok($$ select public.warn_of_rate_limit(10, tests.id('eve')) $$, 'and warns');
select tests.reset();
select is((select count(*) from public.notifications where type = 'agent_recovered'), 1::bigint, 'and notifies');

select * from finish();
rollback;
