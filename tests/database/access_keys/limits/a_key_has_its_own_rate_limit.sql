begin;
select plan(8);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111'),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'Two', 'agb_2222', '2222');
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001'), (repeat('2', 64), 'a0000000-0000-4000-8000-000000000002');
create function pg_temp.begin(key text, request jsonb default '{}')
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('access_key', repeat(key, 64)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
update public.plans set requests_per_minute = 6, user_requests_per_minute = 4 where id = (select plan from public.organizations where id = tests.id('acme'));
update public.access_keys set requests_per_minute = 2 where name = 'One';
create temporary table answers as select pg_temp.begin('1', '{"rate_limit": true}') as turn;
select is((select turn -> 'rate_limit' @> '{"limit": 2, "remaining": 1}' from answers), true, 'the tightest is the key''s');
select is(
  (select turn -> 'limits' from answers),
  jsonb_build_object(
    'organization_id', tests.id('acme'), 'organization_per_minute', 6, 'user_per_minute', 4,
    'user_id', tests.id('carol'), 'access_key_id', 'a0000000-0000-4000-8000-000000000001', 'access_key_per_minute', 2
  ),
  'and all are told, with whose they are'
);
select pg_temp.begin('1', '{"rate_limit": true}');
select tests.refused(
  $$ select pg_temp.begin('1', '{"rate_limit": true}') $$, 429, 'rate_limit_exceeded', 'whose third call is refused'
);
select is(
  pg_temp.begin('2', '{"rate_limit": true}') -> 'rate_limit' @> '{"limit": 4, "remaining": 1}', true,
  'a key without one has its owner''s, which the other used'
);
select is(
  (select turn -> 'limits' -> 'access_key_per_minute' from (select pg_temp.begin('2', '{"rate_limit": true}') as turn) as last), 'null'::jsonb,
  'as it says'
);
select tests.refused(
  $$ select pg_temp.begin('2', '{"rate_limit": true}') $$, 429, 'rate_limit_exceeded', 'no one has more by having two'
);
select tests.refused(
  $$
    select public.begin_chat_turn(
      jsonb_build_object('user_id', tests.id('carol')),
      '{"request_id": "r", "model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "rate_limit": true}'
    )
  $$, 429, 'rate_limit_exceeded', 'nor by coming in person'
);
select is(pg_temp.begin('1', '{"rate_limit": false}') -> 'rate_limit', 'null'::jsonb, 'where Redis counts nothing is counted here');

select * from finish();
rollback;
