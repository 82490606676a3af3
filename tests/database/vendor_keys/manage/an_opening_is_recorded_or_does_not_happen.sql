begin;
select plan(8);

insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
create function pg_temp.open(purpose text default 'show')
returns jsonb
language sql
as $$
  select public.open_api_key(
    jsonb_build_object('user_id', tests.id('alice')), '40000000-0000-4000-8000-000000000001', purpose, 'req_1'
  )
$$;
grant execute on function pg_temp.open(text) to service_role;

select tests.act_as_service();
select is(
  pg_temp.open() - 'rules',
  jsonb_build_object(
    'id', '40000000-0000-4000-8000-000000000001', 'user_id', tests.id('alice'), 'vendor_id', 'openai',
    'encrypted_key', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'settings', '{}'::jsonb
  ),
  'its owner''s request gets the ciphertext, with what it is bound to'
);
select is(pg_temp.open('try') -> 'rules' ->> 'probe_path', '/models', 'and how it is tried');
select results_eq(
  $$ select actor_id, user_id, details from public.api_key_events where event = 'decrypted' order by details ->> 'purpose' $$,
  $$
    values
      (tests.id('alice'), tests.id('alice'), '{"vendor_id": "openai", "purpose": "show", "request_id": "req_1"}'::jsonb),
      (tests.id('alice'), tests.id('alice'), '{"vendor_id": "openai", "purpose": "try", "request_id": "req_1"}')
  $$,
  'who, what for and by which request is recorded'
);

select tests.reset();
create function pg_temp.break_down()
returns trigger
language plpgsql
as $$
begin
  raise exception 'the audit is out of order';
end
$$;
grant execute on function pg_temp.break_down() to service_role;
create trigger break_down before insert on public.api_key_events for each row execute function pg_temp.break_down();
select tests.act_as_service();
select throws_ok('select pg_temp.open()', 'P0001', 'the audit is out of order', 'what cannot be recorded does not happen');
select tests.reset();
drop trigger break_down on public.api_key_events;
alter table public.api_key_events add constraint nothing_fits check (event <> 'decrypted') not valid;
select tests.act_as_service();
select tests.breaks('select pg_temp.open()', 'nothing_fits', 'however the writing down fails');
select tests.reset();
alter table public.api_key_events drop constraint nothing_fits;
select tests.act_as_service();

select lives_ok('select pg_temp.open() from generate_series(1, 8)', 'ten times a minute');
select tests.refused('select pg_temp.open()', 429, 'rate_limit_exceeded', 'and no more often');
select is(
  (select count(*) from public.api_key_events where event = 'decrypted'), 10::bigint, 'what was refused opened nothing'
);

select * from finish();
rollback;
