begin;
select plan(9);

create function pg_temp.begin(person text)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
  )
$$;
create function pg_temp.call(person text, counts boolean default true)
returns table (state text, failures integer, alarmed boolean)
language plpgsql
as $$
declare
  turn jsonb := pg_temp.begin(person);
begin
  perform public.settle_chat_turn((turn ->> 'turn_id')::uuid, jsonb_build_object(
    'state', 'failed', 'attempts', jsonb_build_array(jsonb_build_object(
      'attempt', 1, 'status', 'failed', 'counts_against_agent', counts, 'started_at', now()
    ))
  ));
  return query
  select health.circuit_state, health.consecutive_failures, health.is_alerted
  from public.agent_health health join public.agents on agents.id = health.agent_id where agents.name = 'droid';
end
$$;

select pg_temp.call('eve') from generate_series(1, 30);
select results_eq(
  'select * from pg_temp.call(''eve'')', $$ values ('closed', 0, false) $$, 'however often the calls of one person fail'
);
select isnt(pg_temp.begin('alice') ->> 'turn_id', null, 'the others are answered');
select pg_temp.call('alice', false) from generate_series(1, 10);
select results_eq(
  'select * from pg_temp.call(''eve'')', $$ values ('closed', 0, false) $$, 'what others are refused is no failure'
);

select results_eq('select * from pg_temp.call(''bob'')', $$ values ('open', 1, true) $$, 'where half of a minute''s calls fail for two, it opens');
update public.agent_health set circuit_retry_at = clock_timestamp();
select results_eq('select state from pg_temp.call(''eve'')', $$ values ('open') $$, 'a try that fails opens it again');

update public.agent_executions set started_at = started_at - interval '11 minutes';
update public.agent_health set circuit_retry_at = clock_timestamp();
select results_eq(
  'select state from pg_temp.call(''eve'')', $$ values ('half_open') $$, 'but not forever: a try of one person who alone fails gives its place away'
);
select isnt(pg_temp.begin('bob') ->> 'turn_id', null, 'to the next caller');

-- The same in a row instead of a minute.
update public.agent_executions set started_at = started_at - interval '11 minutes';
update public.agent_health
set circuit_state = 'closed', circuit_retry_at = null, consecutive_failures = 0, circuit_opens = 0, circuit_opened_at = null, is_alerted = false;
select pg_temp.call('eve'), pg_temp.call('bob'), pg_temp.call('eve'), pg_temp.call('bob');
select results_eq('select * from pg_temp.call(''eve'')', $$ values ('closed', 4, false) $$, 'four that count: the first was one person''s');
select results_eq('select * from pg_temp.call(''bob'')', $$ values ('open', 5, true) $$, 'the fifth opens it');

select * from finish();
rollback;
