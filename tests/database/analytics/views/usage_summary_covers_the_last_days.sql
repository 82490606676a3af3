begin;
select plan(10);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme'));
insert into public.ai_interactions (
  organization_id, agent_id, title, started_at, ended_at, input_tokens, output_tokens, total_cost, satisfaction_rating,
  usefulness_rating, status, source, turn_state
)
select tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'x', now() - age, now() - age + length, 100, 10, cost,
  satisfied, useful, status, source, state
from (values
  (interval '1 day', interval '10 minutes', 0.1, 5, 4, 'active', 'manual', null),
  (interval '2 days', null, null, 4, null, 'completed', 'chat', 'failed'),
  (interval '29 days', interval '20 minutes', 0.2, null, null, 'archived', 'chat', 'succeeded'),
  (interval '30 days', null, 1000, 1, 1, 'active', 'manual', null),
  (interval '1 hour', null, 1000, 1, 1, 'deleted', 'manual', null)
) as rows (age, length, cost, satisfied, useful, status, source, state);

select tests.act_as('dave');
select results_eq(
  $$ select * from public.get_agent_usage_summary('20000000-0000-4000-8000-000000000001') $$,
  $$
    values (
      3::bigint, 0.2::numeric, 0.1::numeric, 300::numeric, 30::numeric, 30::bigint, 4.50::numeric, 4.00::numeric, 1::bigint,
      now() - interval '29 days', now() - interval '1 day'
    )
  $$,
  'thirty by default; deleted ones do not count'
);
select results_eq(
  $$
    select total_interactions, total_cost, recorded_cost
    from public.get_agent_usage_summary('20000000-0000-4000-8000-000000000001', 31)
  $$,
  $$ values (4::bigint, 0.2::numeric, 1000.1::numeric) $$, 'a day more'
);
select results_eq(
  $$ select * from public.get_agent_usage_summary('20000000-0000-4000-8000-000000000001', 1) $$,
  $$
    values (
      0::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::bigint, null::numeric, null::numeric, 0::bigint,
      null::timestamptz, null::timestamptz
    )
  $$,
  'no use is one row of nothing'
);
select tests.refused(
  format('select * from public.get_agent_usage_summary(''20000000-0000-4000-8000-000000000001'', %s)', days),
  400, 'days_out_of_range', days || ' days'
)
from unnest(array['0', '-1', '3661', 'null']) as days;
select lives_ok(
  $$ select * from public.get_agent_usage_summary('20000000-0000-4000-8000-000000000001', 3660) $$, 'ten years are fine'
);

select tests.act_as('eve');
select tests.refused(
  $$ select * from public.get_agent_usage_summary('20000000-0000-4000-8000-000000000001') $$, 404, 'agent_not_found',
  'an outsider learns nothing'
);
select tests.act_as_anon();
select tests.denied(
  $$ select * from public.get_agent_usage_summary('20000000-0000-4000-8000-000000000001') $$, 'a visitor may not ask'
);

select * from finish();
rollback;
