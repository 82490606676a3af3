begin;
select plan(6);

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
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
-- Another user's call fails, too: not the caller's doing alone.
create function pg_temp.fail_for(person text) returns void language sql as $$
  with turn as (
    insert into public.ai_interactions (organization_id, user_id, title, source, turn_state)
    select current_organization_id, id, 'failed', 'chat', 'failed' from public.profiles where id = tests.id(person)
    returning id
  )
  insert into public.agent_executions (interaction_id, agent_id, status, counts_against_agent)
  select turn.id, agents.id, 'failed', true from public.agents, turn where agents.name = 'droid'
$$;
select pg_temp.fail_for('bob');
create function pg_temp.fail(counts boolean)
returns table (state text, failures integer, health text)
language plpgsql
as $$
begin
  perform pg_temp.settle(pg_temp.begin('eve', '{"model": "gpt-4o"}'), jsonb_build_object(
    'state', 'failed', 'attempts', jsonb_build_array(jsonb_build_object(
      'attempt', 1, 'status', 'failed', 'counts_against_agent', counts, 'started_at', now() - interval '2 minutes'
    ))
  ));
  return query
  select health.circuit_state, health.consecutive_failures, health.status
  from public.agent_health health join public.agents on agents.id = health.agent_id where agents.name = 'droid';
end
$$;

select results_eq(
  'select * from pg_temp.fail(false)', $$ values ('closed', 0, 'healthy') $$, 'the caller''s mistake is none'
);
select results_eq('select * from pg_temp.fail(true)', $$ values ('closed', 1, 'degraded') $$, 'one failure');
select pg_temp.settle(pg_temp.begin('eve', '{"model": "gpt-4o"}'), '{
  "state": "succeeded", "content": "a",
  "attempts": [{"attempt": 1, "status": "succeeded", "latency_ms": 77, "started_at": "2026-01-01T00:00:00Z"}]
}');
select results_eq(
  $$
    select circuit_state, consecutive_failures, agent_health.status, latency_ms, last_check from public.agent_health
    join public.agents on agents.id = agent_id where agents.name = 'droid'
  $$,
  $$ values ('closed', 0, 'healthy', 77, now()) $$, 'a success begins the count again'
);
select pg_temp.fail(true) from generate_series(1, 3);
select results_eq('select * from pg_temp.fail(true)', $$ values ('closed', 4, 'degraded') $$, 'four in a row');
select results_eq('select * from pg_temp.fail(true)', $$ values ('open', 5, 'unhealthy') $$, 'the fifth opens it');

select results_eq(
  $$
    select circuit_opened_at, circuit_opens, extract(epoch from circuit_retry_at - now()) between 27 and 33
    from public.agent_health join public.agents on agents.id = agent_id where agents.name = 'droid'
  $$,
  $$ values (now(), 1, true) $$, 'for half a minute, give or take a tenth'
);

select * from finish();
rollback;
