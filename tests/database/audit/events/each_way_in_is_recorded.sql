begin;
select plan(37);

-- Who does what, as a statement, and the event that it writes.
create temporary table acts (
  place integer generated always as identity, actor text, statement text,
  table_name text, action text, before jsonb, after jsonb
);
insert into public.agents (id, name, organization_id, created_by, vendor_id, model_name)
values (md5('audited')::uuid, 'audited', tests.id('acme'), tests.id('carol'), 'openai', 'gpt-4o');
insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview)
values (md5('vendor key')::uuid, tests.id('bob'), 'openai', 'v1:test:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'wxyz');
insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url)
values (md5('webhook')::uuid, tests.id('acme'), 'w', 'example.com', 'v1:test:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four)
values (md5('key')::uuid, tests.id('acme'), tests.id('bob'), 'k', 'agb_abcd', 'wxyz');

insert into acts (actor, statement, table_name, action, before, after) values
  ('alice', $$update organizations set name = 'Acme 2' where id = tests.id('acme')$$,
    'organizations', 'changed', '{"name": "Acme"}', '{"name": "Acme 2"}'),
  ('alice', $$update teams set name = 'Acme' where id = tests.id('acme')$$,
    'organizations', 'changed', '{"name": "Acme 2"}', '{"name": "Acme"}'),
  ('alice', $$update organizations set settings = '{"default_model": "m"}' where id = tests.id('acme')$$,
    'organizations', 'changed', '{"settings": {"bytes": 2}}', '{"settings": {"bytes": 22}}'),
  ('bob', $$update organization_members set role = 'member' where organization_id = tests.id('acme') and user_id = tests.id('dave')$$,
    'organization_members', 'changed', '{"role": "viewer"}', '{"role": "member"}'),
  ('bob', $$update user_roles set role = 'viewer' where team_id = tests.id('acme') and user_id = tests.id('dave')$$,
    'organization_members', 'changed', '{"role": "member"}', '{"role": "viewer"}'),
  ('bob', $$select invite_member(tests.id('acme'), 'eve@example.com', 'viewer')$$,
    'organization_invitations', 'created', null, null),
  ('bob', $$delete from organization_invitations where organization_id = tests.id('acme')$$,
    'organization_invitations', 'deleted', null, null),
  ('bob', $$insert into budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'month', 100)$$,
    'budgets', 'created', null, '{"period": "month", "limit_usd": 100.0000000000, "is_active": true}'),
  ('bob', $$update budgets set limit_usd = 200 where organization_id = tests.id('acme')$$,
    'budgets', 'changed', '{"limit_usd": 100.0000000000}', '{"limit_usd": 200.0000000000}'),
  ('bob', $$delete from budgets where organization_id = tests.id('acme')$$,
    'budgets', 'deleted', '{"period": "month", "limit_usd": 200.0000000000, "is_active": true}', null),
  ('bob', $$update access_keys set requests_per_minute = 5 where id = md5('key')::uuid$$,
    'access_keys', 'changed', '{"requests_per_minute": null}', '{"requests_per_minute": 5}'),
  ('alice', $$select revoke_access_key(md5('key')::uuid)$$, 'access_keys', 'changed', '{"revoked_at": null}', null),
  ('bob', $$update user_api_keys set organization_id = tests.id('acme') where id = md5('vendor key')::uuid$$,
    'user_api_keys', 'moved_in', null, null),
  ('alice', $$update user_api_keys set is_active = false where id = md5('vendor key')::uuid$$,
    'user_api_keys', 'changed', '{"is_active": true}', '{"is_active": false}'),
  ('bob', $$update user_api_keys set organization_id = null where id = md5('vendor key')::uuid$$,
    'user_api_keys', 'moved_out', null, null),
  ('carol', $$update agents set status = 'active' where id = md5('audited')::uuid$$,
    'agents', 'changed', '{"status": "inactive"}', '{"status": "active"}'),
  ('carol', $$update bots set llm_model = 'gpt-4o-mini' where id = md5('audited')::uuid$$,
    'agents', 'changed', '{"version": 1, "model_name": "gpt-4o"}', null),
  ('carol', $$update agents set config = '{"api_key": "sk-secret-secret-secret"}' where id = md5('audited')::uuid$$,
    'agents', 'changed', '{"config": {"bytes": 2}, "version": 2}', '{"config": {"bytes": 38}, "version": 3}'),
  ('carol', $$insert into models (agent_id, name) values (md5('audited')::uuid, 'm')$$, 'models', 'created', null, null),
  ('carol', $$insert into workflows (agent_id, name) values (md5('audited')::uuid, 'flow')$$,
    'workflows', 'created', null, null),
  ('carol', $$select deploy_agent(md5('audited')::uuid)$$, 'deployments', 'created', null, null),
  ('carol', $$insert into widgets (agent_id, name) values (md5('audited')::uuid, 'site')$$, 'widgets', 'created', null, null),
  ('carol', $$select rotate_widget_key((select id from widgets where name = 'site'))$$, 'widgets', 'changed', null, null),
  ('carol', $$delete from widgets where name = 'site'$$, 'widgets', 'deleted', null, null),
  ('carol', $$delete from agents where id = md5('audited')::uuid$$, 'agents', 'deleted', null, null),
  ('service', $$insert into webhook_secrets (endpoint_id, encrypted_secret) values
      (md5('webhook')::uuid, 'v1:test:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA')$$,
    'webhook_secrets', 'created', null, null),
  ('service', $$update webhook_endpoints set is_active = false where id = md5('webhook')::uuid$$,
    'webhook_endpoints', 'changed', '{"is_active": true}', '{"is_active": false}'),
  ('service', $$delete from webhook_endpoints where id = md5('webhook')::uuid$$, 'webhook_endpoints', 'deleted', null, null),
  ('service', $$update organizations set plan = 'pro' where id = tests.id('acme')$$,
    'organizations', 'changed', '{"plan": "starter"}', '{"plan": "pro"}'),
  ('bob', $$delete from organization_members where organization_id = tests.id('acme') and user_id = tests.id('dave')$$,
    'organization_members', 'deleted', null, null),
  ('alice', $$select delete_organization(tests.id('acme'))$$, 'organizations', 'changed', '{"deleted_at": null}', null),
  -- Of the platform, by operators and the backend.
  ('operator', $$update plans set audit_days = 200 where id = 'starter'$$,
    'plans', 'changed', '{"audit_days": 180}', '{"audit_days": 200}'),
  ('service', $$update vendors set is_active = false where id = 'cohere'$$,
    'vendors', 'changed', '{"is_active": true}', '{"is_active": false}'),
  ('operator', $$update service_prices set input_rate = input_rate + 1 where id = (select id from service_prices order by id limit 1)$$,
    'service_prices', 'changed', null, null),
  ('operator', $$update oauth_providers set token_endpoint = 'https://example.com/token' where id = 'github'$$,
    'oauth_providers', 'changed', '{"token_endpoint": "https://github.com/login/oauth/access_token"}',
    '{"token_endpoint": "https://example.com/token"}'),
  ('service', $$update profiles set status = 'suspended' where id = tests.id('eve')$$,
    'profiles', 'changed', '{"status": "active"}', '{"status": "suspended"}'),
  ('operator', $$update agents set enabled = not enabled where name = 'ccrouter'$$, 'agents', 'changed', null, null);

-- Does one and returns its newest event as a line.
create function pg_temp.event_of(act acts)
returns text
language plpgsql
as $$
declare
  found public.audit_events;
begin
  delete from public.audit_events;
  case act.actor when 'operator' then perform tests.reset(); when 'service' then perform tests.act_as_service();
    else perform tests.act_as(act.actor); end case;
  execute act.statement;
  perform tests.reset();
  select events.* into found from public.audit_events events
  where events.table_name = act.table_name and events.action = act.action
  order by events.created_at desc limit 1;
  return concat_ws(
    ' ', found.action, found.table_name, found.actor_type,
    coalesce((select actors.name from tests.actors where actors.id = found.actor_id), found.actor_name),
    case when found.organization_id = tests.id('acme') then 'in acme' when found.id is not null then 'of the platform' end,
    case when act.before is not null then found.before end,
    case when act.after is not null then found.after end
  );
end
$$;
set local search_path = public, extensions, pg_temp;
select is(
  pg_temp.event_of(acts),
  concat_ws(
    ' ', acts.action, acts.table_name,
    case when acts.actor in ('operator', 'service') then acts.actor else 'user' end,
    case acts.actor when 'operator' then session_user::text when 'service' then null else acts.actor end,
    case when acts.place <= 31 then 'in acme' else 'of the platform' end, acts.before, acts.after
  ),
  format('%s: %s', acts.actor, left(acts.statement, 90))
)
from acts order by acts.place;

select * from finish();
rollback;
