begin;
select plan(4);

insert into public.chat_sessions (id, session_id, user_id, org_id, title)
select ('90000000-0000-4000-8000-00000000000' || n)::uuid, 'growth-history-' || n, tests.id('alice'), tests.id('acme'), 'h'
from generate_series(1, 2) n;
alter table public.chat_messages disable trigger user;
insert into public.chat_messages (session_id, role, content) values
  ('90000000-0000-4000-8000-000000000001', 'system', 'Be brief.'),
  ('90000000-0000-4000-8000-000000000002', 'system', 'Be brief.');
insert into public.chat_messages (session_id, role, content)
select '90000000-0000-4000-8000-000000000001', case when n % 2 = 0 then 'assistant' else 'user' end, repeat('word ', 40)
from generate_series(1, 200) n;
insert into public.chat_messages (session_id, role, content)
select '90000000-0000-4000-8000-000000000002', case when n % 2 = 0 then 'assistant' else 'user' end, repeat('word ', 40)
from generate_series(1, 10000) n;
alter table public.chat_messages enable trigger user;
analyze public.chat_messages;

create function pg_temp.history(session integer)
returns text
language sql
as $$ select format(
  'select private.recent_history(''90000000-0000-4000-8000-00000000000%s'', 4000, false)', session
) $$;

select tests.costs_no_more(
  tests.buffers(pg_temp.history(2), 2), tests.buffers(pg_temp.history(1), 2),
  'the latest of 10,000 messages are found without the others'
);
select is(
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000002', 4000, false)),
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000001', 4000, false)),
  'as many as of 200'
);
select is(
  private.recent_history('90000000-0000-4000-8000-000000000002', 4000, false) -> 0 ->> 'content', 'Be brief.',
  'with the instruction at their beginning'
);
select tests.costs_no_more(
  tests.buffers($$ select private.new_instructions('90000000-0000-4000-8000-000000000002', '{(,)}', '[{"role": "system", "content": "Be brief."}]') $$, 2),
  tests.buffers($$ select private.new_instructions('90000000-0000-4000-8000-000000000001', '{(,)}', '[{"role": "system", "content": "Be brief."}]') $$, 2),
  'instructions that are brought again are compared without them, too'
);

select * from finish();
rollback;
