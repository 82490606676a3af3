begin;
select plan(6);

-- Stored as it comes, so that a test knows how large it is.
alter table public.chat_messages alter column content_parts set storage external;

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));

create function pg_temp.say(role text, content text, megabytes integer default 0)
returns void
language sql
as $$
  insert into public.chat_messages (session_id, role, content, content_parts)
  values (
    '90000000-0000-4000-8000-000000000001', role, content,
    case when megabytes > 0 then jsonb_build_array(
      jsonb_build_object('type', 'text', 'text', content),
      jsonb_build_object(
        'type', 'image_url', 'image_url',
        jsonb_build_object('url', rpad('data:image/png;base64,', megabytes * 1000000, 'A'))
      )
    ) end
  )
$$;

create function pg_temp.kept(keep_last boolean default false)
returns text
language sql
as $$
  select string_agg(
    coalesce(message.value -> 'content' -> 0 ->> 'text', message.value ->> 'content'), ' ' order by message.ordinality
  )
  from jsonb_array_elements(
    private.recent_history('90000000-0000-4000-8000-000000000001', null, keep_last)
  ) with ordinality as message
$$;

select pg_temp.say('assistant', 'greeting');
select pg_temp.say('system', 'rule');
select pg_temp.say('user', 'q1', 8);
select pg_temp.say('assistant', 'a1');
select pg_temp.say('user', 'q2', 8);
select pg_temp.say('assistant', 'a2');
select is(pg_temp.kept(), 'rule greeting q1 a1 q2 a2', 'what has less is given whole');

select pg_temp.say('user', 'q3', 8);
select pg_temp.say('assistant', 'a3');
select is(pg_temp.kept(), 'rule q2 a2 q3 a3', 'of what has more the latest exchanges, and the instructions');

select pg_temp.say('user', 'q4', 21);
select pg_temp.say('assistant', 'a4');
select is(pg_temp.kept(), 'rule', 'one that is too large takes the older ones along');
select is(pg_temp.kept(true), 'rule q4 a4', 'and stays where it is asked for');

select pg_temp.say('user', 'q5');
select is(pg_temp.kept(), 'rule q5', 'whatever follows it is given');
select is(
  jsonb_array_length(private.messages_for_model(
    '90000000-0000-4000-8000-000000000001', null,
    private.place_of_turn(
      sessions,
      private.read_messages(jsonb_build_array(jsonb_build_object('role', 'user', 'content', repeat('x', 20971520)))),
      null
    ),
    null
  )),
  2, 'what is said now takes of the room'
)
from public.chat_sessions sessions where id = '90000000-0000-4000-8000-000000000001';

select * from finish();
rollback;
