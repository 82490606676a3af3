-- The current state of what 000675_oauth_providers.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.oauth_providers (
  id text not null,
  name text not null,
  token_endpoint text not null,
  client_authentication text default 'post'::text not null,
  resource text,
  scope text,
  default_lifetime interval,
  refusals text[] default private.oauth_refusals() not null,
  revocation_endpoint text,
  revocation_style text default 'form'::text not null,
  account_fields text[] default '{}'::text[] not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint oauth_providers_pkey PRIMARY KEY (id),
  constraint account_fields_are_at_most_5_paths CHECK (((cardinality(account_fields) <= 5) AND private.matches_each(account_fields, '^[A-Za-z0-9_-]{1,50}(\.[A-Za-z0-9_-]{1,50}){0,4}$'::text))),
  constraint client_authentication_is_known CHECK ((client_authentication = ANY (ARRAY['post'::text, 'basic'::text, 'basic_plain'::text, 'none'::text]))),
  constraint default_lifetime_is_a_second_to_ten_years CHECK (((default_lifetime >= '00:00:01'::interval) AND (default_lifetime <= '10 years'::interval))),
  constraint oauth_provider_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
  constraint oauth_provider_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint refusals_are_error_codes CHECK (private.matches_each(refusals, '^([1-5][0-9]{2}:)?[a-z0-9_.-]{1,100}$'::text)),
  constraint resource_is_an_absolute_uri CHECK ((resource ~ '^[a-z][a-z0-9+.-]*:[^\s#]+$'::text)),
  constraint revocation_endpoint_is_https_or_loopback CHECK ((revocation_endpoint ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s#]+$'::text)),
  constraint revocation_style_is_known CHECK ((revocation_style = ANY (ARRAY['form'::text, 'github'::text]))),
  constraint scope_is_words_of_visible_characters CHECK ((scope ~ '^[!-~]+( [!-~]+)*$'::text)),
  constraint token_endpoint_is_https_or_loopback CHECK ((token_endpoint ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s#]+$'::text))
);
alter table public.oauth_providers enable row level security;
create policy "People read OAuth providers" on public.oauth_providers
  as permissive for select to authenticated
  using (true);
grant delete, insert, select, update on public.oauth_providers to service_role;
grant select on public.oauth_providers to authenticated;
CREATE TRIGGER record_audit_change AFTER UPDATE OF name, token_endpoint, client_authentication, resource, scope, default_lifetime, refusals, revocation_endpoint, revocation_style, account_fields ON public.oauth_providers FOR EACH ROW WHEN ((((((((((((old.name IS DISTINCT FROM new.name) OR (old.token_endpoint IS DISTINCT FROM new.token_endpoint)) OR (old.client_authentication IS DISTINCT FROM new.client_authentication)) OR (old.resource IS DISTINCT FROM new.resource)) OR (old.scope IS DISTINCT FROM new.scope)) OR (old.default_lifetime IS DISTINCT FROM new.default_lifetime)) OR (old.refusals IS DISTINCT FROM new.refusals)) OR (old.revocation_endpoint IS DISTINCT FROM new.revocation_endpoint)) OR (old.revocation_style IS DISTINCT FROM new.revocation_style)) OR (old.account_fields IS DISTINCT FROM new.account_fields)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.oauth_providers FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER update_oauth_providers_updated_at BEFORE UPDATE ON public.oauth_providers FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.matches_each(list text[], pattern text)
returns boolean
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select coalesce(
    bool_and(coalesce(items.item ~ matches_each.pattern, false)), true
  )
  from unnest(matches_each.list) as items (item)
$body$;
grant execute on function private.matches_each(text[],text) to service_role;

create function private.oauth_refusals()
returns text[]
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select array[
    'invalid_grant', 'bad_refresh_token', 'invalid_refresh_token', 'refresh_token_expired',
    'token_revoked', 'token_expired', 'invalid_token', 'access_denied', 'account_inactive',
    'interaction_required', 'consent_required', 'login_required'
  ]
$body$;
grant execute on function private.oauth_refusals() to service_role;
