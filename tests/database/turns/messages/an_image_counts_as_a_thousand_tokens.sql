begin;
select plan(7);

create function pg_temp.asked(url text, kind text default 'image_url')
returns jsonb
language sql
as $$
  select jsonb_build_object('role', 'user', 'content', jsonb_build_array(
    jsonb_build_object('type', 'text', 'text', 'What is this?'),
    jsonb_build_object('type', kind, kind, jsonb_build_object('url', url))
  ))
$$;
create function pg_temp.image(bytes integer)
returns text
language sql
as $$ select rpad('data:image/png;base64,', bytes, 'A') $$;

select is(
  private.message_tokens(pg_temp.asked(pg_temp.image(1200000))),
  private.message_tokens(pg_temp.asked('')),
  'an image of a megabyte counts like one of no bytes'
);
select is(
  private.message_tokens(pg_temp.asked(pg_temp.image(1200000))),
  private.message_tokens(pg_temp.asked('https://example.com/cat.png')),
  'and like one that is an address'
);
select cmp_ok(
  private.message_tokens(jsonb_build_array(pg_temp.asked(pg_temp.image(1200000)), pg_temp.asked(pg_temp.image(5000)))),
  '>', 2048::bigint, 'each of many counts'
);
select is(
  private.message_tokens(pg_temp.asked(pg_temp.image(9000), 'file')),
  ceil(octet_length(pg_temp.asked(pg_temp.image(9000), 'file')::text) / 4.0)::bigint,
  'what is no image counts as it is'
);
select is(
  private.message_tokens(jsonb_build_object('content', pg_temp.image(9000))), 2254::bigint, 'a text that looks like one is a text'
);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content, content_parts) values
  ('90000000-0000-4000-8000-000000000001', 'user', 'What is this?', pg_temp.asked(pg_temp.image(1200000)) -> 'content'),
  ('90000000-0000-4000-8000-000000000001', 'assistant', 'A cat.', null);
select is(
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000001', 2000, false)), 2,
  'a conversation about one goes on'
);
select is(
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000001', 1000, false)), 0,
  'unless there is no room for a thousand tokens'
);
select * from finish();
rollback;
