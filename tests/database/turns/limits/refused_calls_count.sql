begin;
select plan(6);

update public.plans set requests_per_minute = 100, user_requests_per_minute = 3 where id = 'starter';
create function pg_temp.begin()
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"model": "droid", "rate_limit": true, "messages": [{"role": "user", "content": "hi"}]}'
  )
$$;
create function pg_temp.refused()
returns jsonb
language sql
as $$ select public.count_refused_call(jsonb_build_object('user_id', tests.id('eve')), 'chat') $$;
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 0.0000001 from public.profiles where id = tests.id('eve');

select tests.refused('select pg_temp.begin()', 402, 'budget_exceeded', 'a refused call');
select is(pg_temp.refused() -> 'rate_limit' @> '{"limit": 3, "remaining": 2}', true, 'is counted for the person');
select is_empty($$ select from private.rate_limits where key like 'organization:%' $$, 'and not for others of the organization');
select pg_temp.refused(), pg_temp.refused();
select tests.refused('select pg_temp.refused()', 429, 'rate_limit_exceeded', 'until there is no room');
select tests.refused('select pg_temp.begin()', 429, 'rate_limit_exceeded', 'then a call is refused before its work');
select is((select count(*) from public.chat_sessions where user_id = tests.id('eve')), 0::bigint, 'and leaves nothing');

select * from finish();
rollback;
