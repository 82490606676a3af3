begin;
select plan(8);

update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('alice'), tests.id('acme')),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('alice'), tests.id('acme'));
insert into public.ai_interactions (
  organization_id, agent_id, title, started_at, input_tokens, output_tokens, total_cost, latency_ms, source, turn_state, status
)
select tests.id('acme'), uuid '20000000-0000-4000-8000-000000000001', 'x', timestamptz '2026-05-04 15:00+00', 10, 1, 0.01, n,
  case when n = 101 then 'manual' else 'chat' end,
  case when n <= 3 then 'failed' when n <= 100 then 'succeeded' end, case when n = 101 then 'deleted' else 'completed' end
from generate_series(1, 101) as n
union all
select tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'the day before', '2026-05-04 14:59:59+00', 1, 1, 1, 1,
  'chat', 'failed', 'completed'
union all
select tests.id('acme'), '20000000-0000-4000-8000-000000000002', 'by hand', '2026-05-05 14:59+00', 5, 5, 7, null, 'manual',
  null, 'active';

select is(public.record_agent_metrics('2026-05-05'), 9, 'a metric without a value is not written');
prepare measured as
select agents.name, metric_type, value, unit
from public.agent_metrics join public.agents on agents.id = agent_id
order by agents.name, metric_type;
create temporary view wanted as
select * from (values
  ('One', 'cost', 1.0, 'usd'), ('One', 'latency_p50', 50, 'ms'), ('One', 'latency_p95', 95, 'ms'),
  ('One', 'latency_p99', 99, 'ms'), ('One', 'messages', 100, 'count'), ('One', 'success_rate', 97, 'percent'),
  ('One', 'tokens', 1100, 'count'), ('Two', 'messages', 1, 'count'), ('Two', 'tokens', 10, 'count')
) as metrics (name, metric_type, value, unit);
select results_eq(
  'execute measured', 'select name, metric_type, value::numeric(20, 10), unit from wanted',
  'of the day in the organization''s time zone, without what is deleted'
);
select is(
  (select jsonb_agg(distinct metadata || jsonb_build_object('at', recorded_at at time zone 'UTC')) from public.agent_metrics),
  '[{"at": "2026-05-05T00:00:00", "date": "2026-05-05", "period": "day"}]', 'each says for which day it is'
);

insert into public.agent_metrics (agent_id, metric_type, value, recorded_at) values
  ('20000000-0000-4000-8000-000000000002', 'cost', 7, '2026-05-05');
select public.record_agent_metrics('2026-05-05');
delete from public.agent_metrics where value = 7 and metadata = '{}';
select results_eq(
  'execute measured', 'select name, metric_type, value::numeric(20, 10), unit from wanted',
  'another run replaces its own and leaves what others recorded'
);

select tests.refused('select public.record_agent_metrics(null)', 400, 'date_required', 'no day');
select tests.refused(
  $$ select public.record_agent_metrics(((now() at time zone 'UTC') + interval '14 hours')::date + 1) $$,
  400, 'date_in_future', 'a day that has begun nowhere'
);
select tests.act_as('alice');
select tests.denied($$ select public.record_agent_metrics('2026-05-05') $$, 'a person does not');
select tests.act_as_service();
select lives_ok($$ select public.record_agent_metrics('2026-05-05') $$, 'the backend does');

select * from finish();
rollback;
