begin;
select plan(8);

insert into public.agents (name, created_by, vendor_id, model_name, config) values
  ('main', tests.id('eve'), 'openai', 'a', '{"fallbacks": ["second", "droid/gpt-4o", "anthropic/claude-opus-5-5"]}'),
  ('second', tests.id('eve'), 'openai', 'b', '{"fallbacks": ["third"]}'), ('third', tests.id('eve'), 'openai', 'c', '{}');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''), (tests.id('eve'), 'anthropic', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
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
create function pg_temp.routes(model text)
returns text
language sql
as $$
  select string_agg(concat_ws(':', route.value ->> 'agent', route.value ->> 'model'), ' ' order by route.ordinality)
  from jsonb_array_elements(pg_temp.begin('eve', jsonb_build_object('model', model)) -> 'routes') with ordinality as route
$$;

select is(
  pg_temp.routes('main'), 'main:a second:b droid:openai/gpt-4o claude-opus-5-5',
  'an agent''s, a model''s, a vendor''s; and no fallback''s fallback'
);

update public.agents set enabled = false where name = 'second';
select is(pg_temp.routes('main'), 'main:a droid:openai/gpt-4o claude-opus-5-5', 'one that is off is left out');
update public.agents set enabled = true, status = 'paused' where name = 'second';
select is(pg_temp.routes('main'), 'main:a droid:openai/gpt-4o claude-opus-5-5', 'as is one that is paused');
update public.user_api_keys set is_active = false where vendor_id = 'anthropic';
select is(pg_temp.routes('main'), 'main:a droid:openai/gpt-4o', 'and one without a key');
update public.agents set config = '{"fallbacks": ["nobody", "third"]}' where name = 'main';
select is(pg_temp.routes('main'), 'main:a third:c', 'and one that no one knows');
update public.agents set config = '{"fallbacks": ["third", "third", "third", "third", "droid"]}' where name = 'main';
select is(pg_temp.routes('main'), 'main:a third:c third:c third:c third:c', 'four are looked at');
select tests.refused(
  $$ update public.agents set config = '{"fallbacks": "third"}' where name = 'main' $$, 400, 'agent_config_invalid', 'what is no list is refused'
);
update public.agents set config = '{"fallbacks": ["droid/gpt-4o"]}' where name = 'main';
update public.user_api_keys set is_active = false;
select is(pg_temp.routes('main'), 'droid:openai/gpt-4o', 'an agent without a key falls back at once');

select * from finish();
rollback;
