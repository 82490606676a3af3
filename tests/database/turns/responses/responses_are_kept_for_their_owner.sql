-- What POST /responses has answered is found by its turn, by its owner alone, and for as long as it is
-- kept: retrieved, listed, continued from any of its turns, cancelled and deleted.
begin;
select plan(26);

create temporary table made (name text primary key, turn jsonb);
create function pg_temp.begin_turn(name text, line text, request jsonb)
returns jsonb
language plpgsql
as $$
declare
  begun jsonb := public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', 'gpt-4o',
      'messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', begin_turn.line)),
      'response', '{"created_at": 1, "asked": {"metadata": {"a": "b"}}}'::jsonb
    ) || begin_turn.request
  );
begin
  insert into made values (begin_turn.name, begun);
  return begun -> 'messages';
end
$$;
create function pg_temp.id(turn text)
returns uuid
language sql
as $$ select (made.turn ->> 'turn_id')::uuid from made where made.name = id.turn $$;
create function pg_temp.answer(turn text, content text)
returns void
language sql
as $$
  select public.settle_chat_turn(pg_temp.id(answer.turn), jsonb_build_object(
    'state', 'succeeded', 'content', answer.content, 'vendor_id', 'openrouter', 'finish_reason', 'stop', 'model_used', 'gpt-4o-2024-08-06',
    'latency_ms', 5, 'usage', '{"input_tokens": 9, "output_tokens": 2, "cached_input_tokens": 4}'::jsonb
  ))
$$;
create function pg_temp.caller(person text)
returns jsonb
language sql
as $$ select jsonb_build_object('user_id', tests.id(caller.person)) $$;
create function pg_temp.found(turn text)
returns jsonb
language sql
as $$ select public.find_response(pg_temp.caller('eve'), pg_temp.id(found.turn)) $$;

-- Eight turns, each after the one before.
do $$
declare
  given jsonb;
begin
  for turn in 1..8 loop
    given := pg_temp.begin_turn('t' || turn, 'u' || turn, case when turn > 1
      then jsonb_build_object('continues_turn', pg_temp.id('t' || turn - 1)) else '{}' end);
    insert into made values ('given' || turn, given);
    perform pg_temp.answer('t' || turn, 'a' || turn);
  end loop;
end
$$;
select is(
  (select array_agg(jsonb_array_length(made.turn) order by made.name) from made where made.name like 'given%'),
  array[1, 3, 5, 7, 9, 11, 13, 15], 'each turn is given what was said and answered before it, once'
);
select results_eq(
  $$ select count(distinct session_id), count(*) from public.chat_messages
     where interaction_id in (select pg_temp.id(name) from made where name like 't_') $$,
  $$ values (1::bigint, 16::bigint) $$, 'eight turns are one session of sixteen messages'
);

select is(
  pg_temp.found('t8') ->> 'model', (select turn ->> 'model' from made where name = 't8'),
  'its model has the name that it began with'
);
select is(
  pg_temp.found('t8') - 'turn_id' - 'ended_at' - 'model' - 'vendor_id',
  '{"created_at": 1, "asked": {"metadata": {"a": "b"}}, "is_cancelled": false, "state": "succeeded",
    "finish_reason": "stop", "error": null, "message": {"role": "assistant", "content": "a8"},
    "usage": {"input_tokens": 9, "output_tokens": 2, "cached_input_tokens": 4, "cache_write_tokens": 0,
      "reasoning_tokens": 0, "estimated": false}}'::jsonb,
  'a response says what was asked, answered and used'
);
select is(
  (
    select array_agg(message.value -> 'message' ->> 'content' order by message.ordinality)
    from jsonb_array_elements(public.list_response_input(
      pg_temp.caller('eve'), pg_temp.id('t3'), '{"order": "asc", "limit": 20}'
    ) -> 'messages') with ordinality as message
  ),
  array['u1', 'a1', 'u2', 'a2', 'u3'], 'its input is all that came before its answer'
);
select is(
  (
    select array_agg(message.value ->> 'id' order by message.ordinality)
    from jsonb_array_elements(public.list_response_input(
      pg_temp.caller('eve'), pg_temp.id('t3'),
      jsonb_build_object('order', 'desc', 'limit', 1, 'after', pg_temp.id('t2'))
    ) -> 'messages') with ordinality as message
    where message.ordinality = 1
  ),
  array[pg_temp.id('t2')::text], 'in pages, where an answer is known by its turn'
);
select is(
  public.find_response_items(pg_temp.caller('eve'), jsonb_build_array(pg_temp.id('t2'))),
  jsonb_build_array(jsonb_build_object(
    'id', pg_temp.id('t2'), 'message', '{"role": "assistant", "content": "a2"}'::jsonb
  )), 'an answer is found by its turn'
);
select is(
  public.find_response_items(pg_temp.caller('bob'), jsonb_build_array(pg_temp.id('t2'))),
  '[]', 'by its owner alone'
);

-- Any of them goes on, and what was answered after it is not given.
select is(
  jsonb_array_length(pg_temp.begin_turn(
    'branch', 'other', jsonb_build_object('continues_turn', pg_temp.id('t2'))
  )), 5, 'a branch begins behind any response'
);
select pg_temp.answer('branch', 'b');

-- No other person's.
select tests.refused(
  format($$ select public.%s(pg_temp.caller('bob'), pg_temp.id('t8') %s) $$, call.name, call.rest),
  404, 'response_not_found', call.name || ' finds no response of another person'
)
from (values
  ('find_response', ''), ('cancel_response', ''), ('delete_response', ''),
  ('list_response_events', ', -1'), ('list_response_input', $$, '{"limit": 1}'$$)
) call (name, rest);
select tests.refused(
  $$ select public.begin_chat_turn(pg_temp.caller('bob'), jsonb_build_object(
    'request_id', 'r', 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "x"}]'::jsonb,
    'continues_turn', pg_temp.id('t8'))) $$,
  404, 'turn_not_found', 'nor continues one'
);
select tests.act_as('eve');
select tests.denied('select from private.responses', 'no client reads the table');
select tests.reset();

-- Deleted.
select is(public.delete_response(pg_temp.caller('eve'), pg_temp.id('t8')), 'true'::jsonb, 'one is deleted');
select tests.refused($$ select pg_temp.found('t8') $$, 404, 'response_not_found', 'is not found then');
select tests.refused(
  $$ select pg_temp.begin_turn('x', 'x', jsonb_build_object('continues_turn', pg_temp.id('t8'))) $$,
  404, 'turn_not_found', 'and not continued'
);
select pg_temp.begin_turn('unkept', 'u', '{"store": false}');
select tests.refused($$ select pg_temp.found('unkept') $$, 404, 'response_not_found', 'store: false keeps none');

-- In the background.
select pg_temp.begin_turn('bg', 'u', '{"response": {"created_at": 1, "asked": {"background": true}}}');
select is(
  public.append_response_events(pg_temp.id('bg'), 0, '[{"sequence_number": 0}, {"sequence_number": 1}]')
    and public.append_response_events(pg_temp.id('bg'), 2, '[{"sequence_number": 2}]')
    and public.append_response_events(pg_temp.id('bg'), 2, '[{"sequence_number": 2}]'),
  true, 'events are kept, once'
);
select is(
  public.list_response_events(pg_temp.caller('eve'), pg_temp.id('bg'), 0) - 'response',
  '{"is_kept": true, "events": [{"sequence_number": 1}, {"sequence_number": 2}]}'::jsonb,
  'and those behind any are found'
);
select is(
  array[
    pg_temp.found('bg') ->> 'state',
    public.cancel_response(pg_temp.caller('eve'), pg_temp.id('bg')) ->> 'is_cancelled',
    public.append_response_events(pg_temp.id('bg'), 3, '[]')::text
  ],
  array['running', 'true', 'false'], 'it is cancelled while it runs, and its function hears of it'
);
select tests.refused(
  $$ select public.cancel_response(pg_temp.caller('eve'), pg_temp.id('t1')) $$,
  400, 'response_not_cancellable', 'no other is'
);

-- Over.
update private.responses set expires_at = now() - interval '1 second' where turn_id = pg_temp.id('t1');
update private.response_events set created_at = now() - interval '25 hours' where turn_id = pg_temp.id('bg');
select is(tests.work_off('delete-expired'), 3::bigint, 'a response and two batches of events have ended');
select results_eq(
  $$ select count(*) filter (where turn_id = pg_temp.id('t1')),
     (select count(*) from private.response_events) from private.responses $$,
  $$ values (0::bigint, 0::bigint) $$, 'and are deleted'
);

select * from finish();
rollback;
