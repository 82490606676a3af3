begin;
select plan(11);

insert into public.agents (id, name, created_by, organization_id, vendor_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('alice'), tests.id('acme'), 'openai'),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('alice'), tests.id('acme'), 'anthropic');
insert into public.agent_feature_mappings (agent_id, feature_id) values
  ('20000000-0000-4000-8000-000000000001', 'coding'), ('20000000-0000-4000-8000-000000000001', 'analysis');
insert into public.ai_interactions (
  organization_id, user_id, agent_id, vendor_id, model_name, title, started_at, input_tokens, output_tokens, total_cost,
  satisfaction_rating, usefulness_rating, source, turn_state, status
) values
  (tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000001', 'openai', 'gpt', 'a',
    '2026-05-05 10:00+00', 100, 10, 0.1, 5, 4, 'chat', 'succeeded', 'completed'),
  (tests.id('acme'), tests.id('bob'), '20000000-0000-4000-8000-000000000001', 'openai', 'gpt', 'b',
    '2026-05-06 10:00+00', 200, 20, null, 2, null, 'chat', 'failed', 'completed'),
  (tests.id('acme'), tests.id('bob'), '20000000-0000-4000-8000-000000000002', 'anthropic', 'claude', 'c',
    '2026-05-06 11:00+00', 300, 30, 0.0000000001, null, null, 'manual', null, 'active'),
  (tests.id('acme'), tests.id('bob'), '20000000-0000-4000-8000-000000000002', 'anthropic', 'claude', 'deleted',
    '2026-05-06 11:00+00', 300, 30, 9, null, null, 'manual', null, 'deleted'),
  (tests.id('acme'), null, null, null, null, 'the day after',
    '2026-05-07 00:00+00', 1, 1, 9, null, null, 'chat', 'succeeded', 'completed');

select results_eq(
  $$ select * from public.get_usage('day', '2026-05-04', '2026-05-06', tests.id('acme')) $$,
  $$
    values
      ('2026-05-05', '2026-05-05', 1::bigint, 0::bigint, 100::numeric, 10::numeric, 0.1::numeric, 0::numeric,
        0::bigint, 0::bigint, 5::numeric, 4::numeric, 1::bigint, 1::bigint),
      ('2026-05-06', '2026-05-06', 2, 1, 500, 50, 0, 0.0000000001, 1, 1, 2, null, 1, 0)
  $$,
  'a day has all its figures; one without use has no row'
);

select results_eq(
  format($$ select key, label, interactions from public.get_usage(%L, '2026-05-04', '2026-05-07') $$, measure),
  wanted, 'by ' || measure
)
from (values
  ('organization', $$ values (tests.id('acme')::text, 'Acme', 4::bigint) $$),
  ('agent', $$ values
    (null, null, 1::bigint), ('20000000-0000-4000-8000-000000000001', 'One', 2), ('20000000-0000-4000-8000-000000000002', 'Two', 1) $$),
  ('model', $$ values (null, null, 1::bigint), ('gpt', 'gpt', 2), ('claude', 'claude', 1) $$),
  ('vendor', $$ values (null, null, 1::bigint), ('openai', 'OpenAI', 2), ('anthropic', 'Anthropic', 1) $$),
  ('feature', $$ values (null, null, 2::bigint), ('analysis', 'Analysis', 2), ('coding', 'Coding', 2) $$)
) as measures (measure, wanted);
select results_eq(
  $$ select key, interactions from public.get_usage('user', '2026-05-04', '2026-05-07') $$,
  $$ values (null, 1::bigint), (tests.id('alice')::text, 1), (tests.id('bob')::text, 2) $$,
  'by user'
);

select tests.act_as('dave');
select results_eq(
  $$ select label, interactions from public.get_usage('user', '2026-05-04', '2026-05-06') $$,
  $$
    select label, n from (values (tests.id('alice'), 1::bigint, 1), (tests.id('bob'), 2, 2)) as rows (id, n, place)
    left join lateral (select coalesce(full_name, email) as label from public.organization_people where user_id = rows.id) people on true
    order by place
  $$,
  'a viewer reads them with the names that colleagues show'
);
select tests.act_as('eve');
select is_empty($$ select key from public.get_usage('day', '2026-05-04', '2026-05-06') $$, 'an outsider sees nothing');
select tests.refused(
  $$ select * from public.get_usage('day', '2026-05-04', '2026-05-06', tests.id('acme')) $$, 404, 'organization_not_found',
  'and the answer names no organization'
);
select tests.act_as_anon();
select tests.denied($$ select * from public.get_usage('day', '2026-05-04', '2026-05-06') $$, 'a visitor may not ask');

select * from finish();
rollback;
