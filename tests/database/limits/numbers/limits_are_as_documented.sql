-- docs/operations.md promises these.
begin;
select plan(2);

select results_eq(
  'select key, value #>> ''{}'' from jsonb_each(to_jsonb(private.limits())) order by key',
  $$ values
    ('access_keys_per_membership', '100'),
    ('audit_lifetime', '730 days'),
    ('audited_changes_per_hour', '10000'),
    ('calls_per_webhook', '4'),
    ('changes_per_access_key', '1000'),
    ('deployment_silence', '01:00:00'),
    ('deployments_per_agent', '100'),
    ('oauth_failure_patience', '1 day'),
    ('oauth_token_calls_per_minute', '300'),
    ('organization_grace', '30 days'),
    ('organizations_per_user', '50'),
    ('provider_key_calls_per_minute', '30'),
    ('response_event_lifetime', '1 day'),
    ('response_lifetime', '30 days'),
    ('session_idle_time', '30 days'),
    ('shared_agents_per_owner', '100'),
    ('stored_answer_lifetime', '24:00:00'),
    ('stored_keys_per_user', '100'),
    ('thought_tree_levels', '100'),
    ('thought_tree_nodes', '10000'),
    ('turn_lease', '00:15:00'),
    ('unused_recording_lifetime', '1 day'),
    ('visitor_session_lifetime', '1 day'),
    ('webhook_lease', '00:02:00'),
    ('webhook_patience', '5 days'),
    ('webhooks_per_organization', '50'),
    ('widget_daily_budget_usd', '5'),
    ('widget_key_grace', '1 day'),
    ('widget_sessions_per_minute', '10'),
    ('widget_ticket_lifetime', '00:01:00'),
    ('widgets_per_agent', '20'),
    ('workflow_reports_per_minute', '600'),
    ('workflow_runs_per_minute', '60') $$,
  'the limits are those of the operations page'
);

select is_empty(
  $$ select limits.key
     from jsonb_object_keys(to_jsonb(private.limits())) as limits (key)
     where not exists (
       select from pg_proc functions
       where position('(private.limits()).' || limits.key in functions.prosrc) > 0
     ) and not exists (
       select from pg_attrdef defaults
       where position('limits.' || limits.key in pg_get_expr(defaults.adbin, defaults.adrelid)) > 0
     ) $$,
  'each is used'
);

select * from finish();
rollback;
