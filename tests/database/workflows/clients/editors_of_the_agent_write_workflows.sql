begin;
select plan(31);

insert into public.agents (id, name, created_by, organization_id, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme'), true);
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');

create temporary table writes (place integer, statement text);
insert into writes values
  (1, $$ insert into public.deployments (agent_id) values ('20000000-0000-4000-8000-000000000001') $$),
  (2, $$ insert into public.workflows (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'x') $$),
  (3, $$ insert into public.workflow_executions (workflow_id) values ('c0000000-0000-4000-8000-000000000001') $$),
  (4, $$
    insert into public.agent_thoughts (agent_id, node_id, node_type, content)
    values ('20000000-0000-4000-8000-000000000001', 'n', 'input', 'c')
  $$);
create temporary table changes (place integer, statement text);
insert into changes values
  (1, $$ update public.deployments set status = 'deploying' $$), (2, $$ update public.workflows set status = 'active' $$),
  (3, $$ update public.workflow_executions set status = 'success' $$), (4, 'delete from public.agent_thoughts'),
  (5, 'delete from public.workflow_executions'), (6, 'delete from public.workflows'), (7, 'delete from public.deployments');
grant select on writes, changes to authenticated;

select tests.act_as('dave');
select tests.denied(statement, 'a viewer: ' || statement) from writes order by place;
select tests.act_as('eve');
select tests.denied(statement, 'a stranger, of a public agent: ' || statement) from writes order by place;

select tests.act_as('carol');
select lives_ok(statement, 'an agent manager: ' || statement) from writes order by place;

select tests.act_as('dave');
select is(
  (select array[
    (select count(*) from public.deployments), (select count(*) from public.workflows),
    (select count(*) from public.workflow_executions), (select count(*) from public.agent_thoughts)
  ]),
  array[1, 2, 1, 1]::bigint[], 'a viewer reads'
);
select tests.changes(statement, 0, 'a viewer: ' || statement) from changes order by place;
select tests.act_as('eve');
select is_empty('select id from public.' || relation, 'a stranger reads no ' || relation)
from unnest(array['deployments', 'workflows', 'workflow_executions', 'agent_thoughts']) as relation;

select tests.act_as('carol');
select tests.changes(
  statement, case when statement ~ 'public.workflows' then 2 else 1 end, 'an agent manager: ' || statement
)
from changes where place < 6 order by place;
select tests.changes(statement, case place when 6 then 2 else 1 end, 'an agent manager: ' || statement)
from changes where place >= 6 order by place;

select * from finish();
rollback;
