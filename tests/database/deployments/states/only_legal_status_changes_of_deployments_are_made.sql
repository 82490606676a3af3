begin;
select plan(35);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));

-- Every change from every status to every status, by people and by the backend.
create function pg_temp.try(old_status text, new_status text, role text)
returns text
language plpgsql
as $$
declare
  refusal text;
begin
  delete from public.deployments;
  insert into public.deployments (agent_id, status, deployed_at) values (
    '20000000-0000-4000-8000-000000000001', old_status,
    case when old_status in ('deployed', 'stopped') then now() - interval '1 day' end
  );
  if role = 'client' then
    perform tests.act_as('eve');
  end if;
  begin
    update public.deployments set status = new_status;
  exception when others then
    get stacked diagnostics refusal = pg_exception_detail;
  end;
  perform tests.reset();
  return coalesce(refusal, 'taken');
end
$$;
select is(
  pg_temp.try(old_status, new_status, role),
  case
    when old_status = new_status then 'taken'
    when (old_status, new_status) in (
      ('pending', 'deploying'), ('pending', 'failed'), ('pending', 'stopped'), ('deploying', 'deployed'),
      ('deploying', 'failed'), ('deploying', 'stopped'), ('deployed', 'stopped'), ('failed', 'stopped')
    ) then 'taken'
    else 'deployment_transition_refused'
  end,
  format('%s: %s becomes %s', role, old_status, new_status)
)
from unnest(array['pending', 'deploying', 'deployed', 'failed', 'stopped']) old_status
cross join unnest(array['pending', 'deploying', 'deployed', 'failed', 'stopped']) new_status
cross join lateral (select 'client' as role) roles;

-- What a person is told to do instead.
create function pg_temp.hint(old_status text)
returns text
language plpgsql
as $$
declare
  hint text;
begin
  delete from public.deployments;
  insert into public.deployments (agent_id, status)
  values ('20000000-0000-4000-8000-000000000001', old_status);
  update public.deployments set status = 'deployed';
  return 'taken';
exception when others then
  get stacked diagnostics hint = pg_exception_hint;
  return hint;
end
$$;
select is(pg_temp.hint('pending'), 'Report "deploying" first.', 'a pending one is reported as deploying first');
select is(
  pg_temp.hint('failed'), 'Make a new deployment with deploy_agent().', 'one that failed is not taken up again'
);

delete from public.deployments;
select tests.act_as('eve');
select tests.refused(
  format(
    'insert into public.deployments (agent_id, status) values (''20000000-0000-4000-8000-000000000001'', %L)', status
  ),
  409, 'deployment_transition_refused', 'none begins as ' || status
)
from unnest(array['deploying', 'deployed', 'failed', 'stopped']) status;
select lives_ok(
  $$
    insert into public.deployments (id, agent_id) values
      ('c1000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')
  $$,
  'as pending'
);
select tests.refused(
  $$
    insert into public.deployments (id, agent_id, status) values
      ('c1000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'deployed')
    on conflict (id) do update set status = excluded.status
  $$,
  409, 'deployment_transition_refused', 'nor does an upsert skip a status'
);
select lives_ok(
  $$
    insert into public.deployments (id, agent_id, status) values
      ('c1000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'deploying')
    on conflict (id) do update set status = excluded.status
  $$,
  'an upsert takes the next'
);
select tests.reset();
update public.deployments set status = 'deployed';
select tests.breaks(
  $$
    insert into public.deployments (agent_id, status) values ('20000000-0000-4000-8000-000000000001', 'deployed')
  $$,
  'one_deployment_of_an_agent_is_live', 'the backend inserts no second live one'
);

select * from finish();
rollback;
