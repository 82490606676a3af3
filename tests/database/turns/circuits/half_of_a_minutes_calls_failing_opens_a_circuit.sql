begin;
select plan(7);

insert into public.agents (id, name, created_by) values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.ai_interactions (id, organization_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'x');
create function pg_temp.executions(succeeded integer, failed integer, age interval)
returns boolean
language plpgsql
as $$
begin
  delete from public.agent_executions;
  insert into public.agent_executions (interaction_id, agent_id, attempt, status, counts_against_agent, started_at)
  select '30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', n,
    case when n <= failed then 'failed' else 'succeeded' end, n <= failed, now() - age
  from generate_series(1, succeeded + failed) as n;
  return private.is_failing('20000000-0000-4000-8000-000000000001');
end
$$;

select is(pg_temp.executions(5, 5, '10 seconds'), true, 'five of ten');
select is(pg_temp.executions(6, 5, '10 seconds'), false, 'five of eleven are less than half');
select is(pg_temp.executions(4, 5, '10 seconds'), false, 'nine calls are too few to say');
select is(pg_temp.executions(0, 100, '60 seconds'), false, 'a minute ago is long ago');
select is(pg_temp.executions(0, 100, '59 seconds'), true, 'just less is not');
update public.agent_executions set counts_against_agent = false;
select is(
  private.is_failing('20000000-0000-4000-8000-000000000001'), false, 'mistakes of callers do not count'
);

select pg_temp.executions(5, 5, '10 seconds');
select private.report_failure('20000000-0000-4000-8000-000000000001');
select results_eq(
  $$
    select circuit_state, consecutive_failures from public.agent_health
    where agent_id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$ values ('open', 1) $$, 'then one failure is enough'
);

select * from finish();
rollback;
