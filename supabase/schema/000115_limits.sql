-- The current state of what 000115_limits.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.limits(OUT provider_key_calls_per_minute integer, OUT oauth_token_calls_per_minute integer, OUT stored_keys_per_user integer, OUT access_keys_per_membership integer, OUT changes_per_access_key integer, OUT audited_changes_per_hour integer, OUT organizations_per_user integer, OUT shared_agents_per_owner integer, OUT deployments_per_agent integer, OUT workflow_reports_per_minute integer, OUT widgets_per_agent integer, OUT widget_daily_budget_usd integer, OUT widget_sessions_per_minute integer, OUT workflow_runs_per_minute integer, OUT deployment_silence interval, OUT thought_tree_levels integer, OUT thought_tree_nodes integer, OUT turn_lease interval, OUT stored_answer_lifetime interval, OUT response_lifetime interval, OUT response_event_lifetime interval, OUT webhooks_per_organization integer, OUT calls_per_webhook integer, OUT webhook_lease interval, OUT webhook_patience interval, OUT organization_grace interval, OUT audit_lifetime interval, OUT session_idle_time interval, OUT unused_recording_lifetime interval, OUT oauth_failure_patience interval, OUT widget_key_grace interval, OUT widget_ticket_lifetime interval, OUT visitor_session_lifetime interval)
returns record
language plpgsql immutable parallel safe security invoker
set search_path=""
as $body$
begin
  provider_key_calls_per_minute := 30; -- rules, tests and changes of stored keys
  oauth_token_calls_per_minute := 300; -- reads of a token
  stored_keys_per_user := 100;
  access_keys_per_membership := 100; -- active keys of a user in an organization
  changes_per_access_key := 1000; -- each writes an event that is kept
  audited_changes_per_hour := 10000; -- of a user in an organization
  organizations_per_user := 50; -- created and not purged, without the personal one
  shared_agents_per_owner := 100; -- in the catalogue of public agents
  deployments_per_agent := 100; -- the latest, which deploy_agent() keeps
  workflow_reports_per_minute := 600; -- about the executions of one workflow
  widgets_per_agent := 20;
  widget_daily_budget_usd := 5; -- of an agent that gets a widget and has no budget
  widget_sessions_per_minute := 10; -- tickets for visitors from one network address
  workflow_runs_per_minute := 60; -- of one workflow, with run_workflow()
  deployment_silence := interval '1 hour'; -- a deployer that reports nothing has failed
  thought_tree_levels := 100; -- from the root of an execution's thoughts to the deepest
  thought_tree_nodes := 10000; -- that agent_thought_tree() returns
  turn_lease := interval '15 minutes'; -- a running turn that has not settled is swept
  stored_answer_lifetime := interval '24 hours'; -- replies to a repeated idempotency key
  response_lifetime := interval '30 days'; -- retrieving and deleting a response by its id
  response_event_lifetime := interval '1 day'; -- coming back to one in the background
  webhooks_per_organization := 50;
  calls_per_webhook := 4; -- at the same time
  webhook_lease := interval '2 minutes'; -- a delivery that was taken is due again
  webhook_patience := interval '5 days'; -- a webhook that fails for longer is disabled
  organization_grace := interval '30 days'; -- between deletion and purge
  audit_lifetime := interval '730 days'; -- events of the platform and of purged organizations
  session_idle_time := interval '30 days'; -- a conversation without activity expires
  unused_recording_lifetime := interval '1 day'; -- uploaded, and not part of a message
  oauth_failure_patience := interval '1 day'; -- refused refreshes before a new sign-in is needed
  widget_key_grace := interval '1 day'; -- replaced keys and secrets of widgets still work
  widget_ticket_lifetime := interval '1 minute'; -- between a ticket and the session it opens
  visitor_session_lifetime := interval '1 day'; -- from a visitor's first message, however busy
end
$body$;
grant execute on function private.limits() to authenticated, service_role;
