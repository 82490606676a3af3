-- The tokens of a prompt are counted as a turn would have them: with the agent's prompt, the session or
-- the response that it goes on from, and tools. Nothing begins, is stored, locked or copied.
begin;
select plan(15);

create temporary table made (name text primary key, turn jsonb);
create function pg_temp.request(line text, more jsonb)
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'request_id', gen_random_uuid(), 'model', 'gpt-4o', 'other_tokens', 0, 'rate_limit', false,
    'messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', request.line))
  ) || request.more
$$;
create function pg_temp.turn(name text, line text, more jsonb)
returns void
language sql
as $$
  insert into made
  select turn.name, public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')), pg_temp.request(turn.line, turn.more)
  )
$$;
create function pg_temp.answer(name text)
returns void
language sql
as $$
  select public.settle_chat_turn((made.turn ->> 'turn_id')::uuid, '{
    "state": "succeeded", "content": "An answer of some length.", "vendor_id": "openrouter",
    "finish_reason": "stop", "latency_ms": 5, "usage": {"input_tokens": 9, "output_tokens": 2}
  }') from made where made.name = answer.name
$$;
create function pg_temp.counted(line text, more jsonb, person text default 'eve')
returns bigint
language sql
as $$
  select (public.count_prompt(
    jsonb_build_object('user_id', tests.id(counted.person)), pg_temp.request(counted.line, counted.more)
  ) ->> 'tokens')::bigint
$$;
create function pg_temp.given(name text)
returns bigint
language sql
as $$
  select private.message_tokens(made.turn -> 'messages') from made where made.name = given.name
$$;
create function pg_temp.rows()
returns bigint[]
language sql
as $$
  select array[
    (select count(*) from public.chat_sessions), (select count(*) from public.chat_messages),
    (select count(*) from private.running_turns), (select count(*) from private.rate_limits)
  ]
$$;

select pg_temp.turn('first', 'What is the first question?', '{}');
select is(
  pg_temp.counted('What is the first question?', '{}'), pg_temp.given('first'),
  'a request alone, with the prompt of its agent'
);
select is(
  pg_temp.counted('What is the first question?', '{"other_tokens": 70}'), pg_temp.given('first') + 70,
  'and its tools'
);
select pg_temp.answer('first');
create temporary table before as select pg_temp.rows() as rows;
create temporary table counts as
select
  pg_temp.counted('And the next?', jsonb_build_object('session_id', turn -> 'session_id')) as by_session,
  pg_temp.counted('And the next?', jsonb_build_object('continues_turn', turn -> 'turn_id')) as by_turn
from made where name = 'first';
select is(pg_temp.rows(), (select rows from before), 'counting leaves nothing behind');
select pg_temp.turn(
  'second', 'And the next?',
  (select jsonb_build_object('session_id', turn -> 'session_id') from made where name = 'first')
);
select is((select by_session from counts), pg_temp.given('second'), 'a session that goes on');
select is((select by_turn from counts), pg_temp.given('second'), 'a response that goes on');

-- The session is busy with its second turn: what continues the first one would be a copy.
update before set rows = pg_temp.rows();
select is(
  pg_temp.counted(
    'And the next?',
    (select jsonb_build_object('continues_turn', turn -> 'turn_id') from made where name = 'first')
  ), pg_temp.given('second'), 'a response of a session that is busy'
);
select is(pg_temp.rows(), (select rows from before), 'and no copy of it is left');

-- A client that sends the conversation again, without an id: the session adds what the vendor thought.
select pg_temp.answer('second');
update public.chat_messages set continuation = jsonb_build_object(
  'vendor_id', 'openrouter', 'message', jsonb_build_object('reasoning_content', repeat('hm ', 200))
) where role = 'assistant'
  and session_id = (select id from public.chat_sessions where session_id = (select turn ->> 'session_id' from made limit 1));
create temporary table resent as
select jsonb_build_object('messages', jsonb_build_array(
  '{"role": "user", "content": "What is the first question?"}'::jsonb,
  '{"role": "assistant", "content": "An answer of some length."}'::jsonb,
  '{"role": "user", "content": "And the next?"}'::jsonb,
  '{"role": "assistant", "content": "An answer of some length."}'::jsonb,
  '{"role": "user", "content": "And the last?"}'::jsonb
)) as request;
create temporary table resent_counts as
select pg_temp.counted('', request) as stored, pg_temp.counted('', request || '{"store": false}') as alone
from resent;
select pg_temp.turn('third', '', request) from resent;
select is(
  (select turn ->> 'session_id' from made where name = 'third'),
  (select turn ->> 'session_id' from made where name = 'first'), 'a conversation that is sent again goes on'
);
select is((select stored from resent_counts), pg_temp.given('third'), 'and is counted as it does');
select ok(
  (select alone < stored from resent_counts), 'where nothing is stored, the request alone is counted'
);

select tests.refused(
  $$ select pg_temp.counted('x', '{"model": "no-such-model"}') $$, 404, 'model_not_found',
  'an unknown model'
);
select tests.refused(
  $$ select pg_temp.counted('x', '{"model": "gpt-4o"}' || (
    select jsonb_build_object('session_id', turn -> 'session_id') from made where name = 'first'
  ), 'bob') $$, 404, 'session_not_found', 'the session of another person'
);
select tests.refused(
  $$ select pg_temp.counted('x', (
    select jsonb_build_object('continues_turn', turn -> 'turn_id') from made where name = 'first'
  ), 'bob') $$, 404, 'turn_not_found', 'the response of another person'
);
select ok(
  public.count_prompt(
    jsonb_build_object('user_id', tests.id('eve')), pg_temp.request('x', '{"rate_limit": true}')
  ) -> 'rate_limit' <> 'null', 'the call counts against the limits of its caller'
);

-- What is rolled back is the count, and no failure.
create or replace function private.prompt_tokens(request jsonb, messages jsonb)
returns bigint
language plpgsql
as $$
begin
  raise deadlock_detected;
end
$$;
select throws_ok($$ select pg_temp.counted('x', '{}') $$, '40P01', null, 'a deadlock is an error, not a count');

select * from finish();
rollback;
