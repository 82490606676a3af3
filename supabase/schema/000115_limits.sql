-- The current state of what 000115_limits.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.limits(OUT provider_key_calls_per_minute integer, OUT oauth_token_calls_per_minute integer, OUT stored_keys_per_user integer, OUT access_keys_per_membership integer, OUT changes_per_access_key integer, OUT organizations_per_user integer, OUT shared_agents_per_owner integer, OUT deployments_per_agent integer, OUT workflow_reports_per_minute integer, OUT widgets_per_agent integer, OUT widget_daily_budget_usd integer, OUT widget_sessions_per_minute integer, OUT execution_silence interval, OUT thought_tree_levels integer, OUT thought_tree_nodes integer, OUT turn_lease interval, OUT stored_answer_lifetime interval, OUT response_lifetime interval, OUT response_event_lifetime interval, OUT organization_grace interval, OUT session_idle_time interval, OUT oauth_failure_patience interval, OUT widget_key_grace interval, OUT widget_ticket_lifetime interval, OUT visitor_session_lifetime interval)
returns record
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select
    30, -- provider_key_calls_per_minute: rules, tests and changes of stored keys
    300, -- oauth_token_calls_per_minute: reads of a token
    100, -- stored_keys_per_user
    100, -- access_keys_per_membership: active keys of a user in an organization
    1000, -- changes_per_access_key: each writes an event that is kept
    50, -- organizations_per_user: created and not purged, without the personal one
    100, -- shared_agents_per_owner: in the catalogue of public agents
    100, -- deployments_per_agent: the latest, which deploy_agent() keeps
    600, -- workflow_reports_per_minute: about the executions of one workflow
    20, -- widgets_per_agent
    5, -- widget_daily_budget_usd: of an agent that gets a widget and has no budget
    10, -- widget_sessions_per_minute: tickets for visitors from one network address
    interval '1 day', -- execution_silence: a running execution without a report has failed
    100, -- thought_tree_levels: from the root of an execution's thoughts to the deepest
    10000, -- thought_tree_nodes: that agent_thought_tree() returns
    interval '15 minutes', -- turn_lease: a running turn that has not settled is swept
    interval '24 hours', -- stored_answer_lifetime: replies to a repeated idempotency key
    interval '30 days', -- response_lifetime: retrieving and deleting a response by its id
    interval '1 day', -- response_event_lifetime: coming back to one in the background
    interval '30 days', -- organization_grace: between deletion and purge
    interval '30 days', -- session_idle_time: a conversation without activity expires
    interval '1 day', -- oauth_failure_patience: refused refreshes before a new sign-in is needed
    interval '1 day', -- widget_key_grace: replaced keys and secrets of widgets still work
    interval '1 minute', -- widget_ticket_lifetime: between a ticket and the session it opens
    interval '1 day' -- visitor_session_lifetime: from a visitor's first message, however busy
$body$;
grant execute on function private.limits() to authenticated, service_role;
