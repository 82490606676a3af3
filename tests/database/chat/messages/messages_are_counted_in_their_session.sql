begin;
select plan(8);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme')),
  ('90000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'));

create function pg_temp.counts()
returns integer[]
language sql
as $$ select array_agg(message_count order by id) from public.chat_sessions $$;

insert into public.chat_messages (session_id, role, content)
values ('90000000-0000-4000-8000-000000000001', 'user', 'a');
select is(pg_temp.counts(), array[1, 0], 'one message');

insert into public.chat_messages (session_id, role, content)
select format('90000000-0000-4000-8000-00000000000%s', 1 + n % 2)::uuid, 'user', n::text
from generate_series(1, 7) as n;
select is(pg_temp.counts(), array[4, 4], 'seven at once, in two sessions');

delete from public.chat_messages where content in ('1', '2', '3');
select is(pg_temp.counts(), array[3, 2], 'three deleted');

insert into public.chat_messages (session_id, role, content)
select id, 'user', 'none' from public.chat_sessions where false;
update public.chat_messages set content = 'changed';
delete from public.chat_messages where content = 'nothing';
select is(pg_temp.counts(), array[3, 2], 'nothing added, changed or deleted counts nothing');

-- A turn counts its own, and only those.
select private.store_messages(
  '90000000-0000-4000-8000-000000000001', null, '[{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]'
);
select is(pg_temp.counts(), array[5, 2], 'two of a turn');
select throws_ok(
  $$ select private.store_messages('90000000-0000-4000-8000-000000000001', null, '[{"role": "none", "content": "x"}]') $$,
  '23514', null, 'one that is refused'
);
insert into public.chat_messages (session_id, role, content)
values ('90000000-0000-4000-8000-000000000002', 'user', 'b');
select is(pg_temp.counts(), array[5, 3], 'what a client adds after it');

select is(
  (select array_agg(message_count = (select count(*) from public.chat_messages where session_id = sessions.id))
   from public.chat_sessions sessions),
  array[true, true], 'the counts are those of the rows'
);

select * from finish();
rollback;
