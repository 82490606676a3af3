begin;
select plan(6);

-- The farthest that the ledger takes, in the time zones that lead farthest from them.
insert into public.ai_interactions (organization_id, user_id, title, started_at, source, turn_state) values
  (tests.id('acme'), tests.id('alice'), 'first', '1970-01-01 00:00:00+00', 'chat', 'succeeded'),
  (tests.id('acme'), tests.id('alice'), 'last', '2199-12-31 23:59:59.999999+00', 'chat', 'succeeded');
update public.organizations set timezone = 'Etc/GMT+12' where id = tests.id('acme');
select lives_ok('select public.refresh_daily_usage()', 'west of everything they are counted');
select is_empty($$ select from public.verify_daily_usage('1969-12-01', now()::date) $$, 'and right');
select is((select sum(interactions) from public.get_usage('day', '1969-12-31', '1969-12-31')), 1::numeric, 'on the day before');

update public.organizations set timezone = 'Etc/GMT-14' where id = tests.id('acme');
select lives_ok('select public.refresh_daily_usage()', 'east of everything they are counted');
select is_empty($$ select from public.verify_daily_usage('1969-12-01', now()::date) $$, 'and right');
select is((select sum(interactions) from public.get_usage('day', '1970-01-01', '1970-01-01')), 1::numeric, 'on the day itself');

select * from finish();
rollback;
