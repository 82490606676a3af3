begin;
select plan(5);

delete from public.audit_events;
insert into public.audit_events (organization_id, actor_type, action, table_name, row_id, created_at)
select organization_id, 'service', 'changed', 'agents', age::text, now() - make_interval(days => age)
from (values (tests.id('acme')), (md5('purged')::uuid), (null)) as owners (organization_id)
cross join (values (179), (181), (729), (731)) as ages (age);
create temporary view kept as
select coalesce(actors.name, case when organization_id is null then 'platform' else 'purged' end) || ' ' || row_id
from public.audit_events left join tests.actors on actors.id = organization_id;

select is(tests.work_off('delete-old-records'), 5::bigint, 'the job deletes what is older');
select set_eq(
  'select * from kept',
  array['acme 179', 'platform 179', 'platform 181', 'platform 729', 'purged 179', 'purged 181', 'purged 729'],
  'an organization''s events after the days of its plan, others after two years'
);
select is(tests.work_off('delete-old-records'), 0::bigint, 'and is done');
update public.plans set audit_days = null where id = 'starter';
update public.audit_events set created_at = '2000-01-01' where row_id = '179';
select tests.work_off('delete-old-records');
select set_eq(
  $$ select * from kept as listed (line) where line like 'acme%' $$, array['acme 179'], 'a plan without a number keeps them'
);
select tests.breaks(
  $$ update public.plans set audit_days = 0 $$, 'plan_keeps_the_rest_for_a_day', 'a plan keeps them for a day at least'
);

select * from finish();
rollback;
