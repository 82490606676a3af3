begin;
select plan(6);

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
create function pg_temp.again(person text)
returns jsonb
language sql
as $$ select pg_temp.begin(person, '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') $$;
create function pg_temp.answer(turn jsonb)
returns void
language sql
as $$ select pg_temp.settle(turn, '{"state": "succeeded", "content": "yo", "answer": {"a": 1}}') $$;
update public.profiles set current_organization_id = tests.id('acme') where id in (tests.id('bob'), tests.id('carol'));
create temporary table answers as select person, pg_temp.again(person) as turn from unnest(array['bob', 'carol', 'eve']) as person;
select pg_temp.answer(turn) from answers;

select is(pg_temp.again('bob') -> 'replay', '{"a": 1}'::jsonb, 'a member''s request is answered as before');
delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('bob');
select isnt(pg_temp.again('bob') ->> 'messages', null, 'of who left it is a new one');
update public.organizations set deleted_at = now() where id = tests.id('acme');
select isnt(pg_temp.again('carol') ->> 'messages', null, 'and so it is when the organization was deleted');

select public.sweep_chat_turns('infinity');
delete from private.stored_answers;
create temporary table later as select person, pg_temp.again(person) as turn from unnest(array['carol', 'eve']) as person;
delete from public.chat_sessions where user_id = tests.id('carol');
select pg_temp.answer(turn) from later where person = 'carol';
select is_empty('select body from private.stored_answers where body is not null', 'no answer outlives its conversation');
update private.running_turns set organization_id = tests.id('acme') where user_id = tests.id('eve');
delete from auth.users where id = tests.id('eve');
select pg_temp.answer(turn) from later where person = 'eve';
select is_empty('select body from private.stored_answers', 'or its person, though both went while the turn ran');
select results_eq(
  $$ select turn_state from public.ai_interactions join later on id = (turn ->> 'turn_id')::uuid $$, $$ values ('succeeded'), ('succeeded') $$,
  'which is settled all the same'
);

select * from finish();
rollback;
