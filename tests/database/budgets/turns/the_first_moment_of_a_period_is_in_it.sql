begin;
select plan(1);

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
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 1 from public.profiles where id = tests.id('eve');
create temporary table answers as
select place, pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn from generate_series(1, 2) as place;
update private.running_turns
set created_at = (select period_started_at from public.budgets) - case place when 1 then interval '0' else interval '1 microsecond' end
from answers where id = (turn ->> 'turn_id')::uuid;
select pg_temp.settle(turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000, "output_tokens": 0}}')
from answers;
select results_eq(
  'select spent_usd from public.budgets', 'values (0.0025::numeric(20, 10))', 'and a microsecond earlier is not'
);

select * from finish();
rollback;
