begin;
select plan(11);

insert into public.mcp_sessions (session_id, user_id, oauth_provider, oauth_status, oauth_data, oauth_refreshable) values (
  'mcp_1', tests.id('eve'), 'google', 'connected', '{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAB"}', true
);

select tests.breaks(
  format('update public.mcp_sessions set oauth_data = %L where session_id = ''mcp_1''', data),
  'oauth_data_is_ciphertext', data || ' is refused'
)
from unnest(array[
  '{"access_token": "ya29.secret"}',
  '{}',
  'null',
  '[]',
  '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"',
  '{"ciphertext": null}',
  '{"ciphertext": "ya29.secret"}',
  '{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA", "access_token": "ya29.secret"}'
]) as data;

select tests.changes(
  $$
    update public.mcp_sessions
    set oauth_data = '{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}' where session_id = 'mcp_1'
  $$,
  1, 'a ciphertext is taken'
);
select tests.breaks(
  $$ update public.mcp_sessions set oauth_data = null where session_id = 'mcp_1' $$,
  'oauth_columns_belong_together', 'tokens that are gone are not called connected'
);
select tests.changes(
  $$ update public.mcp_sessions set oauth_data = null, oauth_status = 'needs_reauth' where session_id = 'mcp_1' $$, 1,
  'but waited for'
);

select * from finish();
rollback;
