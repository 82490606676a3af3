begin;
select plan(34);

insert into public.agents (id, name, created_by, organization_id, system_prompt, model_name) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme'), 'One', 'm1');
insert into public.agent_templates (id, name, type, description, default_config, is_public, created_by) values
  ('c4000000-0000-4000-8000-000000000001', 'Watch', 'market', 'Watches', '{"every": 5}', true, null),
  ('c4000000-0000-4000-8000-000000000002', 'Bob''s', 'market', null, '{}', false, tests.id('bob'));
create temporary table made (step text primary key, row public.deployments);
grant select, insert on made to authenticated, service_role;

-- Templates
select tests.act_as('carol');
select results_eq(
  $$
    select name, type, description, config, created_by, organization_id
    from public.create_agent_from_template('c4000000-0000-4000-8000-000000000001', 'Mine')
  $$,
  $$ values ('Mine', 'market', 'Watches', '{"every": 5}'::jsonb, tests.id('carol'), null::uuid) $$,
  'an agent is made from a template'
);
select is(
  (public.create_agent_from_template('c4000000-0000-4000-8000-000000000001', 'Ours', tests.id('acme'))).organization_id,
  tests.id('acme'), 'by an agent manager for the organization'
);
select tests.refused(
  $$ select public.create_agent_from_template('c4000000-0000-4000-8000-000000000002', 'x') $$,
  404, 'template_not_found', 'not from a template of others'
);
select tests.act_as('dave');
select tests.denied(
  $$ select public.create_agent_from_template('c4000000-0000-4000-8000-000000000001', 'x', tests.id('acme')) $$,
  'a viewer makes none for the organization'
);

-- Who may not deploy
select tests.refused(
  format('select public.deploy_agent(%L)', '20000000-0000-4000-8000-000000000001'), 404, 'agent_not_found', 'a viewer'
);
select tests.act_as('eve');
select tests.refused(
  format('select public.deploy_agent(%L)', '20000000-0000-4000-8000-000000000001'), 404, 'agent_not_found', 'a stranger'
);
select tests.act_as_anon();
select tests.denied(
  format('select public.deploy_agent(%L)', '20000000-0000-4000-8000-000000000001'), 'a visitor'
);

-- The first
select tests.act_as('carol');
insert into made select 'first', made from public.deploy_agent('20000000-0000-4000-8000-000000000001', 'manual') made;
select results_eq(
  $$
    select (row).version, (row).status, (row).trigger_type, (row).snapshot ->> 'system_prompt'
    from made where step = 'first'
  $$,
  $$ values (1, 'pending', 'manual', 'One') $$, 'a deployment is numbered and has a snapshot'
);
select tests.refused(
  format('select public.deploy_agent(%L)', '20000000-0000-4000-8000-000000000001'),
  409, 'deployment_in_progress', 'one at a time'
);
select tests.act_as('dave');
select tests.refused(
  format('select public.report_deployment(%L, %L)', (row).id, 'deploying'), 404, 'deployment_not_found',
  'a viewer reports nothing'
)
from made;
select tests.act_as_service();
select tests.refused(
  format('select public.report_deployment(%L, %L)', (row).id, 'pending'), 400, 'invalid_value', 'an unknown report'
)
from made;
select tests.refused(
  format('select public.report_deployment(%L, %L)', (row).id, 'deployed'), 409, 'deployment_transition_refused',
  'a report out of turn'
)
from made;
select is((public.report_deployment((row).id, 'deploying')).status, 'deploying', 'the deployer begins') from made;
select is(
  (public.report_deployment((row).id, 'deployed', '{"deployment_url": "https://example.com/1"}')).deployment_url,
  'https://example.com/1', 'and reports where it runs'
)
from made;
select is((public.report_deployment((row).id, 'deployed')).status, 'deployed', 'the same again changes nothing') from made;
select tests.reset();
select is(status, 'active', 'the agent is active') from public.agents where id = '20000000-0000-4000-8000-000000000001';
select results_eq(
  $$ select user_id, count(*)::integer from public.notifications where type = 'deployment_success' group by 1 $$,
  $$ values (tests.id('alice'), 1) $$, 'who made it is told once'
);

-- Drift
select tests.act_as('dave');
select results_eq(
  $$ select live_version, has_drifted from public.agent_dashboard where name = 'Acme''s' $$, 'values (1, false)', 'no drift'
);
select tests.act_as('carol');
update public.agents set system_prompt = 'Two' where name = 'Acme''s';
select results_eq(
  $$ select live_version, has_drifted from public.agent_dashboard where name = 'Acme''s' $$, 'values (1, true)', 'drift'
);
select results_eq(
  $$ select live_version, has_drifted from public.agent_dashboard where name = 'Ours' $$,
  'values (null::integer, false)', 'none of what is not deployed'
);

-- The second stops the first.
insert into made select 'second', made from public.deploy_agent('20000000-0000-4000-8000-000000000001', 'config_change') made;
select lives_ok(format('select public.report_deployment(%L, %L)', (row).id, status), 'an agent manager reports ' || status)
from made, unnest(array['deploying', 'deployed']) with ordinality as steps (status, place)
where step = 'second' order by place;
select results_eq(
  $$ select version, status, stopped_at is not null from public.deployments order by version $$,
  $$ values (1, 'stopped', true), (2, 'deployed', false) $$, 'the one before has stopped'
);
select results_eq(
  $$ select live_version, has_drifted from public.agent_dashboard where name = 'Acme''s' $$, 'values (2, false)', 'no drift'
);

-- Back to the first
insert into made
select 'back', public.rollback_deployment((row).id) from made where step = 'first';
select is((row).version, 3, 'a rollback is a deployment') from made where step = 'back';
select is(system_prompt, 'One', 'of what was deployed then') from public.agents where name = 'Acme''s';
select is((row).snapshot, (select (row).snapshot from made where step = 'first'), 'all of it')
from made where step = 'back';
select tests.reset();
select public.report_deployment((row).id, 'failed', '{"error_message": "No room for sk-0123456789abcdef0123"}') from made where step = 'back';
select results_eq(
  $$ select message from public.notifications where type = 'deployment_failed' $$,
  array['Version 3 of the agent "Acme''s" could not be deployed: "No room for [redacted]"'], 'its creator learns why'
);
select is(status, 'active', 'one that fails beside a live one leaves the agent active')
from public.agents where name = 'Acme''s';
select tests.act_as('carol');
select tests.refused(
  format('select public.rollback_deployment(%L)', (row).id), 409, 'deployment_not_restorable', 'not to one that failed'
)
from made where step = 'back';
select tests.act_as('eve');
select tests.refused(
  format('select public.rollback_deployment(%L)', (row).id), 404, 'deployment_not_found', 'not by a stranger'
)
from made where step = 'first';

-- Nothing is live
select tests.act_as('carol');
select public.report_deployment((row).id, 'stopped') from made where step = 'second';
select is(status, 'inactive', 'an agent whose live deployment stopped is inactive')
from public.agents where name = 'Acme''s';
insert into made select 'last', made from public.deploy_agent('20000000-0000-4000-8000-000000000001') made;
select public.report_deployment((row).id, 'failed') from made where step = 'last';
select is(status, 'error', 'one that could not be deployed is in error') from public.agents where name = 'Acme''s';
select tests.reset();
select results_eq(
  $$ select type, occurrences from public.notifications where topic like 'deployment:%' $$,
  $$ values ('deployment_failed', 4) $$, 'failures are told, with what was not read before them'
);

select * from finish();
rollback;
