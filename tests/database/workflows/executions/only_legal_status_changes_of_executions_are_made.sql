begin;
select plan(34);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');

-- Every change from every status to every status, by people and by the backend.
create function pg_temp.try(old_status text, new_status text, role text)
returns text
language plpgsql
as $$
declare
  refusal text;
begin
  delete from public.workflow_executions;
  insert into public.workflow_executions (workflow_id, execution_id, status)
  values ('c0000000-0000-4000-8000-000000000001', '1', old_status);
  if role = 'client' then
    perform tests.act_as('eve');
  else
    perform tests.act_as_service();
  end if;
  begin
    update public.workflow_executions set status = new_status;
  exception when others then
    get stacked diagnostics refusal = pg_exception_detail;
  end;
  perform tests.reset();
  return format('%s, %s', coalesce(refusal, 'taken'), (select status from public.workflow_executions));
end
$$;
select is(
  pg_temp.try(old_status, new_status, role),
  case
    when old_status = new_status or old_status in ('running', 'waiting') then 'taken, ' || new_status
    else 'execution_finished, ' || old_status
  end,
  format('%s: %s becomes %s', role, old_status, new_status)
)
from unnest(array['running', 'waiting', 'success', 'error']) old_status
cross join unnest(array['running', 'waiting', 'success', 'error']) new_status
cross join unnest(array['client', 'backend']) role;

-- An upsert is such a change, too.
delete from public.workflow_executions;
select tests.act_as('eve');
insert into public.workflow_executions (workflow_id, execution_id, status)
values ('c0000000-0000-4000-8000-000000000001', '1', 'success');
select tests.refused(
  $$
    insert into public.workflow_executions (workflow_id, execution_id, status)
    values ('c0000000-0000-4000-8000-000000000001', '1', 'running')
    on conflict (workflow_id, execution_id) do update set status = excluded.status
  $$,
  409, 'execution_finished', 'an upsert reopens none'
);
select tests.breaks(
  $$ insert into public.workflow_executions (workflow_id, status) values ('c0000000-0000-4000-8000-000000000001', 'paused') $$,
  'workflow_execution_status_is_known', 'and there are no others'
);

select * from finish();
rollback;
