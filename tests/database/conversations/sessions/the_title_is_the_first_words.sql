begin;
select plan(10);

select is(private.title_of(jsonb_build_array(jsonb_build_object('role', 'user', 'content', said))), title, claim)
from (values
  ('"Hello there"'::jsonb, 'Hello there', 'a short text'),
  (to_jsonb(E'  Plan\n\tmy   trip '::text), 'Plan my trip', 'on one line'),
  (to_jsonb('Write a poem about the sea and all the ships that ever sailed on it'::text), 'Write a poem about the sea and all the ships that ever…', 'a long one to its last whole word'),
  (to_jsonb(repeat('字', 100)), repeat('字', 59) || '…', 'one without spaces is cut'),
  ('[{"type": "image_url", "image_url": {"url": "x"}}, {"type": "text", "text": "What is this?"}]', 'What is this?', 'the text beside an image'),
  ('[{"type": "image_url", "image_url": {"url": "x"}}]', null, 'an image alone has none')
) titles (said, title, claim);
select is(
  private.title_of('[{"role": "system", "content": "s"}, {"role": "assistant", "content": "a"}, {"role": "user", "content": "u"}]'),
  'u', 'the user''s, not what stands before it'
);

create function pg_temp.title(title text, request jsonb)
returns text
language plpgsql
as $$
begin
  insert into public.chat_sessions (session_id, user_id, org_id, title)
  select 'sess_by_hand_' || coalesce(title.title, 'none'), id, current_organization_id, title.title
  from public.profiles where id = tests.id('eve');
  perform public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"request_id": "r", "model": "gpt-4o", "messages": [{"role": "user", "content": "First words"}]}'::jsonb
      || jsonb_build_object('request_id', gen_random_uuid(), 'session_id', 'sess_by_hand_' || coalesce(title.title, 'none')) || request
  );
  return (
    select sessions.title from public.chat_sessions sessions
    where session_id = 'sess_by_hand_' || coalesce(title.title, 'none')
  );
end
$$;
select is(pg_temp.title('Mine', '{}'), 'Mine', 'a session that has one keeps it');
select is(pg_temp.title(null, '{}'), 'First words', 'one that was begun without one gets it');
create temporary table given as select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  '{"request_id": "r", "model": "gpt-4o", "title": "Given", "messages": [{"role": "user", "content": "First words"}]}'
) as turn;
select is(
  (select title from public.chat_sessions join given on turn ->> 'session_id' = session_id), 'Given',
  'a title that is given is taken'
);

select * from finish();
rollback;
