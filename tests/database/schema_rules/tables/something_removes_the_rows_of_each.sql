begin;
select plan(4);

-- What removes the rows of each table, or why nothing does. `job` names one that does, by itself or
-- with what it removes; `owner` says that rows are few and go with what they belong to.
create temporary table removals (relation text primary key, remover text, detail text);
insert into removals values
  ('private.access_key_secrets', 'job', 'delete-expired'),
  ('private.agent_probes', 'owner', null),
  ('private.archived_interactions', 'reason', 'what was archived may come back and is told apart by it; a few bytes each'),
  ('private.closed_accounts', 'job', 'delete-accounts'),
  ('private.deleted_ids', 'reason', 'ids of deleted rows are not given away again'),
  ('private.function_call_outbox', 'job', 'reconcile-function-calls'),
  ('private.recordings_to_delete', 'job', 'delete-recordings'),
  ('private.audited_tables', 'reason', 'one for each table, written by migrations'),
  ('private.encrypted_columns', 'reason', 'one for each column, written by migrations'),
  ('private.error_codes', 'reason', 'one for each code, written by migrations'),
  ('private.job_failures', 'job', 'clean-job-log'),
  ('private.job_runs', 'job', 'clean-job-log'),
  ('private.jobs', 'reason', 'one for each job, written by migrations'),
  ('private.measured_days', 'reason', 'one a day'),
  ('private.notification_types', 'reason', 'one for each type, written by migrations'),
  ('private.orphaned_calendars', 'job', 'remove-orphaned-usage'),
  ('private.rate_limits', 'job', 'delete-expired'),
  ('private.response_events', 'job', 'delete-expired'),
  ('private.responses', 'job', 'delete-expired'),
  ('private.running_turns', 'job', 'sweep-turns'),
  ('private.agent_fields', 'reason', 'one for each field, written by migrations'),
  ('private.catalogue_imports', 'reason', 'one for each list that an operator applied'),
  ('private.session_branches', 'job', 'apply-retention'),
  ('private.stored_answers', 'job', 'delete-expired'),
  ('private.usage_dimensions', 'reason', 'one for each dimension, written by migrations'),
  ('private.usage_measures', 'reason', 'one for each measure, written by migrations'),
  ('private.usage_watermark', 'reason', 'one row'),
  ('private.visitor_days', 'owner', null),
  ('private.visitor_sessions', 'job', 'apply-retention'),
  ('private.widget_tickets', 'job', 'delete-expired'),
  ('private.webhook_payloads', 'job', 'delete-expired'),
  ('public.access_key_events', 'job', 'delete-old-records'),
  ('public.access_keys', 'reason', 'the ledger says with which key a turn was made; at most 100 at a time for a member'),
  ('public.agent_executions', 'job', 'apply-retention'),
  ('public.agent_feature_mappings', 'owner', null),
  ('public.agent_features', 'reason', 'catalogue, written by operators'),
  ('public.agent_health', 'owner', null),
  ('public.agent_health_checks', 'job', 'drop-partitions'),
  ('public.agent_metrics', 'job', 'drop-partitions'),
  ('public.agent_templates', 'owner', null),
  ('public.agent_thoughts', 'job', 'apply-agent-retention'),
  ('public.agent_versions', 'owner', null),
  ('public.agents', 'owner', null),
  ('public.ai_agent_configs', 'owner', null),
  ('public.ai_interactions', 'job', 'apply-retention'),
  ('public.api_key_events', 'job', 'delete-old-records'),
  ('public.api_usage', 'job', 'drop-partitions'),
  ('public.audit_events', 'job', 'delete-old-records'),
  ('public.budget_reservations', 'job', 'release-reservations'),
  ('public.budgets', 'owner', null),
  ('public.chat_messages', 'job', 'apply-retention'),
  ('public.chat_sessions', 'job', 'apply-retention'),
  ('public.deployments', 'owner', null),
  ('public.interaction_types', 'reason', 'catalogue, written by operators'),
  ('public.mcp_sessions', 'job', 'delete-expired'),
  ('public.models', 'owner', null),
  ('public.notification_preferences', 'owner', null),
  ('public.notification_settings', 'owner', null),
  ('public.notifications', 'job', 'delete-old-records'),
  ('public.oauth_providers', 'reason', 'catalogue, written by operators'),
  ('public.organization_invitations', 'job', 'delete-old-records'),
  ('public.organization_members', 'owner', null),
  ('public.organizations', 'job', 'purge-organizations'),
  ('public.plans', 'reason', 'catalogue, written by operators'),
  ('public.profiles', 'owner', null),
  ('public.service_aliases', 'reason', 'catalogue, written by operators'),
  ('public.service_prices', 'reason', 'what a turn cost is explained by the price of its day'),
  ('public.usage_agent_rollup', 'reason', 'one row for each agent, person, vendor and model of an organization'),
  ('public.usage_archive_rollup', 'reason', 'figures of interactions that were removed stay exact in any time zone'),
  ('public.usage_calendars', 'owner', null),
  ('public.usage_daily_rollup', 'reason', 'figures are kept for as long as the organization'),
  ('public.usage_deltas', 'job', 'catch-up-usage'),
  ('public.user_api_keys', 'owner', null),
  ('public.vendor_services', 'reason', 'catalogue, written by operators'),
  ('public.vendors', 'reason', 'catalogue, written by operators'),
  ('public.widget_secrets', 'owner', null),
  ('public.widgets', 'owner', null),
  ('public.webhook_deliveries', 'job', 'delete-expired'),
  ('public.webhook_endpoints', 'owner', null),
  ('public.webhook_secrets', 'owner', null),
  ('public.workflow_executions', 'job', 'apply-agent-retention'),
  ('public.workflows', 'owner', null);

create temporary view tables as
select pg_class.oid, relnamespace::regnamespace || '.' || relname as relation
from pg_class
where relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and relkind in ('r', 'p') and not relispartition;

create temporary view findings as
select tables.relation || ' has no entry' as finding
from tables where not exists (select from removals where removals.relation = tables.relation)
union all
select removals.relation || ' is no table'
from removals where not exists (select from tables where tables.relation = removals.relation)
union all
select removals.relation || ' names a job that does not exist'
from removals
where removals.remover = 'job' and not exists (select from private.jobs where jobs.name = removals.detail)
union all
select removals.relation || ' goes with no owner'
from removals
join tables on tables.relation = removals.relation
where removals.remover = 'owner'
  and not exists (select from pg_constraint where conrelid = tables.oid and contype = 'f' and confdeltype = 'c')
union all
select removals.relation || ' gives no reason'
from removals where removals.remover = 'reason' and coalesce(removals.detail, '') = '';

select is_empty('select finding from findings', 'something removes the rows of each table, or a reason says why not');

create table public.planted_growing (id integer);
select set_eq(
  'select finding from findings', array['public.planted_growing has no entry'], 'a table without an entry is reported'
);
insert into removals values ('public.planted_growing', 'owner', null);
select set_eq(
  'select finding from findings', array['public.planted_growing goes with no owner'], 'one that belongs to nothing, too'
);
update removals set remover = 'job', detail = 'planted' where relation = 'public.planted_growing';
select set_eq(
  'select finding from findings', array['public.planted_growing names a job that does not exist'],
  'and one whose job is none'
);

select * from finish();
rollback;
