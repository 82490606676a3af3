begin;
select plan(7);

insert into public.user_api_keys (user_id, vendor_id, service_id, encrypted_key, key_preview) values
  (tests.id('eve'), 'openai', null, 'v1:vendor:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'v'),
  (tests.id('eve'), 'openai', 'openai_gpt4o', 'v1:service:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 's');

select tests.act_as_service();
select is(
  public.get_user_api_key(tests.id('eve'), 'openai', 'openai_gpt4o'),
  'v1:service:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'the one for the service'
);
select is(
  public.get_user_api_key(tests.id('eve'), 'openai'), 'v1:vendor:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA',
  'else the one for the vendor'
);
select is(public.get_user_api_key(tests.id('eve'), 'anthropic'), null, 'else none');

select tests.act_as('eve');
select tests.denied($$ select public.get_user_api_key(tests.id('eve'), 'openai') $$, 'a person may not ask');
select tests.denied(
  $$ select id from private.usable_api_keys(tests.id('eve'), null, 'openai') $$, 'not in another way either'
);
select tests.denied($$ select public.update_api_key_last_used(tests.id('eve'), 'openai') $$, 'nor mark a use');
select tests.act_as_anon();
select tests.denied($$ select public.get_user_api_key(tests.id('eve'), 'openai') $$, 'nor may a visitor');

select * from finish();
rollback;
