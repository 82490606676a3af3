begin;
select plan(6);

insert into public.mcp_sessions (session_id, user_id) values ('mcp_eve', tests.id('eve')), ('mcp_bob', tests.id('bob'));

select tests.act_as('eve');
select results_eq('select session_id from public.mcp_sessions', $$ values ('mcp_eve') $$, 'a person sees the own');
select tests.denied(
  $$ insert into public.mcp_sessions (user_id) values (tests.id('bob')) $$, 'and begins none for another'
);
select tests.changes(
  $$ update public.mcp_sessions set mcp_state = '{"a": 1}' where session_id = 'mcp_eve' $$, 1, 'and changes the own'
);
select tests.changes(
  $$ update public.mcp_sessions set mcp_state = '{"a": 1}' where session_id = 'mcp_bob' $$, 0, 'and no other'
);
select tests.changes($$ delete from public.mcp_sessions where session_id = 'mcp_bob' $$, 0, 'and ends no other');
select tests.changes($$ delete from public.mcp_sessions where session_id = 'mcp_eve' $$, 1, 'but the own');

select * from finish();
rollback;
