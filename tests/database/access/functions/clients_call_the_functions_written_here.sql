-- Who may call which function. Those in public are the API; those in private are reached by policies
-- and by functions that run with the caller's rights, never by the Data API. What only the backend
-- calls inside private is its own affair.
begin;

create temporary table expected_calls (function text primary key, callers text);
insert into expected_calls values
  -- Tenancy: with the owner's rights, and a check of the caller's role in each.
  ('accept_invitation(text)', 'authenticated'),
  ('count_unread_notifications()', 'authenticated'),
  ('delete_account()', 'authenticated'),
  ('delete_organization(uuid)', 'authenticated'),
  ('invite_member(uuid,text,text)', 'authenticated'),
  ('leave_organization(uuid)', 'authenticated'),
  ('mark_notifications_read(timestamp with time zone,integer)', 'authenticated'),
  ('restore_organization(uuid)', 'authenticated'),
  ('revoke_access_key(uuid)', 'authenticated'),
  -- With the caller's own rights: they tell and change what the policies let through.
  ('agent_summaries(integer,timestamp with time zone,uuid)', 'authenticated service_role'),
  ('agent_thought_tree(uuid)', 'authenticated service_role'),
  ('agents(public.ai_interactions)', 'authenticated service_role'),
  ('ai_interactions(public.chat_messages)', 'authenticated service_role'),
  ('chat_messages(public.ai_interactions)', 'authenticated service_role'),
  ('ai_interactions(public.agents)', 'authenticated service_role'),
  ('conversation_history(public.chat_sessions)', 'authenticated service_role'),
  ('create_agent_from_template(uuid,text,uuid)', 'authenticated'),
  ('deploy_agent(uuid,text,jsonb)', 'authenticated service_role'),
  ('report_deployment(uuid,text,jsonb)', 'authenticated service_role'),
  ('rollback_deployment(uuid)', 'authenticated service_role'),
  ('create_mcp_session(jsonb,interval)', 'authenticated'),
  ('get_access_key_usage(date,date)', 'authenticated service_role'),
  ('get_agent_usage_summary(uuid,integer)', 'authenticated service_role'),
  ('get_agent_with_features(uuid)', 'authenticated service_role'),
  ('get_usage(text,date,date,uuid)', 'authenticated service_role'),
  ('get_usage_report(date,date,text,integer)', 'authenticated service_role'),
  ('in_history(public.chat_messages)', 'authenticated service_role'),
  ('last_activity(public.agents)', 'authenticated service_role'),
  ('list_interactions(integer,timestamp with time zone,uuid,uuid,uuid,uuid,text)', 'authenticated service_role'),
  ('list_sessions(integer,timestamp with time zone,uuid)', 'authenticated service_role'),
  ('merge_mcp_state(text,jsonb)', 'authenticated'),
  ('resume_mcp_session(text,interval)', 'authenticated'),
  ('search_interactions(uuid,text[],text[],jsonb,integer,timestamp with time zone,uuid)', 'authenticated service_role'),
  ('update_agent_activity_score(uuid)', 'authenticated service_role'),
  -- The backend's
  ('add_vendor(text,text,text,text,text,text,text,text)', 'service_role'),
  ('add_vendor_service(text,text,text,text,text,text,integer,integer)', 'service_role'),
  ('append_response_events(uuid,integer,jsonb)', 'service_role'),
  ('begin_chat_turn(jsonb,jsonb)', 'service_role'),
  ('cancel_response(jsonb,uuid)', 'service_role'),
  ('delete_response(jsonb,uuid)', 'service_role'),
  ('find_response(jsonb,uuid)', 'service_role'),
  ('find_response_items(jsonb,uuid[])', 'service_role'),
  ('list_response_events(jsonb,uuid,integer)', 'service_role'),
  ('list_response_input(jsonb,uuid,jsonb)', 'service_role'),
  ('check_connection()', 'service_role'),
  ('delete_agent_config(jsonb,uuid)', 'service_role'),
  ('delete_oauth_token(jsonb,text)', 'service_role'),
  ('expire_mcp_sessions(integer)', 'service_role'),
  ('find_oauth_session(jsonb,text)', 'service_role'),
  ('finish_oauth_refresh(text,uuid,jsonb)', 'service_role'),
  ('give_up_oauth_token(text,text)', 'service_role'),
  ('claim_agent_probes(integer)', 'service_role'),
  ('create_access_key(jsonb,jsonb)', 'service_role'),
  ('change_api_key(jsonb,text,jsonb)', 'service_role'),
  ('count_encrypted_values()', 'service_role'),
  ('create_api_key(jsonb,jsonb)', 'service_role'),
  ('delete_api_key(jsonb,text)', 'service_role'),
  ('get_key_rules(jsonb,text,text)', 'service_role'),
  ('get_key_to_replace(jsonb,text)', 'service_role'),
  ('get_user_api_key(uuid,text,text)', 'service_role'),
  ('health_report()', 'service_role'),
  ('list_agent_configs(jsonb,uuid)', 'service_role'),
  ('list_chat_models(jsonb,boolean,text)', 'service_role'),
  ('list_oauth_tokens(jsonb)', 'service_role'),
  ('record_agent_probes(jsonb)', 'service_role'),
  ('record_api_usage(jsonb)', 'service_role'),
  ('report_workflow(jsonb,uuid,jsonb)', 'service_role'),
  ('correct_chat_turn(uuid,jsonb)', 'service_role'),
  ('reserve_attempt(uuid)', 'service_role'),
  ('void_chat_turn(text)', 'service_role'),
  ('count_refused_call(jsonb,text)', 'service_role'),
  ('list_encrypted_columns()', 'service_role'),
  ('list_values_to_rotate(text,text,text,text,integer)', 'service_role'),
  ('open_api_key(jsonb,text,text,text)', 'service_role'),
  ('refresh_agent_activity_scores()', 'service_role'),
  ('record_agent_metrics(date)', 'service_role'),
  ('record_missing_agent_metrics()', 'service_role'),
  ('refresh_daily_usage(integer)', 'service_role'),
  ('replace_api_key(jsonb,text,jsonb)', 'service_role'),
  ('report_api_keys(jsonb)', 'service_role'),
  ('reprice_interactions(tstzrange)', 'service_role'),
  ('rotate_access_key(jsonb,jsonb)', 'service_role'),
  ('settle_chat_turn(uuid,jsonb)', 'service_role'),
  ('store_agent_config(jsonb,jsonb)', 'service_role'),
  ('store_oauth_token(jsonb,text,text,jsonb)', 'service_role'),
  ('swap_rotated_values(text,text,jsonb)', 'service_role'),
  ('sweep_chat_turns(timestamp with time zone)', 'service_role'),
  ('take_oauth_token(jsonb,text,uuid,jsonb)', 'service_role'),
  ('update_api_key_last_used(uuid,text,text)', 'service_role'),
  ('update_daily_usage_stats(date)', 'service_role'),
  ('verify_daily_usage(date,date)', 'service_role'),
  ('warn_of_rate_limit(integer,uuid,uuid)', 'service_role'),
  -- Triggers
  ('notify_agent_status_change()', ''),
  ('update_updated_at_column()', ''),
  -- Private, as far as clients' statements need it.
  ('private.accept_invitation(text)', 'authenticated'),
  ('private.are_key_settings(jsonb)', 'authenticated'),
  ('private.as_openai_message(public.chat_messages)', 'authenticated'),
  ('private.as_uuid(text)', 'authenticated'),
  ('private.agent_definition(public.agents)', 'authenticated'),
  ('private.lock_agent_to_deploy(uuid)', 'authenticated'),
  ('private.thought_nodes(uuid,integer)', 'authenticated'),
  ('private.delete_organization(uuid)', 'authenticated'),
  ('private.invite_member(uuid,text,text)', 'authenticated'),
  ('private.stale_calendars()', 'authenticated'),
  ('private.is_ciphertext(text)', 'authenticated'),
  ('private.is_deleted_id(uuid)', 'authenticated'),
  ('private.append_history(uuid,jsonb)', 'authenticated'),
  ('private.changed_fields(jsonb,jsonb)', 'authenticated'),
  ('private.insert_row(regclass,jsonb)', 'authenticated'),
  ('private.plain_history(jsonb,integer)', 'authenticated'),
  ('private.rename_fields(jsonb,jsonb)', 'authenticated'),
  ('private.text_of(jsonb)', 'authenticated'),
  ('private.short_hash(text)', 'authenticated'),
  ('private.plain_parts(jsonb)', 'authenticated'),
  ('private.plain_arguments(text)', 'authenticated'),
  ('private.plain_calls(jsonb)', 'authenticated'),
  ('private.message_fingerprint(text,text,text,jsonb,jsonb)', 'authenticated'),
  ('private.instructions_in_force(uuid,int8multirange,bigint)', 'authenticated'),
  ('private.update_row(regclass,jsonb,jsonb)', 'authenticated'),
  ('private.is_time_zone(text)', 'authenticated'),
  -- The rules of columns that clients write.
  ('private.is_at_most_64_levels_deep(jsonb)', 'authenticated'),
  ('private.is_calendar_time(timestamp with time zone)', 'authenticated'),
  ('private.is_content(text)', 'authenticated'),
  ('private.is_document(jsonb)', 'authenticated'),
  ('private.is_email(text)', 'authenticated'),
  ('private.is_invited_role(text)', 'authenticated'),
  ('private.is_label(text)', 'authenticated'),
  ('private.is_payload(jsonb)', 'authenticated'),
  ('private.is_plain(text)', 'authenticated'),
  ('private.is_prompt(text)', 'authenticated'),
  ('private.is_prose(text)', 'authenticated'),
  ('private.is_web_address(text,text)', 'authenticated'),
  ('private.is_word_list(text[])', 'authenticated'),
  ('private.day_start(date,text)', 'authenticated'),
  ('private.may_set_budget(uuid,uuid)', 'authenticated'),
  ('private.merge_json(jsonb,jsonb)', 'authenticated'),
  ('private.require_mcp_state(jsonb)', 'authenticated'),
  ('private.my_access_keys()', 'authenticated'),
  ('private.may_receive(text)', 'authenticated'),
  ('private.my_account_is_active()', 'authenticated'),
  ('private.my_id()', 'anon authenticated'),
  ('private.my_organization()', 'authenticated'),
  ('private.my_organizations(text)', 'authenticated'),
  ('private.my_calendars()', 'authenticated'),
  ('private.new_token(text)', 'authenticated'),
  ('private.period_end(text,text,timestamp with time zone)', 'authenticated'),
  ('private.period_start(text,text,timestamp with time zone)', 'authenticated'),
  ('private.check_request()', 'anon authenticated'),
  ('private.latest_interactions(integer,uuid,timestamp with time zone,uuid)', 'authenticated'),
  ('private.listed_organizations(uuid)', 'authenticated'),
  ('private.matching_interactions(uuid,text[],text[],jsonb,integer,timestamp with time zone,uuid)', 'authenticated'),
  ('private.refuse_days(date,date)', 'authenticated'),
  ('private.refuse_page_size(integer)', 'authenticated'),
  ('private.refuse_usage_request(text,date,date,uuid)', 'authenticated'),
  ('private.refuse(text,text,text,jsonb)', 'anon authenticated'),
  ('private.refuse_mcp_session(text)', 'authenticated'),
  ('private.require_mcp_lifetime(interval)', 'authenticated'),
  ('private.access_key_scopes()', 'authenticated'),
  ('private.delete_account()', 'authenticated'),
  ('private.leave_organization(uuid)', 'authenticated'),
  ('private.my_deleted_organizations()', 'authenticated'),
  ('private.limits()', 'authenticated'),
  ('private.restore_organization(uuid)', 'authenticated'),
  ('private.revoke_access_key(uuid)', 'authenticated'),
  ('private.role_rank(text)', 'authenticated'),
  ('private.score_agents(uuid)', 'authenticated'),
  ('private.current_watermark()', 'authenticated'),
  ('private.latest_day()', 'authenticated'),
  ('private.no_usage()', 'authenticated'),
  ('private.report_days(date,date,integer,public.organizations)', 'authenticated'),
  ('private.report_of_days(date,date,uuid)', 'authenticated'),
  ('private.report_rows(text,date,date,uuid)', 'authenticated'),
  ('private.usage_by(text,date,date,uuid)', 'authenticated'),
  ('private.usage_labels(text)', 'authenticated'),
  ('private.uses_of_day(uuid,uuid,text,date)', 'authenticated'),
  ('private.sees_agent(uuid,text)', 'authenticated');

select plan(3);

create temporary view granted_calls as
select
  -- The API's functions without their schema, as the API names them.
  regexp_replace(functions.oid::regprocedure::text, '^public\.', '') as function,
  coalesce(string_agg(roles.role, ' ' order by roles.role) filter (where has_function_privilege(roles.role, functions.oid, 'execute')), '') as callers,
  functions.pronamespace
from pg_proc functions
cross join unnest(array['anon', 'authenticated', 'service_role']) as roles (role)
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and (functions.pronamespace = 'public'::regnamespace or roles.role <> 'service_role')
group by functions.oid;

-- With an empty path the catalogue names everything in full.
set local search_path = '';
create temporary table found_calls as select function, callers, pronamespace from pg_temp.granted_calls;
set local search_path = "$user", public, extensions;

select set_eq(
  $$ select function, callers from found_calls where pronamespace = 'public'::regnamespace $$,
  $$ select function, callers from expected_calls where function not like 'private.%' $$,
  'the API''s functions are called by those written here'
);
select set_eq(
  $$ select function, callers from found_calls where pronamespace = 'private'::regnamespace and callers <> '' $$,
  $$ select function, callers from expected_calls where function like 'private.%' $$,
  'of the private ones, clients may execute those written here'
);

-- The catalogue is asked above; this proves that it answers what a call meets.
select tests.act_as('alice');
select tests.denied(
  $$ select get_user_api_key(tests.id('alice'), 'openai') $$,
  'a call of the backend''s function is denied to a person'
);

select * from finish();
rollback;
