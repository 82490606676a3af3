begin;
select plan(8);

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
select tests.refused(
  $$ insert into public.mcp_sessions (session_id) values ('fifteen_letters') $$, 400, 'session_id_too_short', 'nor takes a name that others may use'
);
select tests.changes($$ insert into public.mcp_sessions (session_id) values ('sixteen_letters_') $$, 1, 'long names of its own it may');
select tests.changes($$ delete from public.mcp_sessions where session_id = 'mcp_bob' $$, 0, 'and ends no other');
select tests.changes($$ delete from public.mcp_sessions where session_id = 'mcp_eve' $$, 1, 'but the own');

select * from finish();
rollback;
