begin;
select plan(21);

insert into private.running_turns (id, organization_id, user_id, title, source, lease_expires_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'x', 'chat', now());

create temporary table calls (statement text);
insert into calls values
  ($$ select public.begin_chat_turn('{}', '{}') $$),
  ($$ select public.settle_chat_turn('30000000-0000-4000-8000-000000000001', '{"state": "failed"}') $$),
  ($$ select public.correct_chat_turn('30000000-0000-4000-8000-000000000001', '{}') $$),
  ($$ select public.reserve_attempt('30000000-0000-4000-8000-000000000001') $$),
  ($$ select public.void_chat_turn('r1') $$),
  ($$ select public.sweep_chat_turns('infinity') $$),
  ($$ select public.count_refused_call('{}', 'chat') $$),
  ($$ select public.list_chat_models('{}') $$),
  ($$ select public.reprice_interactions('[2020-01-01,)') $$),
  ($$ select public.warn_of_rate_limit(1, gen_random_uuid()) $$);
grant select on calls to anon, authenticated;

select tests.act_as('alice');
select tests.denied(statement, 'signed in: ' || statement) from calls;
select tests.act_as_anon();
select tests.denied(statement, 'a visitor: ' || statement) from calls;

select tests.reset();
select results_eq('select turn_state from tests.turns', $$ values ('running') $$, 'nothing was done');

select * from finish();
rollback;
