begin;
select plan(9);

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
update public.vendor_services set is_active = false where id = 'openrouter_gpt4o';
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o"}') $$, 400, 'agent_cannot_chat', 'a service out of use'
);
update public.vendor_services set is_active = true, service_kind = 'image' where id = 'openrouter_gpt4o';
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o"}') $$, 400, 'agent_cannot_chat', 'one that sells pictures'
);
update public.vendor_services set service_kind = 'search' where id = 'openrouter_gpt4o';
select isnt(pg_temp.begin('eve', '{"model": "gpt-4o"}') ->> 'turn_id', null, 'one that searches is chatted with');
update public.vendors set is_active = false where id = 'openrouter';
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o"}') $$, 400, 'agent_cannot_chat', 'a vendor out of use'
);

insert into public.agents (name, created_by) values ('empty', tests.id('eve'));
insert into public.agents (name, created_by, vendor_id) values ('nameless', tests.id('eve'), 'openai');
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "empty"}') $$, 400, 'agent_cannot_chat', 'an agent without a vendor'
);
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "nameless"}') $$, 400, 'agent_cannot_chat', 'or without a model'
);
select throws_ok(
  $$ select pg_temp.begin('eve', '{"model": "empty"}') $$, 'PT400', 'The agent "empty" has no vendor to call.',
  'its owner reads what is missing'
);
update public.vendors set is_active = true where id = 'openrouter';
update public.vendor_services set retired_on = '2026-01-05', replaced_by = null where id = 'openrouter_gpt4o';
select throws_ok(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o"}') $$, 'PT400',
  'The model "openai/gpt-4o" was retired on 2026-01-05, and no successor is available.', 'a retired service'
);
select is((select count(*) from private.running_turns), 1::bigint, 'nothing else was begun');

select * from finish();
rollback;
