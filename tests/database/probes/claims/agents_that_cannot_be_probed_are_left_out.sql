begin;
select plan(3);

insert into public.vendors (id, name, base_url, probe_path, probe_by_call, is_active) values
  ('listing', 'Listing', 'https://a.example.com', '/models', false, true),
  ('nowhere', 'Nowhere', null, '/models', false, true),
  ('retired', 'Retired', 'https://b.example.com', '/models', false, false),
  ('silent', 'Silent', 'https://c.example.com', null, false, true),
  ('paid', 'Paid', 'https://d.example.com', null, true, true);
insert into public.organizations (id, name, slug, created_by, deleted_at) values
  ('10000000-0000-4000-8000-000000000001', 'Gone', 'gone', tests.id('eve'), now());
insert into public.agents (name, vendor_id, enabled, status, created_by, organization_id) values
  ('listing', 'listing', true, 'inactive', tests.id('eve'), null),
  ('of no one', 'listing', true, 'error', null, null),
  ('of acme', 'listing', true, 'active', tests.id('alice'), tests.id('acme')),
  ('switched off', 'listing', false, 'active', tests.id('eve'), null),
  ('paused', 'listing', true, 'paused', tests.id('eve'), null),
  ('of no vendor', null, true, 'active', tests.id('eve'), null),
  ('of a deleted organization', 'listing', true, 'active', tests.id('eve'), '10000000-0000-4000-8000-000000000001'),
  ('without an address', 'nowhere', true, 'active', null, null),
  ('of a retired vendor', 'retired', true, 'active', null, null),
  ('without a probe', 'silent', true, 'active', null, null),
  ('paid by a person', 'paid', true, 'active', tests.id('eve'), null);
insert into public.agents (name, vendor_id, status, is_platform) values ('paid by the platform', 'paid', 'active', true);

create temporary table claims as
select agents.name, claim ->> 'probe_path' as probe_path
from jsonb_array_elements(public.claim_agent_probes()) as claim
join public.agents on agents.id = (claim ->> 'agent_id')::uuid;

select set_eq(
  $$ select name from claims where name not in ('ccrouter', 'droid') $$,
  array['listing', 'of no one', 'of acme', 'paid by the platform'],
  'agents that are on, of vendors that are and offer a probe; a paid one is for the platform''s own'
);
select is((select probe_path from claims where name = 'paid by the platform'), null, 'a paid one has no path');
select set_eq(
  $$ select name from claims where name in ('ccrouter', 'droid') $$, array['droid'],
  'of the platform''s agents Vertex AI lists no models, and no operator has switched a paid probe on'
);

select * from finish();
rollback;
