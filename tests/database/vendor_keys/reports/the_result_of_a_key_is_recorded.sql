begin;
select plan(17);

insert into public.user_api_keys (id, user_id, organization_id, vendor_id, display_name, encrypted_key, key_preview, last_error) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), 'openai', 'Work', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd', 'Older.');
create function pg_temp.report(event text, problem text default null, blob text default 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA')
returns void
language sql
as $$
  select public.report_api_keys(jsonb_build_array(jsonb_build_object(
    'id', '40000000-0000-4000-8000-000000000001', 'encrypted_key', blob, 'event', event, 'problem', problem
  )))
$$;
grant execute on function pg_temp.report(text, text, text) to service_role;
create temporary view state as select is_active, last_error, last_used_at is not null as was_used from public.user_api_keys;
grant select on state to service_role;
select tests.act_as_service();

select pg_temp.report('used');
select results_eq('select * from state', $$ values (true, 'Older.', true) $$, 'a use is noted, and says nothing about an error');
select pg_temp.report('worked');
select results_eq('select * from state', $$ values (true, null::text, true) $$, 'what worked has no error any more');
select pg_temp.report('failed', 'No credit.');
select results_eq('select * from state', $$ values (true, 'No credit.', true) $$, 'what failed this time stays in use, and says why');
select is_empty('select from public.notifications', 'no notification is sent');

-- Once in each outage, and its owner only, though others of the organization call with it.
select pg_temp.report('out_of_credit', 'Nothing left.') from generate_series(1, 3);
select pg_temp.report('used');
select pg_temp.report('out_of_credit', 'Nothing left.');
select results_eq('select * from state', $$ values (true, 'Nothing left.', true) $$, 'one without credit stays in use, and says why');
select results_eq(
  'select user_id, type, occurrences, title, message, data from public.notifications',
  $$
    values (
      tests.id('alice'), 'api_key_out_of_credit', 1, 'Your key for OpenAI has no credit left',
      'Calls with your key "Work" fail: your account at OpenAI has no credit or quota left. Add credit there.',
      '{"key_id": "40000000-0000-4000-8000-000000000001", "vendor_id": "openai"}'::jsonb
    )
  $$,
  'its owner is notified once, however many calls fail'
);
select pg_temp.report('worked');
select pg_temp.report('out_of_credit', 'Nothing left.');
select results_eq('select occurrences from public.notifications', 'values (2)', 'and again when it had worked in between');
delete from public.notifications;
select pg_temp.report('failed', 'No credit.');

select pg_temp.report('rejected', 'The vendor rejects it.', 'v1:k1:BBBBBBBBBBBBBBBB:BBBBBBBBBBBBBBBBBBBBBBBB');
select results_eq('select * from state', $$ values (true, 'No credit.', true) $$, 'a key that took its place is not meant');
select pg_temp.report('rejected', 'The vendor rejects it.');
select results_eq('select * from state', $$ values (false, 'The vendor rejects it.', true) $$, 'a rejected key is out of use');
select results_eq(
  $$ select event, user_id, organization_id, actor_id, details ->> 'problem' from public.api_key_events where event <> 'created' $$,
  $$ values ('rejected', tests.id('alice'), tests.id('acme'), null::uuid, 'The vendor rejects it.') $$,
  'that is recorded once'
);
select results_eq(
  'select user_id, type, priority, title, message, data from public.notifications',
  $$
    values (
      tests.id('alice'), 'api_key_rejected', 'high', 'Your key for OpenAI was disabled',
      'Your key "Work" for OpenAI was disabled. The vendor rejects it. Replace it, or enable it again.',
      '{"key_id": "40000000-0000-4000-8000-000000000001", "vendor_id": "openai"}'::jsonb
    )
  $$,
  'and its owner is told'
);
select pg_temp.report('rejected', 'The vendor rejects it.');
select pg_temp.report('undecryptable', 'It cannot be decrypted.');
select results_eq(
  'select count(*), min(type) from public.notifications', $$ values (1::bigint, 'api_key_rejected') $$,
  'not again by those who had it in hand'
);
select pg_temp.report('worked');
select results_eq('select * from state', $$ values (false, 'The vendor rejects it.', true) $$, 'nor does an answer that comes late hide it');

update public.user_api_keys set is_active = true, display_name = null;
select pg_temp.report('undecryptable', 'It cannot be decrypted.');
select results_eq('select * from state', $$ values (false, 'It cannot be decrypted.', true) $$, 'so is one that does not open');
select results_eq(
  $$ select event, details ->> 'problem' from public.api_key_events where event not in ('created', 'rejected') order by event $$,
  $$ values ('changed', null), ('undecryptable', 'It cannot be decrypted.') $$,
  'recorded as that'
);
select is(
  (select message from public.notifications where type = 'api_key_undecryptable'),
  'Your key …abcd for OpenAI was disabled. It cannot be decrypted. Replace it, or enable it again.',
  'and told'
);
select lives_ok(
  $$ select public.report_api_keys('[{"id": "40000000-0000-4000-8000-000000000009", "encrypted_key": "x", "event": "rejected", "problem": "x"}]') $$,
  'one that is gone is no obstacle'
);

select * from finish();
rollback;
