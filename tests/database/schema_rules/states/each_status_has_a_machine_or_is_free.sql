begin;
select plan(2);

-- Every status of the API: a trigger decides what may follow what, its user does, or the backend alone.
create view pg_temp.statuses as
select
  format('%s.%s', attributes.attrelid::regclass, attributes.attname) collate "C" as name,
  has_any_column_privilege('authenticated', attributes.attrelid, 'UPDATE')
  and has_column_privilege('authenticated', attributes.attrelid, attributes.attnum, 'UPDATE') as is_written,
  exists (
    select from pg_trigger triggers
    where triggers.tgrelid = attributes.attrelid and not triggers.tgisinternal
      -- Before an update of this column.
      and triggers.tgtype & 18 = 18 and attributes.attnum = any (triggers.tgattr::smallint[])
  ) as has_trigger
from pg_attribute attributes
join pg_class tables on tables.oid = attributes.attrelid
where tables.relnamespace = 'public'::regnamespace and tables.relkind in ('r', 'p') and not tables.relispartition
  and not attributes.attisdropped and attributes.attname ~ '(^|_)(status|state)$' and attributes.atttypid = 'text'::regtype;
create table pg_temp.declared (name text collate "C", decides text);
insert into pg_temp.declared values
  ('deployments.status', 'machine'), ('workflow_executions.status', 'machine'), ('webhook_deliveries.status', 'machine'),
  -- What their users switch to and fro.
  ('agents.status', 'user'), ('workflows.status', 'user'), ('chat_sessions.status', 'user'), ('ai_interactions.status', 'user'),
  ('agent_health.status', 'backend'), ('agent_health.circuit_state', 'backend'), ('agent_health_checks.status', 'backend'),
  ('agent_executions.status', 'backend'), ('ai_interactions.turn_state', 'backend'), ('chat_messages.status', 'backend'),
  ('mcp_sessions.oauth_status', 'backend'), ('profiles.status', 'backend');

select results_eq(
  'select name from pg_temp.statuses order by name collate "C"', 'select name from pg_temp.declared order by name collate "C"',
  'each is declared here: a new one gets a machine and its rows in every_way_in_obeys_the_machine.sql, or another reason'
);
select is_empty(
  $$
    select * from pg_temp.statuses join pg_temp.declared using (name)
    where case decides when 'machine' then not has_trigger when 'backend' then is_written else not is_written end
  $$,
  'and decided as it says'
);

select * from finish();
rollback;
