begin;
select plan(6);

insert into public.chat_sessions (id, user_id, org_id, started_at) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), '2026-01-01');

select tests.act_as('alice');
create function pg_temp.ended_after(change text)
returns timestamptz
language plpgsql
as $$
declare
  ended timestamptz;
begin
  execute format('update public.chat_sessions set %s', change);
  select ended_at into ended from public.chat_sessions;
  return ended;
end
$$;

select is(pg_temp.ended_after('status = ''ended'''), now(), 'ending it notes the time');
select is(pg_temp.ended_after('title = ''x'''), now(), 'which stays');
select is(pg_temp.ended_after('status = ''active'''), null, 'reopening it clears it');
select is(
  pg_temp.ended_after('status = ''ended'', ended_at = ''2026-02-01'''), timestamptz '2026-02-01',
  'a time that is given is kept'
);
select is(pg_temp.ended_after('status = ''ended'''), timestamptz '2026-02-01', 'ending it again changes nothing');
select is(
  pg_temp.ended_after('status = ''expired'''), timestamptz '2026-02-01', 'nor does one end after another'
);

select * from finish();
rollback;
