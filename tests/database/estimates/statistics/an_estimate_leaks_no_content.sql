-- EXPLAIN is what PostgREST asks for a planned count. Its numbers are the same whatever others wrote.
begin;
select plan(4);

insert into public.chat_sessions (id, user_id, org_id) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content)
select '40000000-0000-4000-8000-000000000001', 'system', 'You are AcmeBot and project BlueHeron ships on 4 July.'
from generate_series(1, 500);
insert into public.notifications (user_id, type, title, message)
select tests.id('alice'), 'agent_error', 'Secret', 'You owe a thousand dollars.' from generate_series(1, 500);
analyze public.chat_messages, public.notifications;

create function pg_temp.estimate(statement text)
returns numeric
language plpgsql
as $$
declare
  plan json;
begin
  execute 'explain (format json) ' || statement into plan;
  return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric;
end
$$;

grant execute on all functions in schema pg_temp to public;

select tests.act_as('eve');
select is(
  pg_temp.estimate($$ select from chat_messages where content >= 'You are AcmeBot' $$),
  pg_temp.estimate($$ select from chat_messages where content >= 'Z' $$),
  'what a message begins with is not found by bisection'
);
select is(
  pg_temp.estimate($$ select from chat_messages where content = 'You are AcmeBot and project BlueHeron ships on 4 July.' $$),
  pg_temp.estimate($$ select from chat_messages where content = 'What no one said' $$),
  'nor whether anybody said a sentence'
);
select is(
  pg_temp.estimate($$ select from notifications where message >= 'You' $$),
  pg_temp.estimate($$ select from notifications where message >= 'Z' $$),
  'nor what others are told'
);
select is(
  pg_temp.estimate($$ select from profiles where email >= 'alice' $$),
  pg_temp.estimate($$ select from profiles where email >= 'zz' $$),
  'nor who is there'
);

select * from finish();
rollback;
