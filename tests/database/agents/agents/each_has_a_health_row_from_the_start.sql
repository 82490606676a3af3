begin;
select plan(2);

select tests.act_as('eve');
insert into public.agents (name) values ('New'), ('Newer');

select results_eq(
  $$
    select agents.name, health.status, health.last_check, health.consecutive_failures, health.circuit_state
    from public.agents
    join public.agent_health health on health.agent_id = agents.id
    where agents.created_by = tests.id('eve')
    order by agents.name
  $$,
  $$
    values ('New', 'healthy', null::timestamptz, 0, 'closed'), ('Newer', 'healthy', null, 0, 'closed')
  $$,
  'healthy until proved otherwise, and never proved yet'
);

select tests.reset();
select is_empty(
  'select id from public.agents where not exists (select from public.agent_health where agent_id = agents.id)',
  'no agent is without'
);

select * from finish();
rollback;
