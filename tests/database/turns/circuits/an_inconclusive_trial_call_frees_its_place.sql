begin;
select plan(6);

create function pg_temp.begin(person text)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
  )
$$;
create function pg_temp.settle(turn jsonb, attempt jsonb)
returns jsonb
language sql
as $$
  select public.settle_chat_turn((turn ->> 'turn_id')::uuid, jsonb_build_object(
    'state', 'failed', 'error', '{"code": "upstream_rejected_request", "message": "x"}'::jsonb,
    'attempts', jsonb_build_array(
      jsonb_build_object('attempt', 1, 'agent_id', turn -> 'agent' ->> 'id', 'status', 'failed', 'started_at', now()) || attempt
    )
  ))
$$;
create function pg_temp.circuit()
returns table (state text, opens integer, failures integer, is_free boolean)
language sql
as $$
  select circuit_state, circuit_opens, consecutive_failures, circuit_retry_at <= clock_timestamp()
  from public.agent_health join public.agents on agents.id = agent_id where agents.name = 'droid'
$$;
create temporary table turns as select 'earlier' as name, pg_temp.begin('bob') as turn;
update private.running_turns set created_at = created_at - interval '1 second';
update public.agent_health
set circuit_state = 'open', circuit_opened_at = now() - interval '1 minute', circuit_opens = 1, consecutive_failures = 5,
    circuit_retry_at = clock_timestamp()
from public.agents where agents.id = agent_id and agents.name = 'droid';

insert into turns select 'try', pg_temp.begin('eve');
-- Another user's call failed, too.
with failed as (
  insert into public.ai_interactions (organization_id, user_id, title, source, turn_state)
  select organization_id, user_id, 'failed', 'chat', 'failed' from turns join private.running_turns on id = (turn ->> 'turn_id')::uuid
  where turns.name = 'try'
  returning id
)
insert into public.agent_executions (interaction_id, agent_id, attempt, status, counts_against_agent)
select failed.id, agents.id, 9, 'failed', true from failed, public.agents where agents.name = 'droid';
select pg_temp.settle(turn, '{"upstream_status": 400}') from turns where name = 'earlier';
select tests.refused(
  $$ select pg_temp.begin('bob') $$, 503, 'circuit_open', 'a refusal of an earlier call leaves the try its place'
);
select pg_temp.settle(turn, '{"upstream_status": 400}') from turns where name = 'try';
select results_eq(
  'select * from pg_temp.circuit()', $$ values ('half_open', 1, 5, true) $$,
  'the caller''s fault neither closes the circuit nor opens it'
);
insert into turns select 'next', pg_temp.begin('bob');
select results_eq(
  'select * from pg_temp.circuit()', $$ values ('half_open', 1, 5, false) $$, 'and leaves the place to the next call'
);
select pg_temp.settle(turn, '{"error_code": "client_disconnected"}') from turns where name = 'next';
select results_eq(
  'select * from pg_temp.circuit()', $$ values ('half_open', 1, 5, true) $$, 'as does a caller who left before the answer'
);
insert into turns select 'last', pg_temp.begin('bob');
select pg_temp.settle(turn, '{"upstream_status": 500, "counts_against_agent": true}') from turns where name = 'last';
select results_eq(
  'select * from pg_temp.circuit()', $$ values ('open', 2, 6, false) $$, 'a failure opens it'
);
select private.free_circuit(agent_id, now()) from public.agent_health;
select results_eq(
  'select * from pg_temp.circuit()', $$ values ('open', 2, 6, false) $$, 'which nothing but time undoes'
);

select * from finish();
rollback;
