begin;
select plan(13);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'a'),
  ('c0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'b');

create function pg_temp.counts()
returns text
language sql
as $$
  select string_agg(format('%s: %s = %s + %s', name, execution_count, success_count, error_count), ', ' order by name)
  from public.workflows
$$;

insert into public.workflow_executions (workflow_id) values ('c0000000-0000-4000-8000-000000000001');
select is(pg_temp.counts(), 'a: 1 = 0 + 0, b: 0 = 0 + 0', 'one that runs');

update public.workflow_executions set status = 'waiting';
select is(pg_temp.counts(), 'a: 1 = 0 + 0, b: 0 = 0 + 0', 'it waits');
update public.workflow_executions set status = 'success';
select is(pg_temp.counts(), 'a: 1 = 1 + 0, b: 0 = 0 + 0', 'it succeeds');
update public.workflow_executions set status = 'success';
select is(pg_temp.counts(), 'a: 1 = 1 + 0, b: 0 = 0 + 0', 'once');

insert into public.workflow_executions (workflow_id, execution_id, status)
select format('c0000000-0000-4000-8000-00000000000%s', 1 + n % 2)::uuid, n::text,
  (array['running', 'success', 'error', 'waiting', 'success'])[1 + n % 5]
from generate_series(0, 19) as n;
select is(pg_temp.counts(), 'a: 11 = 5 + 2, b: 10 = 4 + 2', 'twenty at once, of two workflows');

update public.workflow_executions set status = 'success' where status in ('running', 'waiting');
select is(pg_temp.counts(), 'a: 11 = 9 + 2, b: 10 = 8 + 2', 'all that run ended at once');
update public.workflow_executions set workflow_id = 'c0000000-0000-4000-8000-000000000002'
where execution_id in ('0', '2', '4');
select is(pg_temp.counts(), 'a: 8 = 7 + 1, b: 13 = 10 + 3', 'three moved');
update public.workflow_executions set output_data = '{}';
select is(pg_temp.counts(), 'a: 8 = 7 + 1, b: 13 = 10 + 3', 'another change counts nothing');

delete from public.workflow_executions where execution_id::integer < 10 or execution_id is null;
select is(pg_temp.counts(), 'a: 5 = 4 + 1, b: 5 = 4 + 1', 'eleven deleted');
delete from public.workflow_executions where false;
update public.workflow_executions set status = 'error' where false;
insert into public.workflow_executions (workflow_id) select id from public.workflows where false;
select is(pg_temp.counts(), 'a: 5 = 4 + 1, b: 5 = 4 + 1', 'nothing counts nothing');

insert into public.workflow_executions (workflow_id, execution_id, status) values
  ('c0000000-0000-4000-8000-000000000001', '10', 'success')
on conflict (workflow_id, execution_id) do update set status = excluded.status;
select is(pg_temp.counts(), 'a: 5 = 4 + 1, b: 5 = 4 + 1', 'one that is reported twice is one');

select lives_ok($$ delete from public.workflows where name = 'a' $$, 'a workflow goes with its executions');
select is(
  (select count(*) from public.workflow_executions), 5::bigint, 'and with no others'
);

select * from finish();
rollback;
