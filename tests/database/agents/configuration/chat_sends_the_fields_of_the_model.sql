begin;
select plan(7);

insert into public.agents (id, name, created_by, vendor_id, service_id, temperature, max_tokens, config) values
  ('20000000-0000-4000-8000-000000000001', 'configured', tests.id('eve'), 'openai', 'openai_gpt4o', 0.5, 77,
   '{"graph": "x", "model": {"top_p": 0.1, "stop": ["END"], "reasoning_effort": "low", "seed": null, "timeout_ms": 5000, "extra": {"top_k": 4}}}'),
  ('20000000-0000-4000-8000-000000000002', 'plain', tests.id('eve'), 'openai', 'openai_gpt4o', null, null, '{}');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
create function pg_temp.defaults(model text)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', model, 'messages', '[{"role": "user", "content": "hi"}]'::jsonb
    )
  ) -> 'defaults'
$$;

select is(
  pg_temp.defaults('configured'),
  '{"temperature": 0.5, "max_tokens": 77, "timeout_ms": 5000, "fields": {"top_p": 0.1, "stop": ["END"], "reasoning_effort": "low"}}',
  'those that the agent states, and no others'
);
select is(pg_temp.defaults('plain'), '{"temperature": null, "max_tokens": null}', 'an agent that states none sends none');
select set_eq(
  $$ select request_field from private.agent_fields where request_field is not null $$,
  array[
    'temperature', 'max_tokens', 'top_p', 'frequency_penalty', 'presence_penalty', 'stop', 'seed', 'reasoning_effort', 'verbosity',
    'response_format', 'parallel_tool_calls'
  ],
  'these are fields of a request'
);
update public.agents set config = '{"model": {
  "top_p": 0.2, "frequency_penalty": 1, "presence_penalty": -1, "stop": ["END"], "seed": 7, "reasoning_effort": "high",
  "verbosity": "low", "response_format": {"type": "json_object"}, "parallel_tool_calls": false
}}' where name = 'configured';
select is(pg_temp.defaults('configured') -> 'fields', (select config -> 'model' from public.agents where name = 'configured'), 'each of them is sent');
update public.agents set config = '{"model": {"top_p": 0.3}}', version = 5 where name = 'configured';
select is(pg_temp.defaults('configured') #> '{fields,top_p}', '0.3', 'a change holds from the next turn on');

-- What an agent adds is read by the model, and paid.
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');
update public.agents set config = jsonb_build_object('model', jsonb_build_object('response_format', jsonb_build_object(
  'type', 'json_schema', 'json_schema', jsonb_build_object('name', 'x', 'schema', jsonb_build_object('description', repeat('x', 100000)))
))) where name = 'configured';
create temporary table turns as select (public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  jsonb_build_object('request_id', gen_random_uuid(), 'model', 'configured', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
) ->> 'turn_id')::uuid as turn_id;
select cmp_ok((select sum(amount_usd) from public.budget_reservations where interaction_id = (select turn_id from turns)), '>', 0.25, 'its bytes are reserved');
select cmp_ok((select input_tokens from private.running_turns where id = (select turn_id from turns)), '>', 25000::bigint, 'and estimated');

select * from finish();
rollback;
