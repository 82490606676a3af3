begin;
select plan(8);

insert into public.agents (id, name, created_by, vendor_id, model_name, config) values
  ('20000000-0000-4000-8000-000000000001', 'main', tests.id('eve'), 'openai', 'a', '{"fallbacks": ["second", "third"]}'),
  ('20000000-0000-4000-8000-000000000002', 'second', tests.id('eve'), 'openai', 'b', '{}'),
  ('20000000-0000-4000-8000-000000000003', 'third', tests.id('eve'), 'openai', 'c', '{}');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
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
create function pg_temp.routes()
returns text
language sql
as $$
  select string_agg(route.value ->> 'agent', ' ' order by route.ordinality)
  from jsonb_array_elements(pg_temp.begin('eve', '{"model": "main"}') -> 'routes') with ordinality as route
$$;
create function pg_temp.open(agent text, seconds integer)
returns void
language sql
as $$
  update public.agent_health
  set circuit_state = 'open', circuit_opened_at = now(),
      circuit_retry_at = clock_timestamp() + make_interval(secs => seconds)
  from public.agents where agents.id = agent_id and agents.name = agent
$$;

select is(pg_temp.routes(), 'main second third', 'all closed');
select pg_temp.open('main', 60);
select is(pg_temp.routes(), 'second third', 'the first is open');
select pg_temp.open('third', 60);
select is(pg_temp.routes(), 'second', 'the last as well');
select pg_temp.open('third', -1);
select is(pg_temp.routes(), 'second', 'a fallback that will hardly be called does not try whether it may close');
select results_eq(
  $$ select circuit_state from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000003' $$,
  $$ values ('open') $$, 'and keeps the place of the try free'
);
select pg_temp.open('second', 30);
select pg_temp.open('third', 90);
select tests.refused('select pg_temp.routes()', 503, 'circuit_open', 'with all open there is no one to call');
create function pg_temp.retry_after()
returns integer
language plpgsql
as $$
declare
  hint text;
begin
  perform pg_temp.routes();
  return null;
exception when sqlstate 'PT503' then
  get stacked diagnostics hint = pg_exception_hint;
  return tests.error_data(hint) ->> 'retry_after_ms';
end
$$;
select is(
  (select wait between 20000 and 30000 from pg_temp.retry_after() as wait), true, 'until the first of them lets one try'
);
select pg_temp.open('second', -1);
select is(pg_temp.routes(), 'second', 'the first that is left may try');

select * from finish();
rollback;
