begin;
select plan(4);

insert into public.user_api_keys
  (user_id, organization_id, vendor_id, service_id, encrypted_key, key_preview, created_at)
select owner, organization, 'openai', service, 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', name, made
from (values
  ('o-v1', tests.id('alice'), tests.id('acme'), null, timestamptz '2026-01-01'),
  ('o-v2', tests.id('alice'), tests.id('acme'), null, timestamptz '2026-01-02'),
  ('o-s1', tests.id('alice'), tests.id('acme'), 'openai_gpt4o', timestamptz '2026-01-01'),
  ('o-s2', tests.id('alice'), tests.id('acme'), 'openai_gpt4o', timestamptz '2026-01-02'),
  ('m-v1', tests.id('carol'), null, null, timestamptz '2026-01-01'),
  ('m-v2', tests.id('carol'), null, null, timestamptz '2026-01-02'),
  ('m-s1', tests.id('carol'), null, 'openai_gpt4o', timestamptz '2026-01-01'),
  ('m-s2', tests.id('carol'), null, 'openai_gpt4o', timestamptz '2026-01-02')
) as keys (name, owner, organization, service, made);

select set_config('request.jwt.claims', jsonb_build_object('sub', tests.id('carol'))::text, true);
select results_eq(
  $$
    select key_preview from private.usable_api_keys(tests.id('carol'), tests.id('acme'), 'openai', 'openai_gpt4o') with ordinality
    order by ordinality
  $$,
  $$ values ('m-s2'), ('m-s1'), ('m-v2'), ('m-v1'), ('o-s2'), ('o-s1'), ('o-v2'), ('o-v1') $$,
  'own before the organization''s, for the service before for the vendor, newer before older'
);
select results_eq(
  $$
    select key_preview from private.usable_api_keys(tests.id('carol'), tests.id('acme'), 'openai', 'openai_gpt4') with ordinality
    order by ordinality
  $$,
  $$ values ('m-v2'), ('m-v1'), ('o-v2'), ('o-v1') $$,
  'a key for one service is for no other'
);
select results_eq(
  $$
    select key_preview from private.usable_api_keys(tests.id('carol'), tests.id('acme'), 'openai') with ordinality order by ordinality
  $$,
  $$ values ('m-v2'), ('m-v1'), ('o-v2'), ('o-v1') $$,
  'nor for the vendor as a whole'
);
select is_empty(
  $$ select id from private.usable_api_keys(tests.id('carol'), tests.id('acme'), 'anthropic') $$, 'nor for another vendor'
);

select * from finish();
rollback;
