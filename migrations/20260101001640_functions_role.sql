-- The role of the edge functions for direct connections to Postgres. It may only execute the
-- functions below: its password allows beginning and settling turns, but not reading tables. It has
-- no password until an operator sets one (docs/operations.md).

do $$
begin
  -- A role belongs to the server, and another database on it may have created it.
  if not exists (select from pg_catalog.pg_roles where rolname = 'agentbase_functions') then
    create role agentbase_functions login noinherit;
  end if;
end
$$;

create function public.check_connection()
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'role', session_user,
    'statement_timeout_ms', (
      select settings.setting::integer from pg_catalog.pg_settings settings
      where settings.name = 'statement_timeout'
    ),
    'connections', (
      select sum(databases.numbackends)::integer from pg_catalog.pg_stat_database databases
    ),
    'max_connections', current_setting('max_connections')::integer
  )
$$;
comment on function public.check_connection() is
  'How the backend is connected: {"role": who logged in, "statement_timeout_ms": 0 for none, '
  '"connections": to all databases, "max_connections"}. The cheapest call that checks whether the '
  'database answers. Backend only.';
grant execute on function public.check_connection() to service_role;

-- What functions/ calls, by name: a test compares the two lists.
grant usage on schema public to agentbase_functions;
grant execute on function
  public.append_response_events,
  public.begin_chat_turn,
  public.begin_visitor_turn,
  public.begin_voice_turn,
  public.cancel_response,
  public.change_api_key,
  public.change_webhook,
  public.check_connection,
  public.claim_agent_probes,
  public.claim_recordings_to_delete,
  public.claim_webhook_deliveries,
  public.correct_chat_turn,
  public.count_encrypted_values,
  public.count_prompt,
  public.count_refused_call,
  public.create_access_key,
  public.create_api_key,
  public.create_widget_ticket,
  public.create_webhook,
  public.delete_agent_config,
  public.delete_api_key,
  public.delete_oauth_token,
  public.delete_response,
  public.delete_visitor_session,
  public.end_visitor_session,
  public.end_voice_turn,
  public.find_oauth_session,
  public.find_response,
  public.find_response_items,
  public.find_visitor_message,
  public.finish_oauth_refresh,
  public.get_key_rules,
  public.get_key_to_replace,
  public.get_widget,
  public.give_up_oauth_token,
  public.health_report,
  public.list_agent_configs,
  public.list_chat_models,
  public.list_encrypted_columns,
  public.list_oauth_tokens,
  public.list_report_secrets,
  public.list_response_events,
  public.list_response_input,
  public.list_values_to_rotate,
  public.list_visitor_messages,
  public.list_widget_secrets,
  public.open_api_key,
  public.record_agent_probes,
  public.record_api_usage,
  public.record_deleted_recordings,
  public.record_deployment_report,
  public.record_webhook_delivery,
  public.replace_api_key,
  public.report_api_keys,
  public.report_workflow,
  public.reserve_attempt,
  public.rotate_access_key,
  public.set_visitor_recording,
  public.settle_chat_turn,
  public.start_visitor_session,
  public.store_agent_config,
  public.store_oauth_token,
  public.store_widget_secret,
  public.swap_rotated_values,
  public.take_oauth_token,
  public.void_chat_turn,
  public.warn_of_rate_limit,
  public.widget_allows
to agentbase_functions;

create function private.repair_functions_role()
returns void
language plpgsql
set search_path = ''
as $$
declare
  called regprocedure;
begin
  -- Limits that also apply behind poolers, which drop a client's startup parameters.
  alter role agentbase_functions set statement_timeout = '8s';
  alter role agentbase_functions set lock_timeout = '8s';
  alter role agentbase_functions set idle_in_transaction_session_timeout = '10s';
  -- A statement whose client has disconnected ends within a second.
  alter role agentbase_functions set client_connection_check_interval = '1s';
  -- A role can only become the owner of objects that it may create.
  grant create on schema public to service_role;
  for called in
    select functions.oid
    from pg_catalog.pg_proc functions
    cross join lateral pg_catalog.aclexplode(functions.proacl) as acl
    where acl.grantee = 'agentbase_functions'::regrole
  loop
    execute format('alter function %s security definer', called);
    execute format('alter function %s owner to service_role', called);
  end loop;
  revoke create on schema public from service_role;
end
$$;
comment on function private.repair_functions_role() is
  'Sets the limits of the role agentbase_functions, and makes what it may execute run as '
  'service_role: SECURITY DEFINER, owned by that role. So a direct call sees and may do the same '
  'as one through the Data API. Idempotent; needed after a restore, which lacks settings of roles '
  'and, with --no-owner, owners. Not granted: the owner calls it.';

select private.repair_functions_role();
