begin;
select plan(2);

insert into public.agents (name, created_by, vendor_id, service_id, config)
values ('main', tests.id('eve'), 'openai', 'openai_gpt4o', '{"fallbacks": ["droid/gpt-4-turbo"]}');
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
create temporary table answers as
select pg_temp.begin('eve', '{"model": "main", "request_id": "req-1"}') as turn;

select results_eq(
  $$
    select i.user_id, agents.name, i.session_id is not null, i.model_id, i.vendor_id, i.service_id, i.source, i.title,
      i.model_name, i.turn_state, i.lease_expires_at, i.request_id, i.started_at
    from tests.turns i join public.agents on agents.id = i.agent_id
  $$,
  $$
    values (
      tests.id('eve'), 'main', true, null::uuid, 'openai', 'openai_gpt4o', 'chat', 'Chat with main', 'gpt-4o',
      'running', now() + interval '15 minutes', 'req-1', now()
    )
  $$,
  'a running turn of fifteen minutes at most, with what is to be called'
);
select is(
  (select usage_count from public.agents where name = 'main'), 0::bigint, 'which counts nowhere until it is settled'
);

select * from finish();
rollback;
