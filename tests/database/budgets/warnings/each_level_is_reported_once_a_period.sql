begin;
select plan(7);

insert into public.budgets (id, organization_id, user_id, period, limit_usd) values
  ('b0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('dave'), 'day', 10);
create function pg_temp.spend(amount numeric) returns text language plpgsql as $$
declare
  notices text;
begin
  delete from public.notifications;
  update public.budgets set spent_usd = amount;
  select string_agg(distinct (data ->> 'percent') || ' to ' || actors.name, ', ' order by (data ->> 'percent') || ' to ' || actors.name)
  into notices from public.notifications join tests.actors on actors.id = user_id where type = 'budget_warning';
  return notices;
end
$$;
select is(pg_temp.spend(4.99), null, 'less than half is not reported');
select is(pg_temp.spend(5), '50 to alice, 50 to bob, 50 to dave', 'half is reported to the managers and to the member whose budget it is');
select is(pg_temp.spend(7.99), null, 'once');
select is(pg_temp.spend(12), '100 to alice, 100 to bob, 100 to dave', 'of several levels the highest');
select is(pg_temp.spend(15), null, 'and nothing beyond all');
update public.budgets set spent_usd = 0, period_started_at = now() + interval '1 day';
select is(pg_temp.spend(8), '80 to alice, 80 to bob, 80 to dave', 'a new period starts over');
update public.budgets set is_active = false, spent_usd = 0;
select is(pg_temp.spend(10), null, 'a budget that is lifted warns of nothing');

select * from finish();
rollback;
