begin;
select plan(7);

-- Tables that are not audited, and why.
create temporary table unaudited (table_name text primary key, reason text not null);
insert into unaudited values
  ('access_key_events', 'a log itself'),
  ('agent_executions', 'written by turns'),
  ('agent_features', 'names of features: no rights, no money'),
  ('agent_health', 'written by calls and probes'),
  ('agent_health_checks', 'written by calls and probes'),
  ('agent_metrics', 'written by a job'),
  ('agent_thoughts', 'reported by workflows'),
  ('agent_versions', 'a log itself'),
  ('ai_interactions', 'the ledger is its own record'),
  ('api_key_events', 'a log itself'),
  ('api_usage', 'written by calls'),
  ('audit_events', 'the log itself'),
  ('budget_reservations', 'written by turns'),
  ('chat_messages', 'conversations of a user'),
  ('chat_sessions', 'conversations of a user'),
  ('interaction_types', 'names of kinds: no rights, no money'),
  ('mcp_sessions', 'connections of a user'),
  ('notification_preferences', 'settings of a user'),
  ('notification_settings', 'settings of a user'),
  ('notifications', 'messages to a user'),
  ('usage_agent_rollup', 'figures'),
  ('usage_archive_rollup', 'figures'),
  ('usage_calendars', 'written by triggers'),
  ('usage_daily_rollup', 'figures'),
  ('usage_deltas', 'figures'),
  ('webhook_deliveries', 'a log itself'),
  ('workflow_executions', 'reported by workflows');

-- Columns of audited tables that are not recorded: the database's own, counters, texts to show.
create temporary table unrecorded (table_name text, columns text[]);
insert into unrecorded values
  ('organizations', '{created_by}'),
  ('organization_members', '{organization_id,granted_by,granted_at,last_active_at}'),
  ('organization_invitations', '{organization_id,email,token_hash,invited_by,accepted_at}'),
  ('profiles', '{email,is_sso_user,full_name,avatar_url,workos_id,current_organization_id,last_login_at,preferences}'),
  ('access_keys', '{organization_id,prefix,last_four,last_used_at}'),
  ('user_api_keys', '{key_preview,key_fingerprint,last_used_at,last_error}'),
  ('budgets', '{organization_id,spent_usd,reserved_usd,period_started_at,created_by}'),
  ('agents',
    '{activity_score,usage_count,last_used_at,is_favorite,created_by,team_id,llm_provider,llm_model,config_json,is_active}'),
  ('agent_feature_mappings', '{user_id}'),
  ('ai_agent_configs', '{description}'),
  ('agent_templates', '{description,created_by}'),
  ('deployments',
    '{trigger_config,snapshot,error_message,called_at,progress_percent,progress_message,deployed_at,stopped_at}'),
  ('workflows',
    '{description,last_execution,next_execution,execution_count,success_count,error_count}'),
  ('webhook_endpoints', '{organization_id,url_preview,consecutive_failures,failing_since,paused_until,created_by}'),
  ('widgets', '{previous_key,greeting,consent_text,locale,texts,accent_color,color_scheme,placement,created_by}'),
  ('widget_secrets', '{last_four}'),
  ('vendors',
    '{description,max_tokens_field,cancel_stops_billing,probe_by_call,takes_stream_options,takes_developer_role,
      takes_parallel_tool_calls,instructions_first,metadata_needs_store}'),
  ('vendor_services', '{description,image_tokens,voices}'),
  ('service_prices', '{verified_on}');

select set_eq(
  $$
    select relname::text from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
  $$,
  'select table_name from private.audited_tables union all select table_name from unaudited',
  'each table is audited, or a reason says why not'
);
create temporary view columns_without_a_decision as
select columns.table_name || '.' || columns.column_name as name
from information_schema.columns
join private.audited_tables audited using (table_name)
left join unrecorded using (table_name)
where columns.table_schema = 'public'
  and columns.column_name <> all (audited.recorded || audited.size_only || coalesce(unrecorded.columns, '{}'))
  and columns.column_name not in ('id', 'created_at', 'updated_at');
select is_empty('select name from columns_without_a_decision', 'each column of an audited table is recorded, or left out here');
alter table public.budgets add column planted text;
select set_eq(
  'select name from columns_without_a_decision', array['budgets.planted'], 'a new column needs a decision'
);
update private.audited_tables set recorded = recorded || 'planted'::text where table_name = 'budgets';
select private.audit_table(audited) from private.audited_tables audited where table_name = 'budgets';
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'month', 100);
update public.budgets set planted = 'x' where organization_id = tests.id('acme');
select results_eq(
  $$ select action, after ->> 'planted' from public.audit_events where table_name = 'budgets' and after ? 'planted' $$,
  $$ values ('changed', 'x') $$, 'which is recorded once it is listed'
);
select is_empty(
  $$
    select audited.table_name || ' lacks ' || wanted.name
    from private.audited_tables audited
    cross join (values ('record_audit_event'), ('record_audit_change')) wanted (name)
    where not (audited.only_changes and wanted.name = 'record_audit_event')
      and not exists (
        select from pg_trigger
        where tgrelid = format('public.%I', audited.table_name)::regclass
          and tgname = wanted.name
          and tgfoid = 'private.record_audit_event'::regproc
          and tgenabled = 'O'
      )
  $$,
  'each audited table has its triggers'
);
select is_empty(
  $$
    select listed.table_name || '.' || listed.column_name
    from private.encrypted_columns listed
    join private.audited_tables audited using (table_name)
    where listed.column_name = any (audited.recorded)
  $$,
  'no encrypted column is recorded by value'
);
select is_empty(
  $$
    select audited.table_name || '.' || recorded.name
    from private.audited_tables audited
    cross join unnest(audited.recorded) as recorded (name)
    where recorded.name ~ '(secret|hash|token|prefix|preview|fingerprint|last_four|email|^key$)'
      and recorded.name not in ('max_tokens', 'min_input_tokens', 'max_output_tokens', 'token_endpoint')
  $$,
  'nor is key material or an address'
);

select * from finish();
rollback;
