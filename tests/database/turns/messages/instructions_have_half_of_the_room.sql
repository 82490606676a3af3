-- Anybody writes instructions into a session of their own, and each later turn reads them all: they
-- may not have more than a request may have, however well they are compressed where they are stored.
begin;
select plan(7);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));

create function pg_temp.say(role text, content text)
returns void
language sql
as $$
  insert into public.chat_messages (session_id, role, content) values ('90000000-0000-4000-8000-000000000001', role, content)
$$;

create function pg_temp.said()
returns table (role text, content text)
language sql
as $$
  select message.value ->> 'role', message.value ->> 'content'
  from jsonb_array_elements(
    private.messages_for_model('90000000-0000-4000-8000-000000000001', null, '[{"role": "user", "content": "new"}]', null)
  ) with ordinality as message
  order by message.ordinality
$$;

select pg_temp.say('user', 'first question');
select pg_temp.say('assistant', 'first answer');
select pg_temp.say('system', number || repeat('x', 1000000)) from generate_series(1, 30) as number;
select pg_temp.say('developer', 'the latest rule');

select cmp_ok(
  (select sum(octet_length(content)) from pg_temp.said()), '<', 20971520::bigint, 'a model is sent no more than a request may have'
);
select is(
  (select count(*) from pg_temp.said() where role = 'system'), 10::bigint, 'the latest ten of thirty megabytes of instructions'
);
select ok(
  exists (select from pg_temp.said() where content = '30' || repeat('x', 1000000))
    and not exists (select from pg_temp.said() where content = '20' || repeat('x', 1000000)),
  'which are the latest'
);
select is(
  (select array_agg(role || ': ' || content) from pg_temp.said() where char_length(content) < 100),
  array['user: first question', 'assistant: first answer', 'developer: the latest rule', 'user: new'],
  'and the conversation beside them'
);
select cmp_ok(
  pg_column_size(private.new_messages(
    '90000000-0000-4000-8000-000000000001', '[{"role": "developer", "content": "the latest rule"}, {"role": "user", "content": "new"}]'
  )),
  '<', 1000, 'an instruction that is said again is recognised by those that are in force'
);
select is(
  private.new_messages('90000000-0000-4000-8000-000000000001', '[{"role": "developer", "content": "the latest rule"}, {"role": "user", "content": "new"}]'),
  '[{"role": "user", "content": "new"}]', 'and left out'
);

select pg_temp.say('user', repeat('x', 1000000)), pg_temp.say('assistant', repeat('y', 1000000))
from generate_series(1, 30);
select cmp_ok(
  (select sum(octet_length(content)) from pg_temp.said()), '<', 20971520::bigint, 'nor with messages that compress well'
);

select * from finish();
rollback;
