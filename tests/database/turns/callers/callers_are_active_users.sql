begin;
select plan(8);

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
select tests.refused(
  format($$ select public.begin_chat_turn(%L, '{"request_id": "r", "model": "droid", "messages": []}') $$, caller),
  401, 'user_not_found', caller
)
from unnest(array['{"user_id": "00000000-0000-4000-8000-0000000000ff"}', '{"user_id": null}', '{}']) as caller;

update public.profiles set status = 'suspended' where id = tests.id('eve');
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "droid"}') $$, 403, 'account_not_active', 'a suspended account'
);
select tests.refused(
  $$ select public.list_chat_models(jsonb_build_object('user_id', tests.id('eve'))) $$, 403, 'account_not_active',
  'lists nothing either'
);
update public.profiles set status = 'deactivated' where id = tests.id('eve');
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "droid"}') $$, 403, 'account_not_active', 'a deactivated account'
);
select is_empty('select id from public.ai_interactions', 'nothing was begun');

update public.profiles set status = 'active' where id = tests.id('eve');
select isnt(pg_temp.begin('eve', '{"model": "droid"}') ->> 'turn_id', null, 'an active one');

select * from finish();
rollback;
