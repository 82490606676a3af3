begin;
select plan(8);

select tests.install_net();
select tests.install_vault('{"project_url": "https://ref.example.co/", "cron_secret_key": "sb_secret_cronhush"}');

create temporary table runs as select private.enqueue_function_call('/health/probe', '20 seconds') as id;
select results_eq(
  'select method, url, timeout_milliseconds from net.http_request_queue',
  $$ values ('POST', 'https://ref.example.co/functions/v1/health/probe', 20000) $$,
  'one request, to the function, with a limit of its own'
);
select is(
  (select headers from net.http_request_queue),
  '{"Content-Type": "application/json", "apikey": "sb_secret_cronhush"}'::jsonb,
  'with the key that is for this alone, as a key and not as a token'
);
select results_eq(
  $$ select convert_from(body, 'UTF8')::jsonb from net.http_request_queue $$,
  $$ select jsonb_build_object('run_id', id, 'scheduled_at', now()) from runs $$,
  'and the id by which the call is known'
);
select results_eq(
  'select id, path, outcome, request_id, finished_at from private.function_call_outbox',
  $$ select runs.id, '/health/probe', 'sent', queue.id, null::timestamptz from runs, net.http_request_queue queue $$,
  'it is recorded'
);
select is_empty(
  $$ select from private.function_call_outbox where function_call_outbox::text like '%hush%' $$, 'without the key'
);

select is(
  (select tried.outcome from private.try_job('probe-agents') tried), 'succeeded', 'the job does the same'
);
select is((select count(*) from net.http_request_queue), 2::bigint, 'each time');
select tests.act_as_service();
select tests.denied($$ select private.enqueue_function_call('/health/probe') $$, 'no one else calls in its name, not even the backend');

select * from finish();
rollback;
