-- Limits of the product: how many, how often and for how long. Function bodies and messages take
-- their numbers from here. Sizes of values are in the chapter bounds, limits of a plan in the
-- chapter plans, lengths of settings in the CHECK of their column.

create function private.limits(
  out provider_key_calls_per_minute integer,
  out oauth_token_calls_per_minute integer,
  out stored_keys_per_user integer,
  out access_keys_per_membership integer,
  out changes_per_access_key integer,
  out organizations_per_user integer,
  out shared_agents_per_owner integer,
  out deployments_per_agent integer,
  out workflow_reports_per_minute integer,
  out widgets_per_agent integer,
  out widget_daily_budget_usd integer,
  out widget_sessions_per_minute integer,
  out execution_silence interval,
  out thought_tree_levels integer,
  out thought_tree_nodes integer,
  out turn_lease interval,
  out stored_answer_lifetime interval,
  out response_lifetime interval,
  out response_event_lifetime interval,
  out organization_grace interval,
  out session_idle_time interval,
  out oauth_failure_patience interval,
  out widget_key_grace interval,
  out widget_ticket_lifetime interval,
  out visitor_session_lifetime interval
)
language sql
immutable parallel safe
set search_path = ''
as $$
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
$$;
comment on function private.limits() is
  'Limits of the product: counts per owner, calls per minute, lifetimes. The operations page of '
  'the documentation lists them.';
grant execute on function private.limits() to authenticated, service_role;
