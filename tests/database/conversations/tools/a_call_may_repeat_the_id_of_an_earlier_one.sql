-- Some vendors count the calls of each answer from zero, so that a later call has the id of an earlier one.
begin;
select plan(2);

create function pg_temp.call(name text)
returns jsonb
language sql
as $$
  select jsonb_build_array(jsonb_build_object(
    'id', 'call_0', 'type', 'function', 'function', jsonb_build_object('name', name, 'arguments', '{}')
  ))
$$;
create function pg_temp.assistant(name text)
returns jsonb
language sql
as $$ select jsonb_build_object('role', 'assistant', 'content', null, 'tool_calls', pg_temp.call(name)) $$;
-- Three rounds of a loop of tools: the same call each time, with results of one text. Returns the roles that the
-- model was given in each round.
create function pg_temp.rounds(resends boolean)
returns text[]
language plpgsql
as $$
declare
  said jsonb := '[{"role": "user", "content": "roll the dice"}]';
  result constant jsonb := '{"role": "tool", "tool_call_id": "call_0", "content": "4"}';
  session jsonb := '{}';
  begun jsonb;
  given text[] := '{}';
begin
  for round in 1..3 loop
    begun := public.begin_chat_turn(
      jsonb_build_object('user_id', tests.id('eve')),
      jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', said) || session
    );
    session := jsonb_build_object('session_id', begun ->> 'session_id');
    given := given || (
      select string_agg(message.value ->> 'role', ' ' order by message.ordinality)
      from jsonb_array_elements(begun -> 'messages') with ordinality as message
    );
    perform public.settle_chat_turn(
      (begun ->> 'turn_id')::uuid,
      jsonb_build_object('state', 'succeeded', 'tool_calls', pg_temp.call('roll'), 'vendor_id', 'openrouter')
    );
    said := case when rounds.resends then said || pg_temp.assistant('roll') || result else jsonb_build_array(result) end;
  end loop;
  return given;
end
$$;

select is(
  pg_temp.rounds(resends), array['user', 'user assistant tool', 'user assistant tool assistant tool'],
  case when resends then 'all messages with the id' else 'new messages only' end
)
from unnest(array[true, false]) as resends;

select * from finish();
rollback;
