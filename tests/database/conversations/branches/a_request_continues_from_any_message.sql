-- A table of requests, each with what the model is given, what the session has afterwards, and how many
-- rows were written. Messages are written as "u1 a1 u2": a role and what is said.
begin;
select plan(34);

create temporary table said (name text primary key, turn jsonb);
create function pg_temp.messages(line text)
returns jsonb
language sql
as $$
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'role', case left(word, 1) when 'u' then 'user' when 'a' then 'assistant' else 'system' end, 'content', word
    ) order by place
  ), '[]')
  from regexp_split_to_table(line, ' ') with ordinality as words (word, place)
  where word <> ''
$$;
create function pg_temp.line(messages jsonb)
returns text
language sql
as $$
  select string_agg(message.value ->> 'content', ' ' order by message.ordinality)
  from jsonb_array_elements(messages) with ordinality as message
$$;
-- Begins a turn, ends it with this answer, and tells what the model was given.
create function pg_temp.turn(name text, line text, answer text, request jsonb default '{}', person text default 'eve')
returns text
language plpgsql
as $$
declare
  begun jsonb := public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(turn.person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', pg_temp.messages(turn.line))
      || turn.request
  );
begin
  insert into said values (turn.name, begun);
  if turn.answer is not null then
    perform public.settle_chat_turn(
      (begun ->> 'turn_id')::uuid,
      jsonb_build_object('state', 'succeeded', 'content', turn.answer, 'vendor_id', 'openrouter')
    );
  else
    perform public.settle_chat_turn((begun ->> 'turn_id')::uuid, '{"state": "failed"}');
  end if;
  return pg_temp.line(begun -> 'messages');
end
$$;
create function pg_temp.session(turn text)
returns jsonb
language sql
as $$ select jsonb_build_object('session_id', said.turn ->> 'session_id') from said where said.name = session.turn $$;
create function pg_temp.after(turn text)
returns jsonb
language sql
as $$ select jsonb_build_object('continues_turn', said.turn ->> 'turn_id') from said where said.name = after.turn $$;
create function pg_temp.state(turn text)
returns text
language sql
as $$
  select pg_temp.line(public.conversation_history(sessions)) || ', ' || sessions.message_count
  from public.chat_sessions sessions join said on said.turn ->> 'session_id' = sessions.session_id
  where said.name = state.turn
$$;

-- With a session id.
select is(pg_temp.turn('1', 's1 u1', 'a1'), 's1 u1', 'a session begins');
select is(pg_temp.turn('2', 's1 u1 a1 u2', 'a2', pg_temp.session('1')), 's1 u1 a1 u2', 'all is sent again');
select is(pg_temp.turn('3', 'u3', 'a3', pg_temp.session('1')), 's1 u1 a1 u2 a2 u3', 'only what is new is sent');
select is(pg_temp.state('1'), 's1 u1 a1 u2 a2 u3 a3, 7', 'both ways each message is stored once');
select is(
  pg_temp.turn('4', 'u1 a1 u2 a2 u3', 'a3b', pg_temp.session('1')), 's1 u1 a1 u2 a2 u3', 'an answer is asked for again'
);
select is(pg_temp.state('1'), 's1 u1 a1 u2 a2 u3 a3b, 8', 'and replaces the one before, which stays a row');
select is(
  pg_temp.turn('5', 's1 u1 a1 u2b', 'a2b', pg_temp.session('1')), 's1 u1 a1 u2b', 'a question is edited'
);
select is(pg_temp.state('1'), 's1 u1 a1 u2b a2b, 10', 'which takes the place of all that followed it');
select is(
  (
    select string_agg(messages.content, ' ' order by messages.seq)
    from public.chat_messages messages where not public.in_history(messages)
  ),
  'u2 a2 u3 a3 a3b', 'what was replaced is told from what was not'
);
select is(
  pg_temp.turn('6', 'u1 a1 u2 a2 u3 a3 u4', 'a4', pg_temp.session('1')), 's1 u1 a1 u2 a2 u3 a3 u4',
  'a client goes back to what was replaced'
);
select is(pg_temp.state('1'), 's1 u1 a1 u2 a2 u3 a3 u4 a4, 12', 'which is found on its branch');
select is(pg_temp.turn('7', 'u1 a1 u9', null, pg_temp.session('1')), 's1 u1 a1 u9', 'an edit whose turn fails');
select is(pg_temp.state('1'), 's1 u1 a1 u2 a2 u3 a3 u4 a4, 13', 'replaces nothing');
select is(
  pg_temp.turn('8', 'u1b a1b u2c', 'a2c', pg_temp.session('1')), 's1 u1b a1b u2c', 'another conversation in the session'
);
select is(pg_temp.state('1'), 's1 u1b a1b u2c a2c, 17', 'takes the place of all');
select is(pg_temp.turn('9', 'u1b', 'a5', pg_temp.session('1')), 's1 u1b a1b u2c a2c u1b', 'a question alone is a new one');

select is(pg_temp.turn('e1', 'u1', ''), 'u1', 'an answer says nothing');
select is(
  pg_temp.turn('e2', '', 'a2', pg_temp.session('e1') || jsonb_build_object('messages', '[
    {"role": "user", "content": "u1"}, {"role": "assistant", "content": null}, {"role": "user", "content": "u2"}
  ]'::jsonb)), 'u1 u2', 'and is sent again: a conversation all the same'
);
delete from said where name like 'e_';

-- By an earlier turn.
select is(pg_temp.turn('10', 'u4b', 'a4b', pg_temp.after('3')), 's1 u1 a1 u2 a2 u3 a3 u4b', 'any turn can be continued');
select is(pg_temp.turn('11', 'u6', 'a6', pg_temp.after('9')), 's1 u1b a1b u2c a2c u1b a5 u6', 'whatever branch it is on');
select is(pg_temp.turn('12', 'u7', 'a7', pg_temp.after('11')), 's1 u1b a1b u2c a2c u1b a5 u6 a6 u7', 'the latest too');
-- A client that names a turn may send what ends with it again.
select is(
  pg_temp.turn('r1', 's1 u1 a1 u2 a2 u3 a3 u4c', 'a4c', pg_temp.after('3')), 's1 u1 a1 u2 a2 u3 a3 u4c',
  'the whole conversation beside the turn is not doubled'
);
select is(
  pg_temp.turn('r2', 'a3 u4d', 'a4d', pg_temp.after('3')), 's1 u1 a1 u2 a2 u3 a3 u4d', 'nor is the answer alone'
);
select is(
  pg_temp.turn('r3', 'u3 a3 u4e', 'a4e', pg_temp.after('3')), 's1 u1 a1 u2 a2 u3 a3 u4e', 'nor the end of it'
);
select is(
  pg_temp.turn('r4', 'u8 a8 u4f', 'a4f', pg_temp.after('3')), 's1 u1 a1 u2 a2 u3 a3 u8 a8 u4f', 'what is new is kept'
);
select is(
  pg_temp.turn('r5', 'u1 a1 u4g', 'a4g', pg_temp.after('3')), 's1 u1 a1 u2 a2 u3 a3 u1 a1 u4g', 'as is an earlier part'
);
delete from said where name like 'r_';
select is((select count(distinct turn ->> 'session_id') from said), 1::bigint, 'all of it is one session');
select tests.refused(
  format('select pg_temp.turn(''x'', ''u1'', ''a1'', %L)', pg_temp.after('7')), 404, 'turn_not_found', 'one that failed cannot'
);
select tests.refused(
  format('select pg_temp.turn(''x'', ''u1'', ''a1'', %L, ''alice'')', pg_temp.after('3')), 404, 'turn_not_found',
  'one of another person is not found'
);
select tests.refused(
  $$ select pg_temp.turn('x', 'u1', 'a1', '{"continues_turn": "resp_1"}') $$, 404, 'turn_not_found', 'nor what is no id'
);

-- Several at once.
insert into said select 'running', public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  jsonb_build_object('request_id', 'r', 'model', 'gpt-4o', 'messages', pg_temp.messages('u8')) || pg_temp.after('12')
);
select is(
  pg_temp.turn('13', 'u8b', 'a8b', pg_temp.after('3')), 's1 u1 a1 u2 a2 u3 a3 u8b', 'a turn goes on while another one runs'
);
select is(pg_temp.state('13'), 's1 u1 a1 u2 a2 u3 a3 u8b a8b, 9', 'in a session of its own');
select tests.refused(
  format('select pg_temp.turn(''x'', ''u1'', ''a1'', %L)', pg_temp.after('running')), 409, 'session_busy',
  'one that has no answer yet is waited for'
);
update public.chat_sessions set status = 'ended' where session_id = (select turn ->> 'session_id' from said where name = '1');
select is(
  pg_temp.turn('14', 'u9', 'a9', pg_temp.after('13')), 's1 u1 a1 u2 a2 u3 a3 u8b a8b u9', 'the copy goes on by itself'
);

select * from finish();
rollback;
