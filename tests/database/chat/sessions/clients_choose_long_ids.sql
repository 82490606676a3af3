begin;
select plan(5);

select tests.act_as('eve');
select tests.refused(
  format('insert into public.%I (session_id) values (''abc123'')', name), 400, 'session_id_too_short',
  'a short id of a client is refused by ' || name
)
from (values ('chat_sessions'), ('agent_sessions')) as tables (name);
select tests.changes(
  $$ insert into public.chat_sessions (session_id) values ('chosen-by-client') $$, 1, 'one of 16 characters is taken'
);
select tests.changes($$ insert into public.chat_sessions (title) values ('x') $$, 1, 'none has to be chosen');
select tests.act_as_service();
select tests.changes(
  format('insert into public.agent_sessions (session_id, user_id, channel) values (''abc123'', %L, ''chat'')', tests.id('eve')), 1,
  'the backend chooses any'
);

select * from finish();
rollback;
