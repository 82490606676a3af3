begin;
select plan(13);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'anthropic', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
insert into public.agents (name, created_by, vendor_id, service_id, model_name)
values ('mine', tests.id('eve'), 'anthropic', 'anthropic_claude35_haiku', 'ignored');
insert into public.vendor_services (id, vendor_id, service_name, display_name, retired_on, replaced_by, is_active)
values
  ('last', 'anthropic', 'last', 'Last', null, null, true),
  ('second', 'anthropic', 'second', 'Second', current_date, 'last', true),
  ('first', 'anthropic', 'first', 'First', current_date - 1, 'second', false),
  ('tomorrow', 'anthropic', 'tomorrow', 'Tomorrow', current_date + 1, 'last', true),
  ('off', 'anthropic', 'off', 'Off', null, 'last', false),
  ('gone', 'anthropic', 'gone', 'Gone', current_date, null, true),
  ('circle', 'anthropic', 'circle', 'Circle', current_date, null, true),
  ('back', 'anthropic', 'back', 'Back', current_date, 'circle', true);
update public.vendor_services set replaced_by = 'back' where id = 'circle';

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

select is(
  array[turn #>> '{routes,0,service_id}', turn #>> '{routes,0,model}', turn #>> '{routes,0,credential}', turn #>> '{routes,0,replaces}'], wanted, model
)
from (values
  ('gemini-1.5-pro', array['vertex_gemini_3_8_flash', 'google/gemini-3.8-flash', 'platform', 'google/gemini-1.5-pro']),
  ('droid/gpt-4-turbo', array['openrouter_gpt_6_2_sol', 'openai/gpt-6.2-sol', 'platform', 'openai/gpt-4-turbo']),
  ('droid/gpt-4o', array['openrouter_gpt4o', 'openai/gpt-4o', 'platform', null]),
  ('anthropic/claude-3-opus-20240229', array['anthropic_claude_opus_5_5', 'claude-opus-5-5', 'own', 'claude-3-opus-20240229']),
  ('mine', array['anthropic_claude_haiku_5_5', 'claude-haiku-5-5', 'own', 'claude-3-5-haiku-20241022']),
  ('anthropic/first', array['last', 'last', 'own', 'first']),
  ('anthropic/tomorrow', array['tomorrow', 'tomorrow', 'own', null])
) as named (model, wanted),
lateral pg_temp.begin('eve', jsonb_build_object('model', model)) as turn;

select tests.refused(
  format('select pg_temp.begin(''eve'', ''{"model": "anthropic/%s"}'')', service), 404, 'model_not_found', service
)
from unnest(array['off', 'gone', 'circle']) as service;

select is(
  public.settle_chat_turn(
    (pg_temp.begin('eve', '{"model": "claude-3-opus"}') ->> 'turn_id')::uuid,
    '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 100000}}'
  ) ->> 'total_cost',
  '6.0000000000', 'at the price of the successor'
);
select throws_ok(
  $$ update public.vendor_services set replaced_by = 'gone' where id = 'gone' $$, 23514, null, 'not by itself'
);
select throws_ok(
  $$ update public.vendor_services set replaced_by = 'openai_gpt4o' where id = 'gone' $$, 23503, null,
  'nor by what another vendor sells'
);

select * from finish();
rollback;
