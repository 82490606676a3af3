-- Seed 002, section 7, each called as the seed means it.
begin;
select plan(19);

select has_function('public', 'get_agent_with_features', array['uuid'], 'get_agent_with_features(UUID)');
select has_function('public', 'update_agent_activity_score', array['uuid'], 'update_agent_activity_score(UUID)');
select has_function('public', 'get_user_api_key', array['uuid', 'text', 'text'], 'get_user_api_key(UUID, TEXT, TEXT)');
select has_function('public', 'update_api_key_last_used', array['uuid', 'text', 'text'], 'update_api_key_last_used(UUID, TEXT, TEXT)');
select has_function('public', 'update_daily_usage_stats', array['date'], 'update_daily_usage_stats(DATE)');
select lives_ok('select update_daily_usage_stats()', 'and update_daily_usage_stats() counts yesterday');
select has_function('public', 'get_agent_usage_summary', array['uuid', 'integer'], 'get_agent_usage_summary(UUID, INTEGER)');

insert into public.agents (name, created_by, vendor_id) values ('Alice''s', tests.id('alice'), 'openai');
insert into public.user_api_keys (user_id, vendor_id, service_id, encrypted_key, key_preview) values
  (tests.id('alice'), 'openai', null, 'v1:k1:AAAAAAAAAAAAAAAA:vendorvendorvendorvendor', 'vend'),
  (tests.id('alice'), 'openai', 'openai_gpt4', 'v1:k1:AAAAAAAAAAAAAAAA:serviceserviceservice000', 'serv');

select tests.act_as_service();
select is(add_vendor('groq', 'Groq'), 'groq', 'add_vendor(TEXT, TEXT, ...) adds a vendor');
select is(add_vendor_service('groq_llama', 'groq', 'llama-3'), 'groq_llama', 'add_vendor_service(TEXT, TEXT, ...) adds a service to it');
select results_eq(
  $$
    select vendors.name, vendors.is_active, services.service_name, services.is_active
    from vendors join vendor_services services on services.vendor_id = vendors.id where vendors.id = 'groq'
  $$,
  $$ values ('Groq', true, 'llama-3', true) $$,
  'both are there to be used'
);
select is(
  get_user_api_key(tests.id('alice'), 'openai', 'openai_gpt4'), 'v1:k1:AAAAAAAAAAAAAAAA:serviceserviceservice000',
  'get_user_api_key() retrieves the key for a service, encrypted as it is stored'
);
select is(
  get_user_api_key(tests.id('alice'), 'openai', 'openai_gpt4o'), 'v1:k1:AAAAAAAAAAAAAAAA:vendorvendorvendorvendor',
  'or the vendor''s, where the service has none'
);
select update_api_key_last_used(tests.id('alice'), 'openai', 'openai_gpt4');
select results_eq(
  $$ select key_preview, last_used_at from user_api_keys order by key_preview $$,
  $$ values ('serv', now()), ('vend', null) $$,
  'update_api_key_last_used() marks the key that is used'
);
select is(get_user_api_key(tests.id('eve'), 'openai', 'openai_gpt4'), null, 'who has no key gets none');

select tests.act_as('alice');
insert into ai_interactions (agent_id, title, satisfaction_rating, usefulness_rating)
select id, 'x', 5, 5 from agents where name = 'Alice''s';
select cmp_ok(
  (select update_agent_activity_score(id) from agents where name = 'Alice''s'), '>', 0.5::real,
  'update_agent_activity_score() calculates the score'
);
select is(
  (select activity_score from agents where name = 'Alice''s'), (select update_agent_activity_score(id) from agents where name = 'Alice''s'),
  'and stores it'
);
select is(
  (select get_agent_with_features(id) ->> 'name' from agents where name = 'Alice''s'), 'Alice''s',
  'get_agent_with_features() returns the agent'
);
select tests.denied($$ select add_vendor('mine', 'Mine') $$, 'adding a vendor is the operator''s');
select tests.denied('select update_daily_usage_stats(current_date)', 'and so is counting everyone''s days');

select * from finish();
rollback;
