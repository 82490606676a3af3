begin;
select plan(12);

create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object('model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb) || request
  )
$$;
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');

create temporary table answers as
select pg_temp.begin('{"request_id": "r1", "idempotency_key": "k", "fingerprint": "f"}') as turn;
select isnt((select reserved_usd from public.budgets), 0::numeric, 'money is reserved');
select tests.act_as_service();
select ok(not public.void_chat_turn('r2'), 'a request that began nothing has nothing to void');
select ok(not public.void_chat_turn(null), 'nor has none');
select ok(public.void_chat_turn('r1'), 'the turn of the request is voided');
select ok(not public.void_chat_turn('r1'), 'once');
select tests.reset();
select results_eq(
  $$
    select turn_state, error_code, total_cost, input_tokens, usage_is_estimated
    from public.ai_interactions
  $$,
  $$ values ('failed', 'begin_unanswered', 0::numeric(20, 10), 0::bigint, false) $$,
  'it has failed at no cost'
);
select results_eq(
  'select spent_usd, reserved_usd from public.budgets', 'values (0::numeric(20, 10), 0::numeric(20, 10))',
  'nothing is charged or reserved'
);
select is(public.sweep_chat_turns('infinity'), 0, 'the sweep finds nothing');
select isnt(
  pg_temp.begin(
    (
      select jsonb_build_object(
        'request_id', 'r3', 'session_id', turn ->> 'session_id', 'idempotency_key', 'k', 'fingerprint', 'f'
      )
      from answers
    )
  ) ->> 'turn_id',
  null, 'the session and the Idempotency-Key are free'
);

select ok(
  public.reserve_attempt((select id from private.running_turns where request_id = 'r3')), 'where a second call was reserved'
);
select ok(not public.void_chat_turn('r3'), 'a first was made, and nothing is void');
select is(
  (select turn_state from tests.turns where request_id = 'r3'), 'running', 'the turn goes on'
);

select * from finish();
rollback;
