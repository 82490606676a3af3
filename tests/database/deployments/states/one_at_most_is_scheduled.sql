begin;
select plan(5);

insert into public.agents (id, name, created_by, organization_id) values
  (md5('deployed')::uuid, 'Acme''s', tests.id('carol'), tests.id('acme'));
select tests.act_as('carol');
insert into public.deployments (agent_id, trigger_type, scheduled_at)
values (md5('deployed')::uuid, 'scheduled', now() + interval '1 day');
select tests.breaks(
  format('insert into public.deployments (agent_id, scheduled_at) values (%L, now() + interval ''2 days'')', md5('deployed')::uuid),
  'one_deployment_of_an_agent_is_scheduled', 'a second one is refused, also without deploy_agent()'
);
select tests.refused(
  format(
    'select public.deploy_agent(%L, ''scheduled'', %L)', md5('deployed')::uuid,
    jsonb_build_object('at', now() + interval '2 days')
  ), 409, 'deployment_in_progress', 'which says so in words'
);
select lives_ok(
  format('insert into public.deployments (agent_id) values (%L)', md5('deployed')::uuid), 'one for now is another matter'
);
update public.deployments set status = 'stopped' where scheduled_at is not null;
select lives_ok(
  format('insert into public.deployments (agent_id, scheduled_at) values (%L, now() + interval ''2 days'')', md5('deployed')::uuid),
  'once it is stopped, another is scheduled'
);
select tests.act_as_service();
select tests.breaks(
  format('insert into public.deployments (agent_id, scheduled_at) values (%L, now() + interval ''3 days'')', md5('deployed')::uuid),
  'one_deployment_of_an_agent_is_scheduled', 'the rule holds for the backend, too'
);

select * from finish();
rollback;
