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
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
create temporary table answers as
select person, pg_temp.begin(person, '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') as turn
from unnest(array['alice', 'bob', 'eve']) as person;
select pg_temp.settle(
  turn, jsonb_build_object('state', 'succeeded', 'content', 'yo', 'answer', jsonb_build_object('of', person))
)
from answers;

delete from public.chat_sessions where user_id = tests.id('alice');
select results_eq(
  $$ select body ->> 'of' from private.stored_answers order by 1 $$, $$ values ('bob'), ('eve') $$,
  'a conversation that is deleted takes its answers along'
);
update public.ai_interactions set organization_id = tests.id('acme') where user_id = tests.id('eve');
delete from auth.users where id = tests.id('eve');
select results_eq(
  $$ select body ->> 'of' from private.stored_answers $$, $$ values ('bob') $$, 'so does a person'
);
delete from public.ai_interactions where user_id = tests.id('bob');
select is_empty('select body from private.stored_answers', 'and a turn');

select * from finish();
rollback;
