begin;
select plan(9);

create table private.planted (id integer primary key, parent integer references private.planted deferrable initially deferred);
create function private.planted_write(id integer, parent integer) returns integer language sql set search_path = '' as
  'insert into private.planted values (id, parent) returning id';
create function private.planted_failure() returns integer language plpgsql set search_path = '' as $$
begin
  insert into private.planted values (7);
  raise exception 'Cannot use sb_secret_abcdef-123: it is wrong' using detail = 'a detail', hint = 'a hint';
end
$$;
create function private.planted_cut() returns integer language plpgsql set search_path = '' as $$
begin
  insert into private.planted values (8);
  raise query_canceled;
end
$$;
insert into private.jobs (name, schedule, command, timeout, description) values
  ('planted-write', '* * * * *', 'select private.planted_write(1, null)', '1 minute', 'x'),
  ('planted-failure', '* * * * *', 'select private.planted_failure()', '1 minute', 'x'),
  ('planted-orphan', '* * * * *', 'select private.planted_write(2, 3)', '1 minute', 'x'),
  ('planted-cut', '* * * * *', 'select private.planted_cut()', '1 minute', 'x'),
  ('planted-patience', '* * * * *', 'select current_setting(''lock_timeout'')', '1 minute', 'x'),
  ('planted-nothing', '* * * * *', 'select 1 where false', '1 minute', 'x');

select row_eq($$ select * from private.try_job('planted-write') $$,
  row('succeeded'::text, '1'::text, null::text, null::text), 'what the command returns is the result');
select row_eq($$ select * from private.try_job('planted-nothing') $$,
  row('succeeded'::text, null::text, null::text, null::text), 'it may return nothing');
select row_eq($$ select * from private.try_job('planted-failure') $$,
  row('failed'::text, null::text, 'P0001'::text, 'Cannot use sb_secret_abcdef-123: it is wrong'::text),
  'an error is returned, without the detail, which may hold rows');
select row_eq($$ select * from private.try_job('planted-cut') $$,
  row('timed_out'::text, null::text, '57014'::text, 'The run was canceled: it may take 00:01:00.'::text),
  'one that is cut says so');
select is((select outcome || ' ' || error_code from private.try_job('planted-orphan')), 'failed 23503',
  'what would fail at the end of the transaction fails here');
select is((select result from private.try_job('planted-patience')), '5s', 'a job waits five seconds for a lock, and no longer');
select set_eq('select id from private.planted', array[1], 'what failed left nothing behind');

select is(
  private.without_secrets('key sb_secret_a-B_1.c, token eyJhbGci.e30.x, Authorization: bearer abc/+=, blob v1:k1:aa:bb, agb_xyz, gsk_0123456789abcdef, ok'),
  'key sb_secret_…, token eyJ…, Authorization: bearer …, blob v1:…, agb_…, [redacted], ok',
  'keys, tokens and ciphertexts are taken out of messages'
);
select is(char_length(private.without_secrets(repeat('a b', 1000))), 1000, 'a message is at most 1,000 characters');

select * from finish();
rollback;
