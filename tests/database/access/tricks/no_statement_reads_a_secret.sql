begin;
select plan(24);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
insert into public.mcp_sessions (user_id, oauth_provider, oauth_status, oauth_refreshable, oauth_data) values (
  tests.id('alice'), 'google', 'connected', true, '{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}'
);
insert into public.agents (name, created_by) values ('Alice''s', tests.id('alice'));
insert into public.ai_agent_configs (agent_id, config_key, config_value, is_encrypted, user_id)
select id, 'token', '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"', true, tests.id('alice')
from public.agents where name = 'Alice''s';
select tests.act_as('alice');
select public.invite_member(tests.id('acme'), 'new@example.com', 'viewer');

-- Alice owns all of it, as a person and as the organization's owner.
select isnt_empty('select key_preview from user_api_keys', 'the key is there, and its owner sees that it is');
select tests.denied('select encrypted_key from user_api_keys', 'its ciphertext is not read');
select tests.denied('select * from user_api_keys', 'nor with everything else');
select tests.denied('select keys from user_api_keys keys', 'nor as a whole row');
select tests.denied('select to_jsonb(keys) from user_api_keys keys', 'nor as a document');
select tests.denied($$ select id from user_api_keys where encrypted_key like 'v1%' $$, 'nor guessed by a filter');
select tests.denied('select id from user_api_keys order by encrypted_key', 'nor by an order');
select tests.denied('select count(*) from user_api_keys group by encrypted_key', 'nor by counting');
select tests.denied('update user_api_keys set is_active = false returning encrypted_key', 'nor returned by an update');
select tests.denied('delete from user_api_keys returning encrypted_key', 'nor by a delete');
select tests.denied('update user_api_keys set display_name = encrypted_key', 'nor copied into another column');
select tests.denied($$ select get_user_api_key(tests.id('alice'), 'openai') $$, 'nor asked for');
select isnt_empty('select details from api_key_events', 'what was done with it is told');
select is_empty($$ select from api_key_events where details::text like '%v1:%' $$, 'but not the ciphertext');

select isnt_empty('select mcp_state from mcp_sessions', 'the MCP session is there');
select tests.denied('select oauth_data from mcp_sessions', 'its tokens are not read');
select tests.denied('select * from mcp_sessions', 'nor with everything else');
select tests.denied('insert into mcp_sessions (mcp_state) values (default) returning oauth_data', 'nor returned');
select tests.denied($$ update mcp_sessions set oauth_data = '{}' $$, 'nor written');

select isnt_empty('select email from organization_invitations', 'the invitation is there');
select tests.denied('select token_hash from organization_invitations', 'the hash of its token is not read');
select tests.denied('delete from organization_invitations returning token_hash', 'nor returned');

select is_empty('select config_value from ai_agent_configs', 'an encrypted configuration value is not read');
select is_empty(
  $$ update ai_agent_configs set description = 'Mine' returning config_value $$, 'nor returned by an update'
);

select * from finish();
rollback;
