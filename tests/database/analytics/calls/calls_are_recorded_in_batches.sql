begin;
select plan(5);

insert into public.agents (id, name, vendor_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', tests.id('eve'));
select tests.act_as('alice');
select tests.denied($$ select public.record_api_usage('[]') $$, 'a person records no call');

select tests.act_as_service();
select is(
  public.record_api_usage(jsonb_build_array(
    jsonb_build_object(
      'user_id', tests.id('eve'), 'agent_id', '20000000-0000-4000-8000-000000000001', 'endpoint', '/chat/completions',
      'method', 'POST', 'status_code', 200, 'response_time_ms', 812, 'cost_usd', '0.0000300000',
      'created_at', now() - interval '2 seconds'
    ),
    jsonb_build_object('endpoint', '/models', 'method', 'GET', 'status_code', 401, 'response_time_ms', 1),
    jsonb_build_object(
      'user_id', gen_random_uuid(), 'agent_id', gen_random_uuid(), 'endpoint', '/models/*', 'method', 'GET',
      'status_code', 200, 'created_at', now() + interval '1 day'
    ),
    jsonb_build_object('endpoint', '/health', 'method', 'GET', 'status_code', 200, 'created_at', '2001-01-01T00:00:00Z')
  )),
  4, 'it says how many'
);
select results_eq(
  $$
    select user_id, agent_id, method, status_code, response_time_ms, cost_usd, now() - created_at
    from public.api_usage where endpoint = '/chat/completions'
  $$,
  $$
    values (tests.id('eve'), '20000000-0000-4000-8000-000000000001'::uuid, 'POST', 200, 812, 0.0000300000, interval '2 seconds')
  $$,
  'a call with all that is known of it'
);
select results_eq(
  $$ select user_id, agent_id, created_at from public.api_usage where endpoint = '/models/*' $$,
  $$ values (null::uuid, null::uuid, now()) $$, 'one of a deleted user, by a clock that is ahead'
);
select results_eq(
  $$ select now() - created_at from public.api_usage where endpoint = '/health' $$,
  $$ values (interval '1 hour') $$, 'and one by a clock that is far behind'
);

select * from finish();
rollback;
