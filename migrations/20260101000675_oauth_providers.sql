-- OAuth providers: their endpoints for refreshing and revoking tokens, and the meaning of their
-- answers.

create function private.oauth_refusals()
returns text[]
language sql
immutable parallel safe
set search_path = ''
as $$
  select array[
    'invalid_grant', 'bad_refresh_token', 'invalid_refresh_token', 'refresh_token_expired',
    'token_revoked', 'token_expired', 'invalid_token', 'access_denied', 'account_inactive',
    'interaction_required', 'consent_required', 'login_required'
  ]
$$;
comment on function private.oauth_refusals() is
  'The error codes with which most providers refuse a refresh token permanently: those of RFC 6749 '
  'and OpenID Connect, and those of GitHub, HubSpot and Slack.';
grant execute on function private.oauth_refusals() to service_role;

create function private.matches_each(list text[], pattern text)
returns boolean
language sql
immutable parallel safe
set search_path = ''
as $$
  select coalesce(
    bool_and(coalesce(items.item ~ matches_each.pattern, false)), true
  )
  from unnest(matches_each.list) as items (item)
$$;
comment on function private.matches_each(text[], text) is
  'Whether each element of a list matches a pattern; true for an empty one.';
grant execute on function private.matches_each(text[], text) to service_role;

create table public.oauth_providers (
  id text primary key,
  name text not null,
  token_endpoint text not null,
  client_authentication text not null default 'post',
  resource text,
  scope text,
  default_lifetime interval,
  refusals text[] not null default private.oauth_refusals(),
  revocation_endpoint text,
  revocation_style text not null default 'form',
  account_fields text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint oauth_provider_id_is_lower_case_words check (id ~ '^[a-z][a-z0-9_]{0,49}$'),
  constraint oauth_provider_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint token_endpoint_is_https_or_loopback check (
    token_endpoint ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s#]+$'
  ),
  constraint client_authentication_is_known check (
    client_authentication in ('post', 'basic', 'basic_plain', 'none')
  ),
  constraint revocation_endpoint_is_https_or_loopback check (
    revocation_endpoint ~ '^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s#]+$'
  ),
  constraint revocation_style_is_known check (revocation_style in ('form', 'github')),
  constraint account_fields_are_at_most_5_paths check (
    cardinality(account_fields) <= 5
    and private.matches_each(account_fields, '^[A-Za-z0-9_-]{1,50}(\.[A-Za-z0-9_-]{1,50}){0,4}$')
  ),
  constraint resource_is_an_absolute_uri check (resource ~ '^[a-z][a-z0-9+.-]*:[^\s#]+$'),
  constraint scope_is_words_of_visible_characters check (scope ~ '^[!-~]+( [!-~]+)*$'),
  constraint default_lifetime_is_a_second_to_ten_years check (
    default_lifetime between interval '1 second' and interval '10 years'
  ),
  constraint refusals_are_error_codes check (
    private.matches_each(refusals, '^([1-5][0-9]{2}:)?[a-z0-9_.-]{1,100}$')
  )
);
comment on table public.oauth_providers is
  'OAuth providers, and how their tokens are refreshed. A new provider is an INSERT; its client id '
  'and secret are function secrets.';
comment on column public.oauth_providers.id is
  'Short name, such as google. Tokens are bound to it.';
comment on column public.oauth_providers.name is 'Name of the OAuth provider to show.';
comment on column public.oauth_providers.token_endpoint is
  'Where a refresh token is exchanged: https, or http on this machine.';
comment on column public.oauth_providers.client_authentication is
  'How the client authenticates there: post (client id and secret in the body), basic (in a '
  'header, encoded as RFC 6749 requires), basic_plain (in a header, as they are) or none for a '
  'public client.';
comment on column public.oauth_providers.resource is
  'Sent with every refresh as the parameter resource (RFC 8707), which MCP servers require; null '
  'where the provider refuses it.';
comment on column public.oauth_providers.scope is
  'Sent with every refresh as the parameter scope, words separated by spaces; null for none.';
comment on column public.oauth_providers.default_lifetime is
  'The assumed lifetime of an access token whose answer states none; null if such tokens do not '
  'expire.';
comment on column public.oauth_providers.refusals is
  'Error codes, in lower case, with which the provider refuses a refresh token permanently; '
  '403:unauthorized_client means the code with this status only.';
comment on column public.oauth_providers.revocation_endpoint is
  'Where tokens are revoked when their connection is deleted; null for none. {client_id} in it '
  'stands for the client''s id.';
comment on column public.oauth_providers.revocation_style is
  'How: form (RFC 7009), or github (DELETE of the grant with Basic authentication, the access '
  'token as JSON).';
comment on column public.oauth_providers.account_fields is
  'Fields of a sign-in''s answer that together identify its account, such as id_token.sub or '
  'team.id; none if the caller sends account_id instead.';
comment on column public.oauth_providers.created_at is 'When the OAuth provider was added.';
comment on column public.oauth_providers.updated_at is 'When the OAuth provider was last changed.';

alter table public.oauth_providers enable row level security;
create policy "People read OAuth providers"
  on public.oauth_providers
  for select to authenticated
  using (true);
grant select on public.oauth_providers to authenticated;
grant select, insert, update, delete on public.oauth_providers to service_role;
create trigger update_oauth_providers_updated_at before update on public.oauth_providers
  for each row execute function public.update_updated_at_column();

insert into public.oauth_providers (
  id, name, token_endpoint, client_authentication, default_lifetime, refusals, revocation_endpoint
)
values
  (
    'atlassian', 'Atlassian', 'https://auth.atlassian.com/oauth/token', 'post', null,
    private.oauth_refusals() || '{403:unauthorized_client}'::text[], null
  ),
  (
    'github', 'GitHub', 'https://github.com/login/oauth/access_token', 'post', null,
    private.oauth_refusals(), 'https://api.github.com/applications/{client_id}/grant'
  ),
  (
    'gitlab', 'GitLab', 'https://gitlab.com/oauth/token', 'post', null,
    private.oauth_refusals(), 'https://gitlab.com/oauth/revoke'
  ),
  (
    'google', 'Google', 'https://oauth2.googleapis.com/token', 'post', null,
    private.oauth_refusals(), 'https://oauth2.googleapis.com/revoke'
  ),
  (
    'linear', 'Linear', 'https://api.linear.app/oauth/token', 'post', null,
    private.oauth_refusals(), 'https://api.linear.app/oauth/revoke'
  ),
  (
    'microsoft', 'Microsoft', 'https://login.microsoftonline.com/common/oauth2/v2.0/token', 'post',
    null, private.oauth_refusals(), null
  ),
  (
    'notion', 'Notion', 'https://api.notion.com/v1/oauth/token', 'basic', null,
    private.oauth_refusals(), 'https://api.notion.com/v1/oauth/revoke'
  ),
  (
    'salesforce', 'Salesforce', 'https://login.salesforce.com/services/oauth2/token', 'post',
    interval '2 hours', private.oauth_refusals(),
    'https://login.salesforce.com/services/oauth2/revoke'
  ),
  (
    'slack', 'Slack', 'https://slack.com/api/oauth.v2.access', 'post', null,
    private.oauth_refusals(), null
  );
update public.oauth_providers set revocation_style = 'github' where oauth_providers.id = 'github';
update public.oauth_providers
set account_fields = known.fields
from (values
  ('google', '{id_token.sub}'::text[]),
  ('gitlab', '{id_token.sub}'),
  ('microsoft', '{id_token.tid,id_token.sub}'),
  ('notion', '{workspace_id,owner.user.id}'),
  ('salesforce', '{id}'),
  ('slack', '{team.id,authed_user.id}')
) as known (provider, fields)
where oauth_providers.id = known.provider;
