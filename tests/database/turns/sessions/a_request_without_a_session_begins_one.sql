begin;
select plan(4);

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
select pg_temp.begin('eve', jsonb_build_object('model', 'gpt-4o', 'title', repeat('é', 300))) as turn;

select results_eq(
  $$
    select sessions.session_id = (turn ->> 'session_id'), sessions.user_id, sessions.agent_id = (turn #>> '{agent,id}')::uuid,
      models.name, sessions.title, sessions.org_id = profiles.current_organization_id, sessions.status, sessions.channel
    from answers, public.chat_sessions sessions
    join public.models on models.id = sessions.model_id
    join public.profiles on profiles.id = sessions.user_id
  $$,
  $$ values (true, tests.id('eve'), true, 'gpt-4o', repeat('é', 255), true, 'active', 'api') $$,
  'it is the caller''s, in the caller''s organization, with agent, model and the title as far as it fits'
);
select matches((select turn ->> 'session_id' from answers), '^sess_[0-9a-f]{64}$', 'known by its public name');

select isnt(
  pg_temp.begin('eve', '{"model": "gpt-4o"}') ->> 'session_id', (select turn ->> 'session_id' from answers),
  'the next request without one begins another'
);
select is((select title from public.chat_sessions where char_length(title) < 255), 'hi', 'without a title it is called by its first words');

select * from finish();
rollback;
