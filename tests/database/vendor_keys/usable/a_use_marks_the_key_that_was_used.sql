begin;
select plan(4);

insert into public.user_api_keys (user_id, vendor_id, service_id, encrypted_key, key_preview) values
  (tests.id('eve'), 'openai', null, 'v1:vendor:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'v'),
  (tests.id('eve'), 'openai', 'openai_gpt4o', 'v1:service:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 's'),
  (tests.id('eve'), 'anthropic', null, 'v1:other:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'a');
delete from public.api_key_events;

select tests.act_as_service();
select public.update_api_key_last_used(tests.id('eve'), 'openai', 'openai_gpt4o');
select results_eq(
  'select key_preview, last_used_at from public.user_api_keys order by key_preview',
  $$ values ('a', null::timestamptz), ('s', now()), ('v', null) $$,
  'the one that get_user_api_key() returns, and no other'
);
select public.update_api_key_last_used(tests.id('eve'), 'openai');
select results_eq(
  'select key_preview from public.user_api_keys where last_used_at is not null order by key_preview',
  $$ values ('s'), ('v') $$,
  'per vendor it is the vendor''s'
);
select lives_ok($$ select public.update_api_key_last_used(tests.id('eve'), 'cohere') $$, 'none is no mistake');
select is_empty('select id from public.api_key_events', 'a use is not audited as a change');

select * from finish();
rollback;
