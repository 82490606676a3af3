begin;
select plan(43);

create function pg_temp.take(claimant text) returns jsonb language sql as $$
  select take_oauth_token(
    jsonb_build_object('user_id', tests.id('eve')), 'google', ('2b000000-0000-4000-8000-00000000000' || claimant)::uuid
  )
$$;
create function pg_temp.finish(claimant text, outcome jsonb) returns jsonb language sql as $$
  select finish_oauth_refresh('mcp_eve', ('2b000000-0000-4000-8000-00000000000' || claimant)::uuid, outcome) -> 'accepted'
$$;
create function pg_temp.token(part text, expires_in numeric, refreshable boolean default true) returns jsonb language sql as $$
  select jsonb_build_object(
    'ciphertext', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA' || part, 'expires_in', expires_in,
    'refreshable', refreshable, 'state', 'refreshed'
  )
$$;
create function pg_temp.store(part text, expires_in numeric, refreshable boolean default true) returns jsonb language sql as $$
  select store_oauth_token(
    jsonb_build_object('user_id', tests.id('eve')), 'google', 'mcp_eve', pg_temp.token(part, expires_in, refreshable)
  ) -> 'stored'
$$;
-- Of a life of an hour, of which so much is left.
create function pg_temp.lapse(seconds numeric) returns void language sql as $$
  update mcp_sessions set
    oauth_issued_at = clock_timestamp() - interval '1 hour', oauth_expires_at = clock_timestamp() + make_interval(secs => seconds)
  where session_id = 'mcp_eve'
$$;
grant execute on all functions in schema pg_temp to service_role;
select tests.act_as_service();

select pg_temp.store('A', 70);
select is(pg_temp.take('1') ->> 'state', 'ready', 'a token with more than 60 seconds is good');
select pg_temp.store('A', null);
select is(pg_temp.take('1') ->> 'state', 'ready', 'and so is one that does not say until when');
select pg_temp.lapse(59);
select is(
  pg_temp.take('1') - 'expires_at' - 'refusals',
  '{
    "state": "claimed", "session_id": "mcp_eve", "ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA",
    "token_endpoint": "https://oauth2.googleapis.com/token", "client_authentication": "post", "resource": null, "scope": null
  }',
  'with less, the first who asks is to refresh it'
);
select is(pg_temp.take('2') ->> 'state', 'busy', 'and the second is to wait');
select cmp_ok((pg_temp.take('2') ->> 'retry_after_ms')::integer, '<=', 30000, 'for half a minute at most');
select is(pg_temp.finish('2', pg_temp.token('X', 3600)), 'false', 'who waits stores nothing');
select is(pg_temp.finish('1', pg_temp.token('B', 3600)), 'true', 'who refreshed does');
select is(pg_temp.take('2') ->> 'ciphertext', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAB', 'and all get the result');
select is(pg_temp.finish('1', pg_temp.token('X', 3600)), 'false', 'a refresh ends once');

-- A refresh that never ended.
select pg_temp.store('A', 20);
select pg_temp.lapse(20);
select is(pg_temp.take('1') ->> 'state', 'claimed', 'a refresh');
update mcp_sessions set oauth_lease_until = clock_timestamp();
select is(pg_temp.take('2') ->> 'state', 'claimed', 'that does not come back is given to another');
select is(pg_temp.finish('1', pg_temp.token('X', 3600)), 'false', 'and then stores nothing any more');
select is(pg_temp.finish('2', pg_temp.token('B', 3600)), 'true', 'but the other one does');

-- The tokens were replaced in the meantime.
select pg_temp.store('A', 20);
select pg_temp.lapse(20);
select is(pg_temp.take('1') ->> 'state', 'claimed', 'a refresh of tokens');
select pg_temp.store('C', 3600);
select is(pg_temp.finish('1', pg_temp.token('X', 3600)), 'false', 'that were replaced stores nothing');
select is(pg_temp.take('2') ->> 'ciphertext', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAC', 'the new ones stay');

-- The provider did not answer.
select pg_temp.store('A', 20);
select pg_temp.lapse(20);
select pg_temp.take('1');
select is(pg_temp.finish('1', '{"state": "failed", "retry_after_ms": 5000}'), 'true', 'a refresh that failed');
select is(pg_temp.take('2') ->> 'state', 'ready', 'leaves a token that is good for some seconds');
update mcp_sessions set oauth_expires_at = clock_timestamp() - interval '1 second';
select is(pg_temp.take('2') ->> 'state', 'resting', 'and one that is not, though no one asks again at once');
update mcp_sessions set oauth_lease_until = clock_timestamp();
select is(pg_temp.take('2') ->> 'state', 'claimed', 'but later');

-- The provider refused.
select is(pg_temp.finish('2', '{"state": "refused"}'), 'true', 'a refresh that is refused');
select is(pg_temp.take('1'), '{"state": "needs_reauth"}', 'asks for a new sign-in');
select results_eq(
  $$ select oauth_status, oauth_data, oauth_refreshable from mcp_sessions $$, $$ values ('needs_reauth', null::jsonb, false) $$,
  'of the tokens nothing is kept'
);
select results_eq(
  $$ select user_id, priority, data ->> 'provider' from notifications where type = 'oauth_needs_reauth' $$,
  $$ values (tests.id('eve'), 'high', 'google') $$, 'the person is told, once'
);

select pg_temp.store('A', 4, false);
select is(pg_temp.take('1') ->> 'state', 'ready', 'without a refresh token one is good to its end');
update mcp_sessions set oauth_expires_at = clock_timestamp();
select is(pg_temp.take('1') ->> 'state', 'needs_reauth', 'and asks for a sign-in then');

-- A short life is used up to its half.
select pg_temp.store('A', 40);
select is(pg_temp.take('1') ->> 'state', 'ready', 'a token that lives 40 seconds is good');
update mcp_sessions set oauth_issued_at = oauth_issued_at - interval '21 seconds', oauth_expires_at = oauth_expires_at - interval '21 seconds';
select is(pg_temp.take('1') ->> 'state', 'claimed', 'until half of them have ended');
create temporary table waiter as select pg_temp.take('2') ->> 'asked_at' as since;
grant select on waiter to service_role;
select pg_temp.finish('1', pg_temp.token('B', 0.001));
select is(
  take_oauth_token(
    jsonb_build_object('user_id', tests.id('eve')), 'google', gen_random_uuid(), jsonb_build_object('since', waiter.since)
  ) ->> 'state',
  'ready', 'one who waited takes what was refreshed since, however short it lives'
) from waiter;
select is(pg_temp.take('2') ->> 'state', 'claimed', 'one who comes later does not');

-- A token that the provider's API refused.
select pg_temp.store('A', 3600);
select is(
  take_oauth_token(
    jsonb_build_object('user_id', tests.id('eve')), 'google', gen_random_uuid(),
    jsonb_build_object('rejected', pg_temp.token(part, 1) -> 'ciphertext')
  ) ->> 'state',
  state, title
)
from (values ('X', 'ready', 'another than the stored one is not refreshed'), ('A', 'claimed', 'the stored one is')) as cases (part, state, title);

-- What an answer says of its lifetime, or not.
select is(
  private.oauth_lifetime(provider, seconds, known, true), lifetime, format('%s seconds of %s', coalesce(seconds::text, 'no'), provider)
)
from (
  values
    ('google', 60::double precision, interval '1 hour', interval '1 minute'),
    ('google', 9223372036854775, null, interval '87600 hours'),
    ('google', null, null, null),
    ('google', null, interval '1 hour', interval '1 hour'),
    ('google', 0, null, interval '0'),
    ('google', -1, interval '1 hour', interval '1 hour'),
    ('salesforce', null, null, interval '2 hours')
) as cases (provider, seconds, known, lifetime);

-- A provider that refuses for a day, without saying that the refresh token is what it refuses.
select pg_temp.store('A', 3600);
select pg_temp.lapse(3);
select pg_temp.take('1');
select pg_temp.finish('1', '{"state": "failed", "retry_after_ms": 0, "is_refusal": true}');
select is(pg_temp.take('1') ->> 'state', 'claimed', 'a refusal is tried again');
update mcp_sessions set oauth_failing_since = oauth_failing_since - interval '23 hours 59 minutes';
select pg_temp.finish('1', '{"state": "failed", "retry_after_ms": 0, "is_refusal": true}');
select is(pg_temp.take('1') ->> 'state', 'claimed', 'within a day');
update mcp_sessions set oauth_failing_since = oauth_failing_since - interval '1 minute';
select pg_temp.finish('1', '{"state": "failed", "retry_after_ms": 0, "is_refusal": false}');
select is(pg_temp.take('1') ->> 'state', 'claimed', 'an outage ends nothing');
select pg_temp.finish('1', '{"state": "failed", "retry_after_ms": 0, "is_refusal": true}');
select is(pg_temp.take('1') ->> 'state', 'needs_reauth', 'and asks for a new sign-in after it');

select * from finish();
rollback;
