begin;
select plan(7);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('carol'), tests.id('acme'));

select tests.act_as('carol');
select lives_ok(
  $$
    insert into public.chat_messages (session_id, role, content)
    values ('90000000-0000-4000-8000-000000000001', 'user', 'hello')
  $$,
  'a person writes into the own session'
);
select tests.denied($$ update public.chat_messages set content = 'x' $$, 'and rewrites nothing');
select tests.denied('delete from public.chat_messages', 'and takes nothing back');
select tests.denied(
  $$
    insert into public.chat_messages (session_id, role, content, status)
    values ('90000000-0000-4000-8000-000000000001', 'user', 'hello', 'error')
  $$,
  'and says nothing of how it went'
);
select is((select message_count from public.chat_sessions), 1, 'the session counts it');

select tests.reset();
update public.organization_members set role = 'viewer'
where organization_id = tests.id('acme') and user_id = tests.id('carol');
select tests.act_as('carol');
select tests.denied(
  $$
    insert into public.chat_messages (session_id, role, content)
    values ('90000000-0000-4000-8000-000000000001', 'user', 'more')
  $$,
  'a viewer writes no more, not even there'
);
select is((select count(*) from public.chat_messages), 1::bigint, 'but reads');

select * from finish();
rollback;
