begin;
select plan(5);

create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create function pg_temp.next(session text, request jsonb default '{}')
returns jsonb
language plpgsql
as $$
declare
  answer jsonb := pg_temp.begin('eve', request || jsonb_build_object('session_id', session));
begin
  perform public.settle_chat_turn((answer ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}');
  return answer;
end
$$;
create temporary table answers as select pg_temp.next(null, '{"model": "gpt-4o"}') as turn;

select is(pg_temp.next(turn ->> 'session_id') ->> 'model', 'gpt-4o', 'a request without a model means the session''s')
from answers;
select is(
  pg_temp.next(turn ->> 'session_id', '{"model": "gemini-1.5-pro"}') ->> 'model', 'gemini-1.5-pro',
  'one with a model means that'
)
from answers;
select is(pg_temp.next(turn ->> 'session_id') ->> 'model', 'gpt-4o', 'once') from answers;

update public.models set enabled = false where name = 'gpt-4o';
select is(
  pg_temp.next(turn ->> 'session_id') ->> 'model', 'claude-sonnet-5.5',
  'where the model is out of use, the agent''s default'
)
from answers;
update public.agents set enabled = false where name = 'droid';
select tests.refused(
  format('select pg_temp.next(%L)', turn ->> 'session_id'), 403, 'agent_disabled', 'where the agent is off, none'
)
from answers;

select * from finish();
rollback;
