begin;
select plan(10);

insert into public.mcp_sessions (session_id, user_id) values ('mcp_1', tests.id('eve'));

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
select tests.changes(
  $$ update public.mcp_sessions set oauth_data = null where session_id = 'mcp_1' $$, 1, 'and so is nothing'
);

select * from finish();
rollback;
