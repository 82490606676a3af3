begin;
select plan(7);

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
update public.agents set enabled = false where name = 'droid';
select tests.refused(
  format('select pg_temp.begin(''eve'', ''{"model": "%s"}'')', model), 403, 'agent_disabled', model || ', disabled'
)
from unnest(array['droid', 'gpt-4o', 'droid/gpt-4o']) as model;
update public.agents set enabled = true, status = 'paused' where name = 'droid';
select tests.refused($$ select pg_temp.begin('eve', '{"model": "droid"}') $$, 403, 'agent_disabled', 'paused');

select lives_ok(
  format(
    $$
      update public.agents set status = %L where name = 'droid';
      select pg_temp.begin('eve', '{"model": "droid"}')
    $$, status
  ),
  status || ' is no reason not to answer'
)
from unnest(array['active', 'error', 'inactive']) as status;

select * from finish();
rollback;
