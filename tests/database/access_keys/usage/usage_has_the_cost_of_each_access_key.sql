begin;
select plan(9);

update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'Carol''s', 'agb_1111', '1111'),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'Unused', 'agb_2222', '2222'),
  ('a0000000-0000-4000-8000-000000000003', tests.id('acme'), tests.id('bob'), 'Bob''s', 'agb_3333', '3333');
-- The second of May in Tokyo begins at three in the afternoon of the first in London.
insert into public.ai_interactions (
  user_id, organization_id, source, title, turn_state, status, started_at, access_key_id, input_tokens, output_tokens, total_cost
)
select
  tests.id('carol'), tests.id('acme'), turns.source, 'Chat', turns.state, turns.status, turns.moment::timestamptz,
  ('a0000000-0000-4000-8000-00000000000' || turns.key)::uuid, 100, 10, turns.cost
from (values
  (1, 'chat', 'succeeded', 'completed', '2024-05-01T14:59:59Z', 1000),
  (1, 'chat', 'succeeded', 'completed', '2024-05-01T15:00:00Z', 0.5),
  (1, 'chat', 'failed', 'completed', '2024-05-02T00:00:00Z', null),
  (1, 'manual', null, 'deleted', '2024-05-02T00:00:00Z', 1000),
  (1, 'chat', 'succeeded', 'completed', '2024-05-03T14:59:59Z', 0.25),
  (1, 'chat', 'succeeded', 'completed', '2024-05-03T15:00:00Z', 1000),
  (3, 'chat', 'succeeded', 'completed', '2024-05-02T12:00:00Z', 2)
) as turns (key, source, state, status, moment, cost);

select tests.act_as('carol');
select results_eq(
  $$ select name, interactions, failed, input_tokens, output_tokens, total_cost from get_access_key_usage('2024-05-02', '2024-05-03') $$,
  $$
    values
      ('Carol''s', 3::bigint, 1::bigint, 300::numeric, 30::numeric, 0.75::numeric),
      ('Unused', 0::bigint, 0::bigint, 0::numeric, 0::numeric, 0::numeric)
  $$,
  'a user reads the usage of the user''s own keys, by the organization''s days'
);
select tests.act_as('bob');
select results_eq(
  $$ select name, total_cost from get_access_key_usage('2024-05-02', '2024-05-03') $$,
  $$ values ('Bob''s', 2::numeric), ('Carol''s', 0.75::numeric), ('Unused', 0::numeric) $$,
  'an admin of all, the dearest first'
);
select is(
  (select sum(total_cost) from get_access_key_usage('2024-05-01', '2024-05-04')), 2002.75, 'each day counts once'
);
select tests.refused(
  $$ select from get_access_key_usage('2024-05-04', '2024-05-02') $$, 400, 'range_backwards', 'a range ends after it begins'
);
select tests.act_as('dave');
select is_empty($$ select from get_access_key_usage('2024-05-02', '2024-05-03') $$, 'a viewer has no key, and reads none');
select tests.act_as('eve');
select is_empty($$ select from get_access_key_usage('2024-05-02', '2024-05-03') $$, 'nor is a stranger');
select tests.act_as_service();
select is(
  (select count(*) from get_access_key_usage('2024-05-02', '2024-05-03')), 3::bigint, 'the backend reads all'
);

-- Retention takes them out of the ledger.
set local role postgres;
update public.plans set interaction_days = 62 where id = (select plan from public.organizations where id = tests.id('acme'));
select public.refresh_daily_usage();
select cmp_ok(private.remove_old_interactions(tests.id('acme'), 1000), '>=', 7, 'old ones go');
select tests.act_as('bob');
select results_eq(
  $$ select name, interactions, failed, input_tokens, total_cost from get_access_key_usage('2024-05-02', '2024-05-03') $$,
  $$
    values
      ('Bob''s', 1::bigint, 0::bigint, 100::numeric, 2::numeric),
      ('Carol''s', 3::bigint, 1::bigint, 300::numeric, 0.75::numeric),
      ('Unused', 0::bigint, 0::bigint, 0::numeric, 0::numeric)
  $$,
  'what the plan no longer keeps costs what it cost'
);

select * from finish();
rollback;
