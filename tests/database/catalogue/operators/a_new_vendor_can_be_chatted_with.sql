begin;
select plan(1);

select tests.act_as_service();
select public.add_vendor('acme_ai', 'Acme AI', base_url => 'https://ai.example.com/v1');
select public.add_vendor_service('acme_ai_one', 'acme_ai', 'one-large', context_window => 1000);
insert into public.agents (name, service_id, created_by) values ('mine', 'acme_ai_one', tests.id('eve'));
insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview) values (
  '40000000-0000-4000-8000-000000000001', tests.id('eve'), 'acme_ai',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
);

select is(
  public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"request_id": "r1", "model": "mine", "messages": [{"role": "user", "content": "hi"}]}'
  ) #> '{routes,0}' @> '{
    "vendor_id": "acme_ai", "service_id": "acme_ai_one", "base_url": "https://ai.example.com/v1",
    "api_format": "openai", "auth_header": "Authorization", "auth_scheme": "Bearer", "model": "one-large",
    "credential": "own", "keys": [{"id": "40000000-0000-4000-8000-000000000001"}], "context_window": 1000
  }',
  true, 'three inserts, and a chat knows its way there'
);

select * from finish();
rollback;
