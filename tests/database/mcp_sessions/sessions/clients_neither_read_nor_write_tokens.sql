begin;
select plan(5);

select tests.act_as('eve');
insert into public.mcp_sessions (mcp_state) values ('{"server": "x"}');

select tests.denied('select oauth_data from public.mcp_sessions', 'they do not read them');
select tests.denied('select * from public.mcp_sessions', 'not with all columns either');
select tests.denied('update public.mcp_sessions set oauth_data = null', 'nor write them');
select tests.denied(
  $$
    insert into public.mcp_sessions (oauth_data)
    values ('{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}')
  $$,
  'nor add them'
);
select results_eq(
  'select user_id, mcp_state, expires_at - created_at from public.mcp_sessions',
  $$ values (tests.id('eve'), '{"server": "x"}'::jsonb, interval '24 hours') $$,
  'the rest of the session is theirs, and lasts a day'
);

select * from finish();
rollback;
