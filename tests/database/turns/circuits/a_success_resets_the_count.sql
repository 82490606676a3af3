begin;
select plan(4);

create function pg_temp.turn(attempts text[], person text default 'eve')
returns text
language plpgsql
as $$
declare
  turn jsonb := public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', 'droid', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb
    )
  );
begin
  perform public.settle_chat_turn((turn ->> 'turn_id')::uuid, jsonb_build_object(
    'state', attempts[cardinality(attempts)], 'content', 'yo',
    'attempts', (
      select jsonb_agg(jsonb_build_object(
        'attempt', place, 'status', status, 'counts_against_agent', status = 'failed', 'latency_ms', 5, 'started_at', now()
      ))
      from unnest(attempts) with ordinality as attempt (status, place)
    )
  ));
  return (
    select format('%s %s', agent_health.status, agent_health.consecutive_failures)
    from public.agent_health join public.agents on agents.id = agent_health.agent_id
    where agents.name = 'droid'
  );
end
$$;

select is(pg_temp.turn('{failed,succeeded}'), 'healthy 0', 'in the same turn');
select is(pg_temp.turn('{failed,succeeded}', 'bob'), 'healthy 0', 'or another person''s');
select is(pg_temp.turn('{failed,failed}'), 'degraded 2', 'failures add up');
select is(pg_temp.turn('{succeeded}'), 'healthy 0', 'until one succeeds in another turn');

select * from finish();
rollback;
