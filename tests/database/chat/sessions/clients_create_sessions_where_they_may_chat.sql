begin;
select plan(12);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'Alice''s', tests.id('alice'));
insert into public.models (id, agent_id, name) values
  ('21000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'm');

select tests.act_as('dave');
select tests.denied(
  $$ insert into public.chat_sessions (org_id) values (tests.id('acme')) $$, 'a viewer begins none in the organization'
);
select tests.denied(
  $$ insert into public.chat_sessions (user_id) values (tests.id('alice')) $$, 'none is begun for another user'
);
select tests.denied(
  $$ insert into public.chat_sessions (agent_id) values ('20000000-0000-4000-8000-000000000001') $$,
  'nor with an agent out of sight'
);
select tests.denied(
  $$ insert into public.chat_sessions (model_id) values ('21000000-0000-4000-8000-000000000001') $$,
  'nor with a model out of sight'
);
select tests.denied($$ insert into public.chat_sessions (message_count) values (5) $$, 'nor with a count of choice');
select tests.denied($$ insert into public.chat_sessions (status) values ('ended') $$, 'nor in a state of choice');

select tests.act_as('carol');
select lives_ok(
  $$ insert into public.chat_sessions (org_id, title) values (tests.id('acme'), 'x') $$, 'a member begins one there'
);
select tests.denied('update public.chat_sessions set message_count = 5', 'and writes no count');
select tests.denied('update public.chat_sessions set last_activity_at = now()', 'and no activity');
select tests.denied('update public.chat_sessions set org_id = private.my_organization()', 'and lets no one else pay');
select tests.denied('update public.chat_sessions set session_id = session_id || ''x''', 'and keeps its name');
select tests.changes(
  $$ update public.chat_sessions set title = 'y', metadata = '{"a": 1}' $$, 1, 'but gives it a title'
);

select * from finish();
rollback;
