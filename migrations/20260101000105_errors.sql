-- Every error code of SQL and of the edge functions is a row here; docs/errors.md and the list in
-- TypeScript are generated from it.

create table private.error_codes (
  code text primary key,
  status integer not null,
  meaning text not null,
  remedy text not null,
  constraint error_code_is_lower_case check (code ~ '^[a-z][a-z0-9_]{2,63}$'),
  constraint error_status_is_400_to_599 check (status between 400 and 599),
  constraint error_meaning_is_a_sentence check (meaning ~ '^[A-Z].{1,150}\.$'),
  constraint error_remedy_is_a_sentence check (remedy ~ '^[A-Z].{1,150}\.$')
);
alter table private.error_codes enable row level security;
comment on table private.error_codes is
  'Codes of business errors. A code, once published, keeps its name and status.';
comment on column private.error_codes.code is
  'Machine-readable code: "details" in the Data API, "error.code" in the edge functions.';
comment on column private.error_codes.status is 'HTTP status of a response with this code.';
comment on column private.error_codes.meaning is 'One sentence for the error reference.';
comment on column private.error_codes.remedy is 'What the caller or the operator can do about it.';
grant select on private.error_codes to service_role;

create function private.refuse(
  code text, message text, hint text default null, data jsonb default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  registered private.error_codes := (
    select codes from private.error_codes codes where codes.code = refuse.code
  );
begin
  if registered.code is null then
    raise exception 'Error code "%" is not in private.error_codes.', refuse.code
      using errcode = 'undefined_object';
  end if;
  raise exception using
    errcode = 'PT' || registered.status,
    -- A message may quote the caller's input.
    message = left(refuse.message, 1000),
    detail = refuse.code,
    hint = concat_ws(
      e'\n', regexp_replace(coalesce(refuse.hint, registered.remedy), '\s+', ' ', 'g'),
      refuse.data::text
    );
end
$$;
comment on function private.refuse(text, text, text, jsonb) is
  'Raises a business error with the status that private.error_codes has for the code. SQLSTATE '
  'PTnnn becomes HTTP status nnn in the Data API; message says what failed, detail is the code. '
  'The first line of hint is a sentence that says what to do: the one given, or the remedy of the '
  'code; a second line is data for programs, a JSON object. Raises 42704 for a code that is not '
  'registered.';
grant execute
  on function private.refuse(text, text, text, jsonb)
  to anon, authenticated, service_role;

insert into private.error_codes (code, status, meaning, remedy)
values
  ('access_key_ended', 409, 'The access key has been revoked or has expired.',
    'Create a new access key.'),
  ('access_key_expired', 401, 'The access key has expired.',
    'Create a new access key, or extend its expires_at.'),
  ('access_key_not_accepted', 403, 'The operation is for signed-in users, not for programs.',
    'Send the access token of a signed-in user.'),
  ('access_key_not_found', 404, 'There is no such access key, or the caller may not manage it.',
    'Use an id from the table access_keys.'),
  ('access_key_not_yours_to_widen', 403,
    'Someone other than its owner tried to extend what an access key may do.',
    'Ask the owner of the access key.'),
  ('access_key_replaced', 401, 'The access key has been rotated.',
    'Use the access key that replaced it.'),
  ('access_key_revoked', 401, 'The access key has been revoked.', 'Create a new access key.'),
  ('access_key_scope_missing', 403, 'The access key does not have the scope of this operation.',
    'Add the scope to the access key.'),
  ('access_key_without_role', 403,
    'The owner of the access key may no longer chat in its organization.',
    'Ask an admin of the organization.'),
  ('account_not_active', 403, 'The account is suspended or inactive.', 'Contact the operator.'),
  ('agent_config_invalid', 400, 'The configuration of an agent has values that it cannot take.',
    'Correct the fields; agent_configuration_schema() describes them.'),
  ('agent_config_not_found', 404, 'There is no such encrypted value, or the caller may not see it.',
    'List the values of the agent.'),
  ('agent_disabled', 403, 'The agent is disabled.',
    'Ask someone who manages the agent, or choose another model.'),
  ('agent_not_editable', 403, 'The caller may use the agent but not change it.',
    'Ask someone who manages the agent.'),
  ('agent_not_found', 404, 'There is no such agent, or the caller may not see it.',
    'Use an id from the table agents.'),
  ('agent_version_not_found', 404, 'The agent has no published version of that number.',
    'Use a version of the table agent_versions.'),
  ('already_member', 409, 'The invited person is already a member.',
    'Change the role of the member instead.'),
  ('api_key_not_accepted', 401, 'The bearer token is an API key of the project.',
    'Send the access token of a signed-in user.'),
  ('auth_unavailable', 503, 'The keys that verify access tokens are not available.',
    'Send the request again in a few seconds.'),
  ('batch_out_of_range', 400, 'The size of a batch is less than 1.', 'Pass a positive number.'),
  ('column_is_fixed', 403, 'The column of an existing row cannot be changed.',
    'Leave the column out, or send its current value.'),
  ('column_not_found', 404, 'The column is not registered as an encrypted column.',
    'Use a column of private.encrypted_columns.'),
  ('database_unavailable', 503, 'The database does not answer.',
    'Send the request again in a few seconds.'),
  ('date_in_future', 400, 'A day of the range has not begun in any time zone.',
    'Choose an earlier day.'),
  ('date_out_of_range', 400, 'A time is more than ten years ago or more than a day ahead.',
    'Send the time at which it happened.'),
  ('date_required', 400, 'Both days of the range are required.', 'Send both days of the range.'),
  ('days_out_of_range', 400, 'The number of days is not between 1 and 3660.',
    'Send a number in this range.'),
  ('estimated_count_refused', 400,
    'A count by estimate would reveal rows that the caller may not see.',
    'Send Prefer: count=exact.'),
  ('function_calls_not_configured', 503,
    'A secret that calls of edge functions need is missing in Vault.',
    'The operator must create the secret.'),
  ('function_misconfigured', 500,
    'An environment variable of the edge function is missing or wrong.',
    'The operator must set it.'),
  ('internal_error', 500, 'Something failed inside the server.',
    'Send the request again; if it fails again, report x-request-id.'),
  ('invalid_api_key', 401, 'The access key does not exist or is malformed.',
    'Check the access key, or create a new one.'),
  ('invalid_email', 400, 'The text is not an e-mail address.',
    'Send an address of at most 255 characters.'),
  ('invalid_form', 400, 'The body of the request is not a form.', 'Send multipart/form-data.'),
  ('invalid_json', 400, 'The body of the request is not a JSON object in UTF-8.',
    'Send one JSON object.'),
  ('invalid_key_format', 400, 'The key does not have the format of the vendor''s keys.',
    'Copy the key again.'),
  ('invalid_key_settings', 400, 'The key lacks a setting that its vendor''s address needs.',
    'Send exactly the settings that the message names.'),
  ('invalid_lifetime', 400, 'The lifetime of an MCP session is not between one minute and 90 days.',
    'Send a lifetime in this range.'),
  ('invalid_role', 400, 'An invitation cannot grant this role.',
    'Use admin, agent_manager, member or viewer.'),
  ('invalid_secret_key', 401, 'The header apikey holds an unknown secret key.',
    'Send a secret key of this project.'),
  ('invalid_state', 400, 'The state of an MCP session is not a JSON object.', 'Send an object.'),
  ('invalid_token', 401, 'The access token is malformed or not issued by this project.',
    'Sign in again.'),
  ('invalid_type', 400, 'A field of the request has the wrong type.',
    'Correct the field that param names.'),
  ('invalid_value', 400, 'A field of the request has a value that is not accepted.',
    'Correct the field that param names.'),
  ('invitation_expired', 410, 'The invitation has expired.', 'Ask for a new invitation.'),
  ('invitation_in_progress', 409, 'Another request is inviting the same address.',
    'Send the request again.'),
  ('invitation_not_found', 404, 'There is no such invitation, or it is addressed to someone else.',
    'Sign in with the address that was invited.'),
  ('invitation_used', 410, 'The invitation has already been accepted.',
    'Ask for a new invitation if it was not you.'),
  ('job_not_found', 404, 'There is no such job.', 'Use a name from private.jobs.'),
  ('key_cannot_be_tried', 400, 'The vendor has no free request that could test a key.',
    'Leave "try" out.'),
  ('key_exists', 409, 'The caller has already stored this key.',
    'Change or delete the stored key.'),
  ('key_not_found', 404, 'There is no such key, or it is not the caller''s.',
    'Use an id from the table user_api_keys.'),
  ('key_not_yours_to_share', 403,
    'The caller does not own the key or does not manage the organization.',
    'Ask the owner of the key.'),
  ('key_not_yours_to_switch_on', 403, 'Someone other than its owner tried to enable a key.',
    'Ask the owner of the key.'),
  ('keys_not_configured', 503, 'The server has no encryption keys, so it cannot open stored keys.',
    'The operator must set KEY_ENCRYPTION_KEYS.'),
  ('last_owner', 409, 'An organization would be left without an owner.',
    'Make another member an owner first.'),
  ('mcp_session_expired', 410, 'The MCP session has expired.', 'Start a new session.'),
  ('mcp_session_not_found', 404, 'There is no such MCP session, or it is not the caller''s.',
    'Start a new session.'),
  ('measure_unknown', 400, 'Usage is not broken down by this dimension.',
    'Use day, organization, user, agent, model, vendor or feature.'),
  ('method_not_allowed', 405, 'The path does not support this method.',
    'Use a method of the header Allow.'),
  ('missing_required_parameter', 400, 'A required field is missing.',
    'Send the field that param names.'),
  ('missing_secret_key', 401, 'The operation requires a secret key.',
    'Send a secret key in the header apikey.'),
  ('missing_token', 401, 'The request has no header Authorization.',
    'Send Authorization: Bearer <access token>.'),
  ('needs_reauth', 403, 'The stored sign-in at the OAuth provider is no longer valid.',
    'Sign in to the provider and store its tokens again.'),
  ('oauth_provider_not_configured', 503,
    'The client credentials of the OAuth provider are not set.',
    'The operator must set the function secret.'),
  ('oauth_provider_not_found', 404, 'Unknown OAuth provider.',
    'Use a provider from GET /oauth-tokens.'),
  ('oauth_provider_unavailable', 503, 'The OAuth provider issues no tokens at the moment.',
    'Send the request again in a few seconds.'),
  ('oauth_token_not_found', 404, 'The caller has stored no tokens of this OAuth provider.',
    'Store them with POST /oauth-tokens.'),
  ('oauth_tokens_busy', 409, 'Another request is storing tokens of the same OAuth provider.',
    'Send the request again.'),
  ('organization_not_found', 404,
    'There is no such organization, or the caller''s role does not permit this.',
    'Ask an owner or admin of the organization.'),
  ('page_size_out_of_range', 400, 'A page has between 1 and 1,000 rows.',
    'Send a page_size within these bounds.'),
  ('plan_refused', 406, 'The plan of a query would reveal rows that the caller may not see.',
    'Run EXPLAIN as the owner of the database.'),
  ('price_list_invalid', 400, 'A list of prices has rows that cannot be imported.',
    'Correct the list, or take another version of it.'),
  ('price_list_suspicious', 409, 'A list of prices has changes that look wrong.',
    'Review the plan, and allow the changes that are correct.'),
  ('range_backwards', 400, 'The range ends before it begins.', 'Swap the two days.'),
  ('range_too_long', 400, 'The range has more days than a report may have.',
    'Choose a later first day.'),
  ('rate_limit_exceeded', 429, 'Too many requests within a minute, or changes within an hour.',
    'Send the request again after the time in Retry-After.'),
  ('request_refused', 400,
    'The database refused the request with a code that these functions do not know.',
    'Read the message; the operator should deploy the current functions.'),
  ('request_too_large', 413, 'The body of the request is too large.', 'Send a smaller request.'),
  ('secret_key_not_allowed', 403, 'The secret key is not meant for this operation.',
    'Use a secret key that is.'),
  ('server_busy', 503, 'The server has no memory left for another request.',
    'Send the request again after the time in Retry-After.'),
  ('service_not_found', 404, 'The vendor does not have this service.',
    'Use a row of the table vendor_services.'),
  ('state_too_deep', 400, 'The state of an MCP session nests deeper than 64 levels.',
    'Send a less deeply nested object.'),
  ('state_too_large', 413, 'The state of an MCP session is larger than 256 KiB.',
    'Store large values elsewhere.'),
  ('template_not_found', 404, 'There is no such template, or the caller may not use it.',
    'Use an id from the table agent_templates.'),
  ('timezone_changed_too_often', 429,
    'The time zone of the organization was changed five times within a day.',
    'Try again tomorrow.'),
  ('token_expired', 401, 'The access token has expired.', 'Refresh the sign-in.'),
  ('too_many_access_keys', 409,
    'The caller has as many access keys in the organization as are allowed.',
    'Revoke keys that are not used.'),
  ('too_many_changes', 409, 'The access key has reached the maximum number of changes.',
    'Revoke it and create a new one.'),
  ('too_many_keys', 409, 'The caller has stored as many keys as are allowed.',
    'Delete keys that are not used.'),
  ('too_many_organizations', 409, 'The caller has created as many organizations as are allowed.',
    'Delete organizations that are not used.'),
  ('too_many_public_agents', 409, 'The owner shares as many agents as are allowed.',
    'Stop sharing an agent.'),
  ('too_many_unknown_keys', 429, 'Too many unknown access keys came from this address.',
    'Send the request again after the time in Retry-After.'),
  ('undecryptable', 500, 'A stored secret cannot be decrypted.', 'Store the secret again.'),
  ('unknown_parameter', 400, 'The request has a field that does not exist.',
    'Leave out the field that param names.'),
  ('unknown_path', 404, 'The function does not have this path.',
    'Use a path that the message lists.'),
  ('usage_is_being_counted', 409, 'The usage of the organization is being recounted.',
    'Call again in a few minutes.'),
  ('user_not_found', 401, 'The account of the caller no longer exists.', 'Sign in again.'),
  ('vendor_key_rejected', 400, 'The vendor rejects the caller''s key.', 'Store a key that works.'),
  ('vendor_misconfigured', 500, 'The key pattern of the vendor is not a regular expression.',
    'The operator must correct vendors.key_pattern.'),
  ('vendor_not_found', 404, 'There is no such vendor, or it does not accept keys of users.',
    'Use a row of the table vendors.'),
  ('vendor_not_in_use', 409, 'The vendor no longer accepts keys of users.', 'Delete the key.'),
  ('vendor_unavailable', 503, 'The vendor could not be asked whether a key works.',
    'Try again later, or store the key without "try".');
