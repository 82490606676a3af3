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
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
create temporary table answers as
select name, pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn from unnest(array['late', 'edge', 'fresh', 'done']) as name;
select pg_temp.settle(turn, '{"state": "succeeded", "content": "a"}') from answers where name = 'done';
update private.running_turns set lease_expires_at = now() - interval '1 microsecond'
from answers where id = (turn ->> 'turn_id')::uuid and name = 'late';
update private.running_turns set lease_expires_at = now()
from answers where id = (turn ->> 'turn_id')::uuid and name = 'edge';

select is(public.sweep_chat_turns(), 1, 'those before now');
select results_eq(
  $$
    select name, turn_state, error_code, total_cost, output_tokens, usage_is_estimated
    from tests.turns i
    join answers on i.id = (turn ->> 'turn_id')::uuid order by name
  $$,
  $$
    values
      ('done', 'succeeded', null, 0.0000325::numeric, 1::bigint, true),
      ('edge', 'running', null, null, 0, false), ('fresh', 'running', null, null, 0, false),
      ('late', 'failed', 'abandoned', 0.1638625, 16384, true)
  $$,
  'and no others; each costs what it may have sold'
);
select is(public.sweep_chat_turns(), 0, 'once');
select is(public.sweep_chat_turns('infinity'), 2, 'or all that run');
select results_eq(
  $$ select count(*) filter (where turn_state = 'running'), count(*) from tests.turns $$,
  $$ values (0::bigint, 4::bigint) $$, 'after which none does'
);
select results_eq(
  $$ select distinct error_message from public.ai_interactions where error_code = 'abandoned' $$,
  $$ values ('The process that ran this turn ended before it could settle it.') $$, 'each says why'
);
select is(
  (select count(*) from public.chat_messages where status = 'error'), 3::bigint,
  'and their questions are no part of the history'
);

select * from finish();
rollback;
