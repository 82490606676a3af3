-- Clients that keep the conversation themselves and send no session id.
begin;
select plan(24);

create temporary table said (name text primary key, turn jsonb);
create function pg_temp.messages(line text)
returns jsonb
language sql
as $$
  select jsonb_agg(
    jsonb_build_object(
      'role', case left(word, 1) when 'u' then 'user' when 'a' then 'assistant' else 'system' end, 'content', word
    ) order by place
  )
  from regexp_split_to_table(line, ' ') with ordinality as words (word, place)
$$;
create function pg_temp.begin(name text, line text, request jsonb default '{}', caller jsonb default null)
returns jsonb
language plpgsql
as $$
declare
  begun jsonb := public.begin_chat_turn(
    coalesce(begin.caller, jsonb_build_object('user_id', tests.id('eve'))),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', pg_temp.messages(begin.line))
      || begin.request
  );
begin
  insert into said values (begin.name, begun);
  return begun;
end
$$;
create function pg_temp.turn(
  name text, line text, answer text, request jsonb default '{}', person text default 'eve', state text default 'succeeded'
)
returns text
language plpgsql
as $$
declare
  begun jsonb := pg_temp.begin(
    turn.name, turn.line, turn.request, jsonb_build_object('user_id', tests.id(turn.person))
  );
begin
  perform public.settle_chat_turn(
    (begun ->> 'turn_id')::uuid, jsonb_build_object('state', turn.state, 'content', turn.answer)
  );
  return (
    select string_agg(message.value ->> 'content', ' ' order by message.ordinality)
    from jsonb_array_elements(begun -> 'messages') with ordinality as message
  );
end
$$;
create function pg_temp.same(first text, second text)
returns boolean
language sql
as $$
  select (select turn ->> 'session_id' from said where name = first) = (select turn ->> 'session_id' from said where name = second)
$$;
create function pg_temp.conversation(turn text)
returns text
language sql
as $$
  select string_agg(message.value ->> 'content', ' ' order by message.ordinality) || ', ' || sessions.message_count
  from public.chat_sessions sessions join said on said.turn ->> 'session_id' = sessions.session_id,
  jsonb_array_elements(public.conversation_history(sessions)) with ordinality as message
  where said.name = conversation.turn
  group by sessions.message_count
$$;

select pg_temp.turn('1', 'u1', 'a1');
select is(pg_temp.turn('2', 'u1 a1 u2', 'a2'), 'u1 a1 u2', 'the model is given what was sent');
select is(pg_temp.conversation('1'), 'u1 a1 u2 a2, 4', 'which is one session');
select is(pg_temp.turn('3', 's1 u1 a1 u2 a2 u3', 'a3'), 's1 u1 a1 u2 a2 u3', 'an instruction makes no other conversation');
select is(pg_temp.turn('4', 's2 u1 a1 u2 a2 u3 a3 u4', 'a4'), 's2 u1 a1 u2 a2 u3 a3 u4', 'nor does one that changed');
select is(pg_temp.conversation('1'), 'u1 a1 u2 a2 u3 a3 s2 u4 a4, 10', 'still one session');
select is(pg_temp.turn('5', 'u1 a1 u2 a2 u3b', 'a3b'), 'u1 a1 u2 a2 u3b', 'an edit continues it on a branch, with the instructions of its place');
select ok(pg_temp.same('1', '5'), 'of the same session');
select pg_temp.turn('6', 'u1', 'a1');
select ok(not pg_temp.same('1', '6'), 'the same question alone begins another one');
select pg_temp.turn('7', 'u1 a1 u2', 'a2b');
select ok(pg_temp.same('6', '7'), 'of two with the same words the latest goes on');

-- What is not the same conversation.
select pg_temp.turn('8', 'u1 a1b u2', 'a2');
select ok(not pg_temp.same('6', '8') and not pg_temp.same('1', '8'), 'an answer that was never given is none of ours');
select pg_temp.turn('9', 'u1 a1b u2x', 'a2');
select ok(not pg_temp.same('8', '9'), 'examples that a client puts before every question join no requests');
select pg_temp.turn('10', 'u1 a1 u2', 'a2', '{}', 'alice');
select ok(not pg_temp.same('7', '10'), 'another person''s is never found');
select pg_temp.turn('11', 'u1 a1 u2 a2b u3', 'a3', '{"model": "ccrouter"}');
select ok(not pg_temp.same('7', '11'), 'nor that with another agent');
select pg_temp.turn('12', 'u1 a1 u2 a2b u3', 'a3', '{"model": "droid/claude-3.5-sonnet"}');
select ok(pg_temp.same('7', '12'), 'another model of the same agent continues it');

-- A session that cannot take it.
select pg_temp.turn('20', 'u20', 'a20');
select pg_temp.begin('21', 'u20 a20 u21');
select pg_temp.turn('22', 'u20 a20 u22', 'a22');
select ok(pg_temp.same('20', '21') and not pg_temp.same('20', '22'), 'while one answers, another request begins its own');
select is(pg_temp.conversation('22'), 'u20 a20 u22 a22, 4', 'with all that it says');
select pg_temp.turn('30', 'u30', 'a30');
update public.chat_sessions set status = 'ended' where session_id = (select turn ->> 'session_id' from said where name = '30');
select pg_temp.turn('31', 'u30 a30 u31', 'a31');
select ok(not pg_temp.same('30', '31'), 'one that has ended stays ended');
select pg_temp.turn('40', 'u40', 'a40', '{}', 'eve', 'partial');
select pg_temp.turn('41', 'u40 a40 u41', 'a41');
select ok(pg_temp.same('40', '41'), 'an answer that was cut is one');
select pg_temp.turn('50', 'u50', 'a50', '{}', 'eve', 'failed');
select pg_temp.turn('51', 'u50 a50 u51', 'a51');
select ok(not pg_temp.same('50', '51'), 'one of a failed turn is none');
delete from public.chat_messages where content = 'u40';
select pg_temp.turn('42', 'u40 a40 u41 a41 u42', 'a42');
select is(pg_temp.conversation('42'), 'a40 u41 a41 u42 a42, 5', 'a message that was deleted is not sent for again');

-- Eight turns in each way.
create function pg_temp.eight(way text)
returns text
language plpgsql
as $$
declare
  sent text := '';
  next text;
  session text;
  turn text;
  sizes text[] := '{}';
  begun jsonb;
begin
  for n in 1..8 loop
    next := format('u%s.%s', way, n);
    begun := public.begin_chat_turn(
      jsonb_build_object('user_id', tests.id('bob')),
      jsonb_strip_nulls(jsonb_build_object(
        'request_id', gen_random_uuid(), 'model', 'gpt-4o',
        'session_id', case when eight.way in ('n', 'i') then session end,
        'continues_turn', case when eight.way = 'p' then turn end,
        'messages', pg_temp.messages(case when eight.way in ('i', 'a') then ltrim(sent || ' ' || next) else next end)
      ))
    );
    session := begun ->> 'session_id';
    turn := begun ->> 'turn_id';
    perform public.settle_chat_turn(turn::uuid, jsonb_build_object('state', 'succeeded', 'content', format('a%s.%s', eight.way, n)));
    sent := sent || ' ' || next || format(' a%s.%s', eight.way, n);
    sizes := sizes || jsonb_array_length(begun -> 'messages')::text;
  end loop;
  return array_to_string(sizes, ' ') || ', ' || (
    select count(*) || ' ' || sum(message_count) from public.chat_sessions
    where id in (select session_id from public.chat_messages where content like 'u' || eight.way || '.%')
  );
end
$$;
select is(pg_temp.eight(way), '1 3 5 7 9 11 13 15, 1 16', claim)
from (values
  ('n', 'new messages only'), ('i', 'all messages with the id'), ('a', 'all messages without it'), ('p', 'by the turn before')
) ways (way, claim);

select * from finish();
rollback;
