begin;
select plan(7);

create temporary table runs as select private.enqueue_function_call('/health/probe') as id;
select results_eq(
  'select id, outcome from private.function_call_outbox', $$ select id, 'waiting' from runs $$, 'the call waits'
);
select results_eq(
  'select * from private.claim_function_calls()',
  $$ select id, '/health/probe', jsonb_build_object('run_id', id, 'scheduled_at', now()) from runs $$,
  'its sender gets what pg_net would'
);
select is_empty('select * from private.claim_function_calls()', 'once');
select private.finish_function_call(id, 204, null) from runs;
select private.finish_function_call(id, 500, 'again') from runs;
select results_eq(
  'select outcome, status_code, error_message from private.function_call_outbox', $$ values ('succeeded', 204, null::text) $$,
  'and says once what became of it'
);

truncate runs;
insert into runs select private.enqueue_function_call('/health/probe');
select count(*) from private.claim_function_calls();
select private.finish_function_call(id, null, 'connection refused: apikey sb_secret_cronhush') from runs;
select results_eq(
  'select outcome, error_message from private.function_call_outbox join runs using (id)',
  $$ values ('failed', 'connection refused: apikey sb_secret_…') $$, 'a call that did not get through failed'
);

select tests.act_as_service();
select tests.denied('select * from private.claim_function_calls()', 'the sender is the database''s owner');
select tests.denied(
  $$ select private.finish_function_call(gen_random_uuid(), 200, null) $$, 'and no one else reports for it'
);

select * from finish();
rollback;
