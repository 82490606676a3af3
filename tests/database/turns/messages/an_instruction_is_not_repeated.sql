begin;
select plan(10);

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

select is(pg_temp.say(pg_temp.rule('R'), 'failed'), 'R q, 2', 'a new one is said');
select is(pg_temp.say(pg_temp.rule('R')), 'R q, 2', 'again after a turn that failed');
select is(pg_temp.say(pg_temp.rule('R')), 'R q a q, 1', 'one that holds is not');
select is(pg_temp.say('[]'), 'R q a q a q, 1', 'and holds without being said');
select is(pg_temp.say(pg_temp.rule('R', 'developer')), 'R q a q a q a R q, 2', 'one of another kind is another one');
select is(
  pg_temp.say(pg_temp.rule('R') || pg_temp.rule('R', 'developer')), 'R q a q a q a R q a q, 1',
  'nor are several of them'
);
select is(
  pg_temp.say(pg_temp.rule('R')), 'R q a q a q a R q a q a R q, 2', 'one that another has followed since is said again'
);
select is(
  (select count(*) from public.chat_messages where role in ('system', 'developer') and status <> 'error'), 3::bigint,
  'what is not said is not stored'
);
select is(
  private.new_messages(id, pg_temp.rule('R')), pg_temp.rule('R'), 'a request of nothing else stays as it is'
) from public.chat_sessions, sessions where session_id = turn ->> 'session_id';
select is(
  private.new_messages(gen_random_uuid(), pg_temp.rule('R') || pg_temp.rule('R')), pg_temp.rule('R') || pg_temp.rule('R'),
  'nor is anything taken from one that begins a session'
);

select * from finish();
rollback;
