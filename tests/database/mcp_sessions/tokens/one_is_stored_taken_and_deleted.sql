begin;
select plan(24);

create function pg_temp.caller(name text) returns jsonb language sql as $$ select jsonb_build_object('user_id', tests.id(name)) $$;
create function pg_temp.token(part text, expires_in numeric default 3600) returns jsonb language sql as $$
  select jsonb_build_object('ciphertext', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAA' || part, 'expires_in', expires_in, 'refreshable', true)
$$;
grant execute on all functions in schema pg_temp to service_role;

select tests.act_as_service();
select is(
  find_oauth_session(pg_temp.caller('eve'), 'google'),
  '{"session_id": null, "ciphertext": null, "account_fields": ["id_token.sub"]}',
  'no one has a session with a provider at first'
);
select tests.refused(
  $$ select find_oauth_session(pg_temp.caller('eve'), 'nobody') $$, 404, 'oauth_provider_not_found', 'nor has anybody with no provider'
);
select tests.refused(
  $$ select take_oauth_token(pg_temp.caller('eve'), 'google', gen_random_uuid()) $$, 404, 'oauth_token_not_found', 'or a token'
);
select results_eq(
  $$
    select stored -> 'stored', (stored ->> 'expires_at')::timestamptz - now()
    from store_oauth_token(pg_temp.caller('eve'), 'google', 'mcp_eve', pg_temp.token('A')) as stored
  $$,
  $$ values ('true'::jsonb, interval '1 hour') $$,
  'tokens make a session'
);
select is(find_oauth_session(pg_temp.caller('eve'), 'google') ->> 'session_id', 'mcp_eve', 'which is found again');
select is(
  store_oauth_token(pg_temp.caller('eve'), 'google', 'mcp_other', pg_temp.token('B')) -> 'stored', 'false',
  'there is no second one for the provider'
);
select is(
  take_oauth_token(pg_temp.caller('eve'), 'google', gen_random_uuid()) - 'expires_at',
  '{"state": "ready", "session_id": "mcp_eve", "ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}',
  'what was stored is taken'
);
select lives_ok(
  $$ select store_oauth_token(pg_temp.caller('eve'), 'google', 'mcp_eve', pg_temp.token('C')) $$, 'new tokens'
);
select is(
  take_oauth_token(pg_temp.caller('eve'), 'google', gen_random_uuid()) ->> 'ciphertext',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAC', 'replace those before'
);
select results_eq(
  $$ select expires_at - now(), oauth_status from mcp_sessions where session_id = 'mcp_eve' $$,
  $$ values (interval '90 days', 'connected') $$, 'a connection lasts for 90 days'
);
update mcp_sessions set expires_at = now() + interval '88 days' where session_id = 'mcp_eve';
select is(
  take_oauth_token(pg_temp.caller('eve'), 'google', gen_random_uuid()) ->> 'state', 'ready', 'and each use'
);
select is(expires_at - now(), interval '90 days', 'makes it last longer') from mcp_sessions where session_id = 'mcp_eve';

select tests.refused(
  format('select take_oauth_token(pg_temp.caller(%L), %L, gen_random_uuid())', person, provider), 404, 'oauth_token_not_found', title
)
from (values ('bob', 'google', 'others do not get it'), ('eve', 'github', 'nor does anybody for another provider')) as wrong (person, provider, title);
select is(
  list_oauth_tokens(pg_temp.caller('eve')) @> '[{"provider": "google", "name": "Google", "status": "connected", "session_id": "mcp_eve", "refreshable": true}, {"provider": "github", "status": "not_connected"}]',
  true, 'all providers are listed with how they are'
);
select is(list_oauth_tokens(pg_temp.caller('eve'))::text ~ 'v1:k1', false, 'without ciphertext');
select is(list_oauth_tokens(pg_temp.caller('bob')) @> '[{"status": "connected"}]', false, 'to each person the own');
select is(delete_oauth_token(pg_temp.caller('bob'), 'google'), null, 'others delete nothing');

update mcp_sessions set created_at = now() - interval '1 day', expires_at = now() where session_id = 'mcp_eve';
select tests.refused(
  $$ select take_oauth_token(pg_temp.caller('eve'), 'google', gen_random_uuid()) $$, 404, 'oauth_token_not_found', 'a session that has ended has no tokens'
);
select is(
  store_oauth_token(pg_temp.caller('eve'), 'google', 'mcp_eve', pg_temp.token('D')) -> 'stored', 'true', 'until new ones come'
);
select is(
  store_oauth_token(pg_temp.caller('eve'), 'google', 'mcp_eve', pg_temp.token('E') || '{"in_place_of": null}') -> 'stored', 'false',
  'those in place of others only where these are stored'
);
select is(
  store_oauth_token(
    pg_temp.caller('eve'), 'google', 'mcp_eve',
    pg_temp.token('E') || jsonb_build_object('in_place_of', pg_temp.token('D') -> 'ciphertext')
  ) -> 'stored', 'true', 'as they are'
);
select is(
  delete_oauth_token(pg_temp.caller('eve'), 'google'),
  jsonb_build_object(
    'session_id', 'mcp_eve', 'ciphertext', pg_temp.token('E') -> 'ciphertext',
    'revocation_endpoint', 'https://oauth2.googleapis.com/revoke', 'revocation_style', 'form',
    'client_authentication', 'post', 'token_endpoint', 'https://oauth2.googleapis.com/token',
    'resource', null, 'scope', null, 'refusals', private.oauth_refusals()
  ),
  'the owner deletes them, and gets what revokes them'
);
select is_empty('select from mcp_sessions', 'and the session');

select * from finish();
rollback;
