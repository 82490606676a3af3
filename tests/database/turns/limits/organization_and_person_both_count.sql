begin;
select plan(7);

update public.plans set requests_per_minute = 5, user_requests_per_minute = 2 where id = 'starter';
update public.profiles set current_organization_id = tests.id('acme')
where id in (tests.id('alice'), tests.id('bob'), tests.id('carol'));
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
  pg_temp.begin('alice', '{"model": "droid", "rate_limit": true}') -> 'rate_limit' @> '{"limit": 2, "remaining": 1}', true,
  'the tighter of the two is the person''s'
);
select pg_temp.begin('alice', '{"model": "droid", "rate_limit": true}');
select tests.refused(
  $$ select pg_temp.begin('alice', '{"model": "droid", "rate_limit": true}') $$, 429, 'rate_limit_exceeded',
  'whose third call is refused'
);
select is(
  pg_temp.begin('alice', '{"model": "droid"}') -> 'rate_limit', 'null'::jsonb, 'where Redis counts, nothing is counted here'
);

select pg_temp.begin('bob', '{"model": "droid", "rate_limit": true}');
select pg_temp.begin('bob', '{"model": "droid", "rate_limit": true}');
create temporary table answers as select pg_temp.begin('carol', '{"model": "droid", "rate_limit": true}') as turn;
select is(
  (select turn -> 'rate_limit' @> '{"limit": 5, "remaining": 0}' from answers), true, 'then it is the organization''s'
);
select is(
  (select turn -> 'limits' from answers),
  jsonb_build_object('organization_id', tests.id('acme'), 'organization_per_minute', 5, 'user_per_minute', 2),
  'and both are told'
);
select tests.refused(
  $$ select pg_temp.begin('carol', '{"model": "droid", "rate_limit": true}') $$, 429, 'rate_limit_exceeded',
  'whose sixth call is refused'
);
update public.profiles set current_organization_id = (
  select id from public.organizations where created_by = tests.id('carol') and is_personal
) where id = tests.id('carol');
select isnt(
  pg_temp.begin('carol', '{"model": "droid", "rate_limit": true}') ->> 'turn_id', null, 'elsewhere the person still may'
);

select * from finish();
rollback;
