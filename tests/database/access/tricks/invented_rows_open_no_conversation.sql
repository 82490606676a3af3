-- conversation_history() takes a whole row, and a caller may make one up.
begin;
select plan(3);

insert into public.chat_sessions (id, user_id, org_id)
values ('00000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content)
values ('00000000-0000-4000-8000-000000000001', 'user', 'Between us');

create function pg_temp.made_up_session()
returns public.chat_sessions
language sql
as $$
  select jsonb_populate_record(null::public.chat_sessions, jsonb_build_object(
    'id', '00000000-0000-4000-8000-000000000001', 'user_id', auth.uid(), 'org_id', tests.id('acme')
  ))
$$;
grant execute on function pg_temp.made_up_session() to authenticated;

select tests.act_as('alice');
select is(
  conversation_history(pg_temp.made_up_session()), '[{"role": "user", "content": "Between us"}]',
  'the row stands for the session of its id'
);
select tests.act_as('bob');
select is(conversation_history(pg_temp.made_up_session()), '[]', 'a colleague reads nothing with it');
select tests.act_as('eve');
select is(conversation_history(pg_temp.made_up_session()), '[]', 'nor does a stranger');

select * from finish();
rollback;
