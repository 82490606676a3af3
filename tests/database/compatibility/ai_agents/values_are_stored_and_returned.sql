begin;
select plan(7);

select tests.act_as_service();
select results_eq(
  $$
    insert into public.ai_agents (
      id, name, vendor_id, user_id, configuration, capabilities, tags, activity_score, last_used_at, usage_count, is_active,
      is_favorite, is_public, created_at, updated_at
    )
    values (
      '20000000-0000-4000-8000-000000000001', 'Orm', 'openai', tests.id('alice'), '{"a": [1, null]}', null, null, 0.9,
      '2025-06-01', 7, null, null, null, '2025-01-01', '2025-02-01'
    )
    returning id, configuration, capabilities, tags, activity_score, last_used_at, usage_count, is_active, is_public,
      created_at, updated_at
  $$,
  $$
    values (
      '20000000-0000-4000-8000-000000000001'::uuid, '{"a": [1, null]}'::jsonb, '{}'::jsonb, '{}'::text[], 0.9::real,
      timestamptz '2025-06-01', 7::bigint, true, false, timestamptz '2025-01-01', timestamptz '2025-02-01'
    )
  $$,
  'a backend gives every column'
);
select results_eq(
  $$
    select id, created_by, activity_score, usage_count, created_at from public.agents
    where id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$ values (
    '20000000-0000-4000-8000-000000000001'::uuid, tests.id('alice'), 0.9::real, 7::bigint, timestamptz '2025-01-01'
  ) $$,
  'which is in the table'
);
select lives_ok(
  $$
    insert into public.agent_feature_mappings (agent_id, feature_id, user_id)
    values ('20000000-0000-4000-8000-000000000001', 'coding', tests.id('alice'))
  $$,
  'and refers to it by the id that it gave'
);
select results_eq(
  $$
    update public.ai_agents set activity_score = 0.7, last_used_at = '2026-01-01', user_id = tests.id('bob'), tags = null
    where name = 'Orm' returning activity_score, last_used_at, user_id, tags
  $$,
  $$ values (0.7::real, timestamptz '2026-01-01', tests.id('bob'), '{}'::text[]) $$,
  'it changes any of them'
);
select results_eq(
  $$ select activity_score, last_used_at, created_by, tags from public.agents where name = 'Orm' $$,
  $$ values (0.7::real, timestamptz '2026-01-01', tests.id('bob'), '{}'::text[]) $$,
  'and what is returned is what is stored'
);

select tests.act_as('eve');
select results_eq(
  $$
    insert into public.ai_agents (id, name) values ('20000000-0000-4000-8000-000000000002', 'Mine')
    returning id, user_id
  $$,
  $$ values ('20000000-0000-4000-8000-000000000002'::uuid, tests.id('eve')) $$, 'a person gives the id of an own one'
);
select throws_ok(
  $$ insert into public.ai_agents (id, name) values ('20000000-0000-4000-8000-000000000001', 'Mine') $$, '23505', null,
  'but not the id of another''s'
);

select * from finish();
rollback;
