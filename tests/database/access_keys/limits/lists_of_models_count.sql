begin;
select plan(6);

insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four, requests_per_minute) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111', 2);
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001');
create function pg_temp.list(rate_limit boolean)
returns jsonb
language sql
as $$ select public.list_chat_models(jsonb_build_object('access_key', repeat('1', 64)), rate_limit)::jsonb - 'models' $$;

select is(
  pg_temp.list(false),
  jsonb_build_object(
    'caller', jsonb_build_object(
      'user_id', tests.id('carol'), 'access_key_id', 'a0000000-0000-4000-8000-000000000001'
    ),
    'limits', null, 'rate_limit', null
  ),
  'where Redis counts nothing is counted here, and it says whose key it is'
);
create temporary table first as select pg_temp.list(true) as answer;
select is(answer -> 'rate_limit' @> '{"limit": 2, "remaining": 1}', true, 'else a list is a call like any other') from first;
select is(
  answer -> 'limits' @> '{"access_key_id": "a0000000-0000-4000-8000-000000000001", "access_key_per_minute": 2}', true,
  'and says whose limits they are'
) from first;
select public.begin_chat_turn(
  jsonb_build_object('access_key', repeat('1', 64)),
  '{"request_id": "r", "model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "rate_limit": true}'
);
select tests.refused('select pg_temp.list(true)', 429, 'rate_limit_exceeded', 'with which it shares the key''s limit');

update public.plans set user_requests_per_minute = 1 where id = 'starter';
select public.list_chat_models(jsonb_build_object('user_id', tests.id('eve')), true);
select tests.refused(
  $$ select public.list_chat_models(jsonb_build_object('user_id', tests.id('eve')), true) $$, 429, 'rate_limit_exceeded',
  'people have one too'
);
select isnt(
  public.list_chat_models(jsonb_build_object('user_id', tests.id('eve')))::jsonb -> 'models', '[]', 'which is not asked for in SQL'
);

select * from finish();
rollback;
