begin;
select plan(20);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.agent_metrics (id, agent_id, metric_type, value) values
  ('b0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'm', 1),
  ('b0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'm', 1);
insert into public.api_usage (id, endpoint, method, status_code) values
  ('b1000000-0000-4000-8000-000000000001', '/x', 'GET', 200), ('b1000000-0000-4000-8000-000000000002', '/x', 'GET', 200);

select tests.breaks(
  format('update public.%I set %s where id::text like ''%%1''', relation, change), rule,
  format('%s: %s is refused', relation, change)
)
from (values
  ('agent_metrics', 'id = ''b0000000-0000-4000-8000-000000000002''', to_char(now() at time zone 'UTC', '"agent_metrics_"YYYY_MM"_pkey"')),
  ('agent_metrics', 'agent_id = gen_random_uuid()', 'agent_metrics_agent_id_fkey'),
  ('agent_metrics', 'metric_type = ''''', 'metric_type_is_1_to_100_characters'),
  ('agent_metrics', 'metric_type = repeat(''a'', 101)', 'metric_type_is_1_to_100_characters'),
  ('agent_metrics', 'unit = repeat(''a'', 51)', 'metric_unit_is_at_most_50_characters'),
  ('api_usage', 'id = ''b1000000-0000-4000-8000-000000000002''', to_char(now() at time zone 'UTC', '"api_usage_"YYYY_MM"_pkey"')),
  ('api_usage', 'user_id = gen_random_uuid()', 'api_usage_user_id_fkey'),
  ('api_usage', 'agent_id = gen_random_uuid()', 'api_usage_agent_id_fkey'),
  ('api_usage', 'endpoint = ''''', 'endpoint_is_1_to_255_characters'),
  ('api_usage', 'endpoint = repeat(''a'', 256)', 'endpoint_is_1_to_255_characters'),
  ('api_usage', 'method = ''get''', 'method_is_an_http_method'),
  ('api_usage', 'method = ''''', 'method_is_an_http_method'),
  ('api_usage', 'status_code = 99', 'status_code_is_an_http_status'),
  ('api_usage', 'status_code = 600', 'status_code_is_an_http_status'),
  ('api_usage', 'response_time_ms = -1', 'response_time_is_not_negative'),
  ('api_usage', 'cost_usd = -0.0000000001', 'api_cost_is_not_negative')
) as broken (relation, change, rule);

select tests.changes(format('update public.%I set %s where id::text like ''%%1''', relation, change), 1, change)
from (values
  ('agent_metrics', 'metric_type = repeat(''a'', 100), unit = repeat(''a'', 50), value = -1'),
  ('api_usage', 'endpoint = repeat(''a'', 255), method = ''PROPFIND'''),
  ('api_usage', 'status_code = 100, response_time_ms = 0, cost_usd = 0'),
  ('api_usage', 'status_code = 599')
) as taken (relation, change);

select * from finish();
rollback;
