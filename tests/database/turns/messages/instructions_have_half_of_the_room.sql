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
    (
      select private.messages_for_model(
        sessions.id, null,
        private.place_of_turn(sessions, private.read_messages('[{"role": "user", "content": "new"}]'), null), null
      )
      from public.chat_sessions sessions where sessions.id = '90000000-0000-4000-8000-000000000001'
    )
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
  array['developer: the latest rule', 'user: first question', 'assistant: first answer', 'user: new'],
  'and the conversation beside them'
);
select is(
  private.new_instructions(
    '90000000-0000-4000-8000-000000000001', '{(,)}', '[{"role": "system", "content": "the only rule"}]'
  ),
  '[{"role": "system", "content": "the only rule"}]', 'others replace them'
);
insert into public.ai_interactions (id, title, user_id, organization_id)
values ('b0000000-0000-4000-8000-000000000001', 'turn', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, interaction_id, role, content)
values ('90000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000001', 'system', 'the only rule');
select is(
  private.new_instructions(
    '90000000-0000-4000-8000-000000000001', '{(,)}', '[{"role": "developer", "content": "the only rule"}]'
  ),
  '[]', 'and are recognised when they are sent again'
);

select pg_temp.say('user', repeat('x', 1000000)), pg_temp.say('assistant', repeat('y', 1000000))
from generate_series(1, 30);
select cmp_ok(
  (select sum(octet_length(content)) from pg_temp.said()), '<', 20971520::bigint, 'nor with messages that compress well'
);

select * from finish();
rollback;
