begin;
select plan(5);

insert into public.agents (name, created_by, vendor_id, model_name, temperature, max_tokens) values
  ('with', tests.id('eve'), 'openai', 'm', 0.50, 200), ('without', tests.id('eve'), 'openai', 'm', null, null),
  ('zero', tests.id('eve'), 'openai', 'm', 0, null);
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
select is(
  pg_temp.begin('eve', '{"model": "without"}') -> 'defaults', '{"temperature": null, "max_tokens": null}'::jsonb, 'none'
);
update public.organizations set settings = '{"temperature": 1.5, "max_tokens": 300}'
where created_by = tests.id('eve') and is_personal;
select is(
  pg_temp.begin('eve', '{"model": "without"}') -> 'defaults', '{"temperature": 1.5, "max_tokens": 300}'::jsonb,
  'the organization''s'
);
select is(
  pg_temp.begin('eve', '{"model": "with"}') -> 'defaults', '{"temperature": 0.50, "max_tokens": 200}'::jsonb,
  'before them the agent''s'
);
select is(
  pg_temp.begin('eve', '{"model": "zero"}') -> 'defaults', '{"temperature": 0.00, "max_tokens": 300}'::jsonb,
  'a zero is a temperature'
);
select is(
  pg_temp.begin('eve', '{"model": "with", "max_output_tokens": 7}') -> 'defaults',
  '{"temperature": 0.50, "max_tokens": 7}'::jsonb, 'before all the request''s limit'
);

select * from finish();
rollback;
