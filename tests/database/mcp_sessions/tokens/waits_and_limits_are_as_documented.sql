begin;
select plan(7);

create function pg_temp.take() returns jsonb language sql as $$
  select take_oauth_token(
    jsonb_build_object('user_id', tests.id('eve')), 'google', '2b000000-0000-4000-8000-000000000001'
  )
$$;
create function pg_temp.store(expires_in numeric) returns jsonb language sql as $$
  select store_oauth_token(
    jsonb_build_object('user_id', tests.id('eve')), 'google', 'mcp_eve',
    jsonb_build_object(
      'ciphertext', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'expires_in', expires_in, 'refreshable', true
    )
  )
$$;
create function pg_temp.fail(retry_after_ms integer) returns jsonb language sql as $$
  select finish_oauth_refresh(
    'mcp_eve', '2b000000-0000-4000-8000-000000000001',
    jsonb_build_object('state', 'failed', 'retry_after_ms', retry_after_ms)
  )
$$;

select pg_temp.store(30);
-- Of a life of an hour.
update public.mcp_sessions set oauth_issued_at = oauth_issued_at - interval '1 hour' where session_id = 'mcp_eve';
select is(pg_temp.take() ->> 'state', 'claimed', 'a refresh is under way');
select pg_temp.fail(3600000);
select results_eq(
  $$
    select oauth_lease_until - clock_timestamp() between interval '59 seconds' and interval '1 minute'
    from public.mcp_sessions where session_id = 'mcp_eve'
  $$,
  'values (true)',
  'one that failed is tried again after a minute at most'
);
update public.mcp_sessions set oauth_expires_at = clock_timestamp() + interval '5.8 seconds';
select is(pg_temp.take() ->> 'state', 'ready', 'until then a token with more than five seconds left is given');
update public.mcp_sessions set oauth_expires_at = clock_timestamp() + interval '4.9 seconds';
select is(pg_temp.take() ->> 'state', 'resting', 'and one with less is not');

select pg_temp.store(3600);
update private.rate_limits set empty_at = clock_timestamp() - interval '1 second';
select is(pg_temp.take() ->> 'state', 'ready', 'a person''s tokens are taken');
update private.rate_limits set empty_at = clock_timestamp() + interval '1 minute'
where key = 'oauth_tokens:' || tests.id('eve');
select is((select count(*) from private.rate_limits where key = 'oauth_tokens:' || tests.id('eve')), 1::bigint, 'and counted');
select throws_ok(
  'select pg_temp.take()', 'PT429', 'The limit of 300 requests a minute is reached.', '300 times a minute at most'
);

select * from finish();
rollback;
