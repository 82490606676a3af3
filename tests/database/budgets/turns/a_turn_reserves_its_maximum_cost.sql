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
insert into public.budgets (organization_id, user_id, agent_id, period, limit_usd)
select profiles.current_organization_id, person, agents.id, 'day', 1
from public.profiles, (values (null::uuid, null::text), (tests.id('eve'), null), (null, 'droid'), (null, 'ccrouter'))
  as scopes (person, agent)
left join public.agents on agents.name = scopes.agent
where profiles.id = tests.id('eve');
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'day', 1);

create temporary table answers as
select pg_temp.begin('eve', jsonb_build_object(
  'model', 'gpt-4o', 'max_output_tokens', 1000,
  'messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', repeat('x', 3967)))
)) as turn;

-- 4,000 bytes are 4,000 tokens at most: 0.01 dollars of prompt, and a thousand tokens of answer: 0.01.
select is((select octet_length((turn -> 'messages')::text) from answers), 4000, 'the prompt has 4,000 bytes');
select results_eq(
  $$
    select agents.name, user_id is not null, budgets.organization_id = tests.id('acme'), reserved_usd, spent_usd
    from public.budgets left join public.agents on agents.id = agent_id order by 1, 2, 3
  $$,
  $$
    values
      ('ccrouter', false, false, 0::numeric(20, 10), 0::numeric(20, 10)), ('droid', false, false, 0.02, 0),
      (null, false, false, 0.02, 0), (null, false, true, 0, 0), (null, true, false, 0.02, 0)
  $$,
  'in the budgets of organization, person and agent, and in no other'
);
select results_eq(
  $$
    select count(*), min(amount_usd), max(amount_usd), bool_and(reservations.expires_at = i.lease_expires_at)
    from public.budget_reservations reservations
    join answers on reservations.interaction_id = (turn ->> 'turn_id')::uuid
    join private.running_turns i on i.id = interaction_id
  $$,
  'values (3::bigint, 0.02::numeric(20, 10), 0.02::numeric(20, 10), true)', 'each says for which turn, and until when'
);

select * from finish();
rollback;
