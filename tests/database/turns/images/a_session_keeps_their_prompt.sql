begin;
select plan(6);

insert into public.vendor_services (id, vendor_id, service_name, display_name, service_kind)
values ('openai_pictures', 'openai', 'pictures', 'Pictures', 'image');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
insert into public.chat_sessions (session_id, user_id, org_id, title)
select 'sess_eve_pictures', id, current_organization_id, 'Pictures' from public.profiles where id = tests.id('eve');

create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"kind": "image", "model": "openai/pictures", "units": {"image": 1}, "session_id": "sess_eve_pictures"}'::jsonb
      || jsonb_build_object(
        'request_id', gen_random_uuid(),
        'messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', begin.request ->> 'prompt'))
      ) || (begin.request - 'prompt')
  )
$$;
create function pg_temp.settle(turn jsonb)
returns jsonb
language sql
as $$
  select public.settle_chat_turn(
    (settle.turn ->> 'turn_id')::uuid,
    '{"state": "succeeded", "content": "[1 image]", "usage": {"units": {"image": 1}}, "attempts": []}'
  )
$$;

create temporary table turns as select pg_temp.begin('{"prompt": "a cat"}') as turn;
select is((select turn -> 'messages' from turns), '[{"role": "user", "content": "a cat"}]'::jsonb, 'the vendor is sent the prompt');
select tests.refused(
  $$ select pg_temp.begin('{"prompt": "a dog"}') $$, 409, 'session_busy', 'one turn at a time'
);
select lives_ok('select pg_temp.settle(turn) from turns', 'it is settled');
select results_eq(
  'select role, content from public.chat_messages order by seq',
  $$ values ('user', 'a cat'), ('assistant', '[1 image]') $$, 'what was asked is kept, and that there is an image'
);
select lives_ok(
  $$ select pg_temp.settle(pg_temp.begin('{"prompt": "a dog", "store": false}')) $$, 'one that is not to be stored is answered'
);
select is((select count(*) from public.chat_messages), 2::bigint, 'and not kept');

select * from finish();
rollback;
