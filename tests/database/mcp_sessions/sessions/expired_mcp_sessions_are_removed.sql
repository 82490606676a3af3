begin;
select plan(5);

insert into public.mcp_sessions (session_id, user_id, created_at, expires_at)
select 'mcp_' || number, tests.id('eve'), now() - interval '2 days', now() - interval '1 microsecond' - number * interval '1 hour'
from generate_series(0, 3) as number;
insert into public.mcp_sessions (session_id, user_id) values ('mcp_open', tests.id('eve'));
insert into public.mcp_sessions (
  session_id, user_id, created_at, expires_at, oauth_provider, oauth_status, oauth_data, oauth_refreshable
) values (
  'mcp_google', tests.id('bob'), now() - interval '2 days', now() - interval '1 microsecond', 'google', 'connected',
  '{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}', true
);

select tests.act_as_service();
select is(expire_mcp_sessions(3), 3, 'as many as were asked for, the oldest first');
select set_eq(
  'select session_id from mcp_sessions', $$ values ('mcp_0'), ('mcp_google'), ('mcp_open') $$, 'the others wait'
);
select is(expire_mcp_sessions(), 2, 'then the rest');
select set_eq('select session_id from mcp_sessions', $$ values ('mcp_open') $$, 'what is not over stays');
select results_eq(
  $$ select user_id, type, data ->> 'provider' from notifications where type like 'oauth%' $$,
  $$ values (tests.id('bob'), 'oauth_connection_expired', 'google') $$,
  'only a lost connection is told'
);

select * from finish();
rollback;
