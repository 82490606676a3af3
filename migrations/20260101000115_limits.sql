-- Limits of the product: counts, rates and lifetimes. Function bodies and messages take their
-- numbers from here. Sizes of values are in the chapter bounds, limits of a plan in the chapter
-- plans, lengths of settings in the CHECK of their column.

create type private.limit_values as (
  provider_key_calls_per_minute integer,
  oauth_token_calls_per_minute integer,
  stored_keys_per_user integer,
  access_keys_per_membership integer,
  changes_per_access_key integer,
  audited_changes_per_hour integer,
  organizations_per_user integer,
  shared_agents_per_owner integer,
  deployments_per_agent integer,
  workflow_reports_per_minute integer,
  widgets_per_agent integer,
  widget_daily_budget_usd integer,
  widget_sessions_per_minute integer,
  workflow_runs_per_minute integer,
  deployment_silence interval,
  thought_tree_levels integer,
  thought_tree_nodes integer,
  turn_lease interval,
  stored_answer_lifetime interval,
  response_lifetime interval,
  response_event_lifetime interval,
  webhooks_per_organization integer,
  calls_per_webhook integer,
  webhook_lease interval,
  webhook_patience interval,
  organization_grace interval,
  audit_lifetime interval,
  session_idle_time interval,
  unused_recording_lifetime interval,
  oauth_failure_patience interval,
  widget_key_grace interval,
  widget_ticket_lifetime interval,
  visitor_session_lifetime interval
);
comment on type private.limit_values is 'The limits of the product, by name.';

-- A named composite type, so that Postgres evaluates the function when it plans a statement.
create function private.limits()
returns private.limit_values
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  made private.limit_values;
begin
  made.provider_key_calls_per_minute := 30; -- rules, tests and changes of stored keys
  made.oauth_token_calls_per_minute := 300; -- reads of a token
  made.stored_keys_per_user := 100;
  made.access_keys_per_membership := 100; -- active keys of a user in an organization
  made.changes_per_access_key := 1000; -- each writes an event that is kept
  made.audited_changes_per_hour := 10000; -- of a user in an organization
  made.organizations_per_user := 50; -- created and not purged, without the personal one
  made.shared_agents_per_owner := 100; -- in the catalogue of public agents
  made.deployments_per_agent := 100; -- the latest, which deploy_agent() keeps
  made.workflow_reports_per_minute := 600; -- about the executions of one workflow
  made.widgets_per_agent := 20;
  made.widget_daily_budget_usd := 5; -- of an agent that gets a widget and has no budget
  made.widget_sessions_per_minute := 10; -- tickets for visitors from one network address
  made.workflow_runs_per_minute := 60; -- of one workflow, with run_workflow()
  made.deployment_silence := interval '1 hour'; -- a deployer that reports nothing has failed
  made.thought_tree_levels := 100; -- from the root of an execution's thoughts to the deepest
  made.thought_tree_nodes := 10000; -- that agent_thought_tree() returns
  made.turn_lease := interval '15 minutes'; -- a running turn that has not settled is swept
  made.stored_answer_lifetime := interval '24 hours'; -- replies to a repeated idempotency key
  made.response_lifetime := interval '30 days'; -- retrieving and deleting a response by its id
  made.response_event_lifetime := interval '1 day'; -- coming back to one in the background
  made.webhooks_per_organization := 50;
  made.calls_per_webhook := 4; -- at the same time
  made.webhook_lease := interval '2 minutes'; -- a delivery that was taken is due again
  made.webhook_patience := interval '5 days'; -- a webhook that fails for longer is disabled
  made.organization_grace := interval '30 days'; -- between deletion and purge
  made.audit_lifetime := interval '730 days'; -- events of the platform and of purged organizations
  made.session_idle_time := interval '30 days'; -- a conversation without activity expires
  made.unused_recording_lifetime := interval '1 day'; -- uploaded, and not part of a message
  made.oauth_failure_patience := interval '1 day'; -- refused refreshes before a new sign-in
  made.widget_key_grace := interval '1 day'; -- replaced keys and secrets of widgets still work
  made.widget_ticket_lifetime := interval '1 minute'; -- between a ticket and the session it opens
  made.visitor_session_lifetime := interval '1 day'; -- from a visitor's first message, however busy
  return made;
end
$$;
comment on function private.limits() is
  'Limits of the product: counts per owner, calls per minute, lifetimes. The operations page of '
  'the documentation lists them.';
grant execute on function private.limits() to authenticated, service_role;
