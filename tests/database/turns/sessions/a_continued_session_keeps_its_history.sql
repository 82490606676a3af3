begin;
select plan(3);

create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create temporary table answers as
select pg_temp.begin('eve', '{"model": "gpt-4o", "messages": [{"role": "user", "content": "My name is Eve."}]}') as turn;
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "Hello Eve."}') from answers;

select is(
  pg_temp.begin(
    'eve',
    (
      select jsonb_build_object(
        'model', 'gpt-4o', 'session_id', turn ->> 'session_id', 'title', 'ignored',
        'messages', '[{"role": "user", "content": "Who am I?"}]'::jsonb
      ) from answers
    )
  ) -> 'messages',
  '[
    {"role": "user", "content": "My name is Eve."}, {"role": "assistant", "content": "Hello Eve."},
    {"role": "user", "content": "Who am I?"}
  ]'::jsonb,
  'the model is given what was said before'
);
select results_eq(
  'select message_count, title from public.chat_sessions', $$ values (3, 'My name is Eve.') $$, 'in one session'
);
select results_eq(
  'select count(*), count(distinct session_id) from tests.turns', $$ values (2::bigint, 1::bigint) $$,
  'of two turns'
);

select * from finish();
rollback;
