begin;
select plan(5);

select tests.install_net();
insert into private.function_call_outbox (path, outcome, request_id, created_at) values
  ('/a-fine', 'sent', 1, now() - interval '1 minute'),
  ('/b-refused', 'sent', 2, now() - interval '1 minute'),
  ('/c-slow', 'sent', 3, now() - interval '1 minute'),
  ('/d-unreachable', 'sent', 4, now() - interval '1 minute'),
  ('/e-under-way', 'sent', 5, now() - interval '4 minutes 59 seconds'),
  ('/f-lost', 'sent', 6, now() - interval '5 minutes 1 second'),
  ('/g-nobodys', 'waiting', null, now() - interval '5 minutes 1 second'),
  ('/h-after-a-crash', 'sent', 7, now() - interval '1 minute');
insert into private.function_call_outbox (path, outcome, finished_at, created_at) values
  ('/i-old', 'succeeded', now() - interval '8 days', now() - interval '8 days');
insert into net._http_response (id, status_code, timed_out, error_msg, content) values
  (1, 200, false, null, 'all is well'),
  (2, 401, false, null, 'no'),
  (3, null, true, 'Timeout of 5000 ms reached', null),
  (4, null, false, 'Couldn''t resolve host name, apikey sb_secret_cronhush', null);
-- The number was given before the crash, to another call.
insert into net._http_response (id, status_code, timed_out, created) values (7, 200, false, now() - interval '2 hours');

select is(private.reconcile_function_calls(), 5, 'it says how many failed');
select results_eq(
  'select path, outcome, status_code, error_message from private.function_call_outbox order by path',
  $$
    values
      ('/a-fine', 'succeeded', 200, null), ('/b-refused', 'failed', 401, null),
      ('/c-slow', 'failed', null, 'No answer in time.'),
      ('/d-unreachable', 'failed', null, 'Couldn''t resolve host name, apikey sb_secret_…'),
      ('/e-under-way', 'sent', null, null), ('/f-lost', 'failed', null, 'Its answer was lost.'),
      ('/g-nobodys', 'failed', null, 'It was not sent.'), ('/h-after-a-crash', 'sent', null, null)
  $$,
  'each call has its outcome, without what was answered and without a key; those of last week are gone'
);
select is_empty(
  $$ select from private.function_call_outbox where finished_at is null and path not in ('/e-under-way', '/h-after-a-crash') $$,
  'all but those under way are finished'
);

update net._http_response set status_code = 500;
select private.reconcile_function_calls();
select is(
  (select outcome from private.function_call_outbox where path = '/a-fine'), 'succeeded', 'an outcome is final'
);
select tests.act_as_service();
select tests.denied('select private.reconcile_function_calls()', 'it is the owner''s job');

select * from finish();
rollback;
