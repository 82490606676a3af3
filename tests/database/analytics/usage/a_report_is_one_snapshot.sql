begin;
select plan(17);

insert into public.agents (id, name, created_by, organization_id, vendor_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('alice'), tests.id('acme'), 'openai');
insert into public.agent_feature_mappings (agent_id, feature_id) values
  ('20000000-0000-4000-8000-000000000001', 'coding'), ('20000000-0000-4000-8000-000000000001', 'analysis');
insert into public.ai_interactions (
  organization_id, user_id, agent_id, vendor_id, model_name, title, started_at, input_tokens, output_tokens, total_cost,
  satisfaction_rating, source, turn_state, status
) values
  (tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000001', 'openai', 'gpt', 'a',
    '2026-05-05 10:00+00', 100, 10, 0.1, 5, 'chat', 'succeeded', 'completed'),
  (tests.id('acme'), tests.id('bob'), '20000000-0000-4000-8000-000000000001', 'anthropic', 'claude', 'b',
    '2026-05-06 10:00+00', 999999999999, 20, null, 2, 'chat', 'failed', 'completed'),
  (tests.id('acme'), tests.id('bob'), null, null, null, 'c',
    '2026-05-06 11:00+00', 0, 0, 0.0000000001, null, 'manual', null, 'active'),
  (tests.id('acme'), null, null, null, null, 'the day after',
    '2026-05-07 00:00+00', 1, 1, 9, null, 'chat', 'succeeded', 'completed');

create temporary table report as
select public.get_usage_report('2026-05-04', '2026-05-06', tests.id('acme')::text) as value;
grant select on report to authenticated;
select is(
  (select value - 'days' - 'by' - 'read_at' from report),
  jsonb_build_object(
    'organization', 'Acme', 'time_zone', 'UTC', 'from', '2026-05-04', 'to', '2026-05-06',
    'total', private.no_usage() || '{
      "key": "total", "label": "total",
      "interactions": "3", "failed": "1", "unpriced": "1", "recorded": "1",
      "input_tokens": "1000000000099", "output_tokens": "30", "total_cost": "0.1000000000",
      "recorded_cost": "0.0000000001", "satisfaction_sum": "7", "satisfaction_count": "2"
    }'
  ),
  'the total, each measure as text'
);
select results_eq(
  $$ select day ->> 'key', day ->> 'interactions', (day ->> 'total_cost')::numeric
    from report, jsonb_array_elements(value -> 'days') with ordinality as days (day, place) order by place $$,
  $$ values ('2026-05-04', '0', 0::numeric), ('2026-05-05', '1', 0.1), ('2026-05-06', '2', 0) $$,
  'every day in order, without usage too'
);
select is(
  (select array_agg(array(select jsonb_object_keys(day) order by 1)) from report, jsonb_array_elements(value -> 'days') as day),
  (select array_agg(array(select jsonb_object_keys(value -> 'total') from report order by 1)) from generate_series(1, 3)),
  'a day without usage has the same measures'
);
select is(
  (select array_agg(attname::text order by attname::text) from pg_attribute where attrelid = 'private.usage_measures'::regclass and attnum > 0),
  (select array_agg(name order by name) from report, jsonb_object_keys(value -> 'total') as name where name not in ('key', 'label')),
  'which are all that are declared'
);
select results_eq(
  $$ select name, jsonb_path_query_array(rows, '$[*].label') from report, jsonb_each(value -> 'by') as parts (name, rows) order by name $$,
  $$ values
    ('agent', '["One", null]'::jsonb),
    ('feature', '["Analysis", "Coding", null]'),
    ('model', '["gpt", "claude", null]'), ('user', (
      select jsonb_build_array(coalesce(a.full_name, a.email), coalesce(b.full_name, b.email))
      from public.profiles a, public.profiles b where a.id = tests.id('alice') and b.id = tests.id('bob')
    )),
    ('vendor', '["OpenAI", "Anthropic", null]') $$,
  'each breakdown by descending cost; no share of one organization in itself'
);
select is(public.get_usage_report('2026-05-04', '2026-05-06', (select slug from public.organizations where id = tests.id('acme'))) - 'read_at',
  (select value - 'read_at' from report), 'an organization is found by its slug');
select is(
  (select rows from jsonb_to_recordset(public.get_usage_report('2026-05-04', '2026-05-06') -> 'by' -> 'organization') as rows (label text, interactions text)
    where rows.label = 'Acme')::text,
  '(Acme,3)', 'all organizations are broken down'
);
select results_eq(
  $$ select value ->> 'from', value ->> 'to', jsonb_array_length(value -> 'days')
    from public.get_usage_report(to_date => '2026-05-06', days => 3) as value $$,
  $$ values ('2026-05-04', '2026-05-06', 3) $$, 'so many days up to the last'
);
update public.organizations set timezone = 'Pacific/Kiritimati' where id = tests.id('acme');
select is(
  public.get_usage_report(organization => tests.id('acme')::text) ->> 'to',
  (now() at time zone 'Pacific/Kiritimati')::date::text, 'today is the organization''s'
);
select is(
  jsonb_array_length(public.get_usage_report('1970-01-01', '1980-01-08') -> 'days'), 3660, 'ten years are reported'
);
select tests.refused($$ select public.get_usage_report('1970-01-01', '1980-01-09') $$, 400, 'range_too_long', 'a day more is not');
select tests.refused($$ select public.get_usage_report('2999-01-01') $$, 400, 'date_in_future', 'a first day in the future');
select tests.refused($$ select public.get_usage_report(to_date => '2999-01-01') $$, 400, 'date_in_future', 'a last day in the future');
select tests.refused(
  $$ select public.get_usage_report('2026-05-06', '2026-05-05') $$, 400, 'range_backwards', 'a range that ends before it begins'
);
select tests.act_as('eve');
select is(
  public.get_usage_report('2026-05-04', '2026-05-06') -> 'total' ->> 'interactions', '0', 'an outsider has no usage'
);
select tests.refused(
  $$ select public.get_usage_report('2026-05-04', '2026-05-06', 'acme') $$, 404, 'organization_not_found', 'and the answer names no organization'
);
select tests.act_as_anon();
select tests.denied($$ select public.get_usage_report() $$, 'an anonymous caller may not ask');

select * from finish();
rollback;
