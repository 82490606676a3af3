begin;
select plan(6);

select tests.install_net();
select tests.refused(
  $$ select private.enqueue_function_call('/health/probe') $$, 503, 'function_calls_not_configured', 'without Vault nothing is sent'
);
select tests.install_vault('{"project_url": "https://ref.example.co"}');
select tests.refused(
  $$ select private.enqueue_function_call('/health/probe') $$, 503, 'function_calls_not_configured', 'nor without a key'
);
update vault.secrets set name = 'cron_secret_key', secret = 'sb_secret_cronhush';
select tests.refused(
  $$ select private.enqueue_function_call('/health/probe') $$, 503, 'function_calls_not_configured', 'nor without an address'
);
insert into vault.secrets (name, secret) values ('project_url', '');
select tests.refused(
  $$ select private.enqueue_function_call('/health/probe') $$, 503, 'function_calls_not_configured', 'nor with an empty one'
);
select is(
  (select tried.outcome || ': ' || tried.error_message from private.try_job('probe-agents') tried),
  'failed: Vault has no secret "project_url".', 'the job says which'
);
select is_empty('select from net.http_request_queue', 'and nothing was sent');

select * from finish();
rollback;
