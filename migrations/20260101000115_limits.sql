-- Limits of the product: how many, how often and for how long. Function bodies and messages take
-- their numbers from here. Sizes of values are in the chapter bounds, limits of a plan in the
-- chapter plans, lengths of settings in the CHECK of their column.

create function private.limits(
  out provider_key_calls_per_minute integer,
  out oauth_token_calls_per_minute integer,
  out stored_keys_per_user integer,
  out access_keys_per_membership integer,
  out changes_per_access_key integer,
  out audited_changes_per_hour integer,
  out organizations_per_user integer,
  out shared_agents_per_owner integer,
  out deployments_per_agent integer,
  out workflow_reports_per_minute integer,
  out widgets_per_agent integer,
  out widget_daily_budget_usd integer,
  out widget_sessions_per_minute integer,
  out workflow_runs_per_minute integer,
  out deployment_silence interval,
  out thought_tree_levels integer,
  out thought_tree_nodes integer,
  out turn_lease interval,
  out stored_answer_lifetime interval,
  out response_lifetime interval,
  out response_event_lifetime interval,
  out webhooks_per_organization integer,
  out calls_per_webhook integer,
  out webhook_lease interval,
  out webhook_patience interval,
  out organization_grace interval,
  out audit_lifetime interval,
  out session_idle_time interval,
  out unused_recording_lifetime interval,
  out oauth_failure_patience interval,
  out widget_key_grace interval,
  out widget_ticket_lifetime interval,
  out visitor_session_lifetime interval
)
language plpgsql
immutable parallel safe
set search_path = ''
as $$
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
$$;
comment on function private.limits() is
  'Limits of the product: counts per owner, calls per minute, lifetimes. The operations page of '
  'the documentation lists them.';
grant execute on function private.limits() to authenticated, service_role;
