begin;
select plan(2);

insert into public.vendors (id, name, base_url, auth_type, auth_header, auth_scheme, max_tokens_field, probe_path) values
  ('acme_ai', 'Acme AI', 'https://ai.example.com/v1', 'bearer_token', 'x-key', null, 'max_completion_tokens', '/balance');
insert into public.vendor_services (id, vendor_id, service_name, display_name) values
  ('acme_small', 'acme_ai', 'small-1', 'Small');
insert into public.agents (id, name, vendor_id, service_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'acme_ai', 'acme_small', tests.id('eve'));
insert into public.agents (id, name, vendor_id, model_name, is_platform) values
  ('20000000-0000-4000-8000-000000000002', 'two', 'acme_ai', 'large-1', true);
insert into public.models (agent_id, name, model_id, service_id, is_default) values
  ('20000000-0000-4000-8000-000000000002', 'big', 'large-2', 'acme_small', true);

create temporary table claims as
select claim from jsonb_array_elements(public.claim_agent_probes()) as claim;
select is(
  (select claim from claims where claim ->> 'agent_id' = '20000000-0000-4000-8000-000000000001'),
  '{
    "agent_id": "20000000-0000-4000-8000-000000000001", "is_platform": false, "vendor_id": "acme_ai",
    "base_url": "https://ai.example.com/v1", "api_format": "openai", "auth_type": "bearer_token", "auth_header": "x-key", "auth_scheme": null,
    "max_tokens_field": "max_completion_tokens", "probe_path": "/balance", "service_id": "acme_small", "model": "small-1"
  }'::jsonb,
  'vendor, address and authentication; nothing of the agent''s prompt or of a key'
);
select is(
  (
    select array[claim ->> 'is_platform', claim ->> 'model', claim ->> 'service_id']
    from claims where claim ->> 'agent_id' = '20000000-0000-4000-8000-000000000002'
  ),
  array['true', 'large-2', 'acme_small'], 'the model is the agent''s default one'
);

select * from finish();
rollback;
