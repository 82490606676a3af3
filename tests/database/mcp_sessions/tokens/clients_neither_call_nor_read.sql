begin;
select plan(13);

insert into public.mcp_sessions (session_id, user_id, oauth_provider, oauth_status, oauth_data, oauth_refreshable) values (
  'mcp_eve', tests.id('eve'), 'google', 'connected', '{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}', true
);

select tests.act_as('eve');
select tests.denied(call, call)
from unnest(array[
  $$ select take_oauth_token(jsonb_build_object('user_id', tests.id('eve')), 'google', gen_random_uuid()) $$,
  $$ select store_oauth_token(jsonb_build_object('user_id', tests.id('eve')), 'google', 'mcp_eve', '{}') $$,
  $$ select finish_oauth_refresh('mcp_eve', gen_random_uuid(), '{}') $$,
  $$ select give_up_oauth_token('mcp_eve', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA') $$,
  $$ select list_oauth_tokens(jsonb_build_object('user_id', tests.id('bob'))) $$,
  $$ select delete_oauth_token(jsonb_build_object('user_id', tests.id('bob')), 'google') $$,
  $$ select expire_mcp_sessions() $$,
  $$ select oauth_lease from mcp_sessions $$,
  $$ update mcp_sessions set oauth_status = 'needs_reauth' $$,
  $$ update mcp_sessions set oauth_expires_at = now() $$,
  $$ insert into mcp_sessions (oauth_provider) values ('google') $$
]) as call;
select results_eq(
  'select oauth_provider, oauth_status from mcp_sessions', $$ values ('google', 'connected') $$,
  'how a connection does is its person''s to see'
);

select tests.reset();
update public.profiles set status = 'suspended' where id = tests.id('eve');
select tests.act_as_service();
select tests.refused(
  $$ select take_oauth_token(jsonb_build_object('user_id', tests.id('eve')), 'google', gen_random_uuid()) $$,
  403, 'account_not_active', 'an account that is suspended gets no token'
);

select * from finish();
rollback;
