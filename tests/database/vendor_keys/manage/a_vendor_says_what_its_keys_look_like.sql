begin;
select plan(9);

select tests.act_as_service();
create temporary view alice as select jsonb_build_object('user_id', tests.id('alice')) as caller;

select is(
  public.get_key_rules(caller, 'openai', 'openai_gpt4o'),
  '{
    "vendor_id": "openai", "name": "OpenAI", "key_pattern": "^sk-(?!ant-|or-|admin-)[A-Za-z0-9_-]{20,}$",
    "base_url": "https://api.openai.com/v1", "api_format": "openai", "probe_path": "/models", "auth_header": "Authorization", "auth_scheme": "Bearer"
  }',
  'what a key looks like, and how it is tried'
)
from alice;
select tests.refused(
  format('select public.get_key_rules(%L, %L, %L)', caller, vendor, service), 404, code, what
)
from alice, (values
  ('nobody', null, 'vendor_not_found', 'a vendor that there is not'),
  ('google_vertex', null, 'vendor_not_found', 'a vendor that takes no users'' keys'),
  ('openai', 'anthropic_claude3_opus', 'service_not_found', 'another vendor''s service')
) as asked (vendor, service, code, what);

select tests.reset();
update public.vendors set is_active = false where id = 'cohere';
insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), 'cohere', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
select tests.act_as_service();
select tests.refused(
  format('select public.get_key_rules(%L, ''cohere'')', caller), 404, 'vendor_not_found', 'a vendor out of use'
)
from alice;
select is(
  public.get_key_to_replace(caller, '40000000-0000-4000-8000-000000000001'),
  '{"id": "40000000-0000-4000-8000-000000000001", "settings": {}, "rules": null}', 'whose keys are not replaced either'
)
from alice;

select lives_ok(
  format('select public.get_key_rules(%L, ''openai'') from generate_series(1, 28)', caller), 'thirty times a minute'
)
from alice;
select tests.refused(
  format('select public.get_key_rules(%L, ''openai'')', caller), 429, 'rate_limit_exceeded', 'and no more often'
)
from alice;
select tests.refused(
  format('select public.get_key_to_replace(%L, ''40000000-0000-4000-8000-000000000001'')', caller), 429,
  'rate_limit_exceeded', 'one limit for both'
)
from alice;

select * from finish();
rollback;
