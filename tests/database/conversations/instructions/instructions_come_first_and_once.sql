begin;
select plan(12);

create temporary table sessions as
select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  '{"request_id": "r", "model": "gpt-4o", "messages": [{"role": "user", "content": "q"}]}'
) as turn;
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "failed"}') from sessions;

-- What the model is given when these instructions come with the next question.
create function pg_temp.say(instructions jsonb, state text default 'succeeded')
returns text
language plpgsql
as $$
declare
  turn jsonb := public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'session_id', (select sessions.turn ->> 'session_id' from sessions),
      'messages', instructions || '[{"role": "user", "content": "q"}]'
    )
  );
begin
  perform public.settle_chat_turn(
    (turn ->> 'turn_id')::uuid, jsonb_build_object('state', state, 'content', case state when 'succeeded' then 'a' end)
  );
  return (
    select string_agg(message.value ->> 'content', ' ' order by message.ordinality)
    from jsonb_array_elements(turn -> 'messages') with ordinality as message
  ) || ', ' || (turn ->> 'new_messages');
end
$$;
create function pg_temp.rule(content text, role text default 'system')
returns jsonb
language sql
as $$ select jsonb_build_array(jsonb_build_object('role', role, 'content', content, 'name', null)) $$;

select is(pg_temp.say(pg_temp.rule('R'), 'failed'), 'R q, 1', 'a new one is said');
select is(pg_temp.say(pg_temp.rule('R')), 'R q, 1', 'again after a turn that failed');
select is(pg_temp.say(pg_temp.rule('R')), 'R q a q, 1', 'one that holds is said once');
select is(pg_temp.say('[]'), 'R q a q a q, 1', 'and holds without being sent');
select is(pg_temp.say(pg_temp.rule('S'), 'failed'), 'S q a q a q a q, 1', 'another one replaces it at the beginning');
select is(pg_temp.say('[]'), 'R q a q a q a q, 1', 'unless its turn fails');
select is(pg_temp.say(pg_temp.rule('R', 'developer')), 'R q a q a q a q a q, 1', 'the role under which it comes makes no other one');
select is(
  pg_temp.say(pg_temp.rule('S') || pg_temp.rule('T', 'developer')), 'S T q a q a q a q a q a q, 1', 'several hold together'
);
select is(pg_temp.say('[]'), 'S T q a q a q a q a q a q a q, 1', 'also later');
select is(
  (select string_agg(content, ' ' order by seq) from public.chat_messages where role in ('system', 'developer') and status <> 'error'),
  'R S T', 'what is not said is not stored'
);
select is(
  (
    select string_agg(message ->> 'content', ' ')
    from public.chat_sessions sessions, jsonb_array_elements(public.conversation_history(sessions)) as message
    where message ->> 'role' <> all (array['user', 'assistant'])
  ),
  'S T', 'who reads the conversation is shown those that hold'
);
select is(
  private.new_instructions(gen_random_uuid(), '{(,)}', pg_temp.rule('R') || pg_temp.rule('R')),
  pg_temp.rule('R') || pg_temp.rule('R'), 'nothing is taken from what begins a session'
);

select * from finish();
rollback;
