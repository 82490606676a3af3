-- Seed 000, "Configuration Storage Strategy": its two documents, each where it says.
begin;
select plan(5);

select tests.act_as('alice');
insert into mcp_sessions (mcp_state) values ($seed${
  "mcp_name": "ccrouter",
  "type": "stdio",
  "command": "/usr/local/bin/ccrouter",
  "env": {"VERTEX_AI_PROJECT_ID": "..."},
  "auth_type": "bearer",
  "enabled": true
}$seed$);
select results_eq(
  $$ select user_id, mcp_state ->> 'command', mcp_state -> 'env' ->> 'VERTEX_AI_PROJECT_ID' from mcp_sessions $$,
  $$ values (tests.id('alice'), '/usr/local/bin/ccrouter', '...') $$,
  'a person''s MCP configuration is kept with the MCP session'
);

update organizations set settings = $seed${
  "default_model": "gemini-1.5-pro",
  "default_agent": "ccrouter",
  "temperature": 0.7,
  "max_tokens": 2048,
  "system_prompt": "You are a helpful assistant..."
}$seed$ where id = tests.id('acme');
select tests.act_as('dave');
select results_eq(
  $$ select settings ->> 'default_agent', (settings -> 'temperature')::numeric from organizations where id = tests.id('acme') $$,
  $$ values ('ccrouter', 0.7) $$,
  'an organization''s defaults are kept in its settings, for its members to read'
);

-- The defaults are what a chat starts from that names nothing.
select tests.act_as('alice');
update profiles set current_organization_id = tests.id('acme');
select tests.act_as_service();
select set_config('test.turn', begin_chat_turn(
  jsonb_build_object('user_id', tests.id('alice')),
  '{"messages": [{"role": "user", "content": "Hello"}]}'
)::text, true);
select is(
  current_setting('test.turn')::jsonb -> 'agent' ->> 'name', 'ccrouter', 'a chat that names no model goes to the default agent'
);
select is(current_setting('test.turn')::jsonb ->> 'model', 'gemini-1.5-pro', 'and to the default model');
select is(
  current_setting('test.turn')::jsonb -> 'messages' -> 0 ->> 'content', 'You are a helpful assistant...',
  'and begins with the default prompt'
);

select * from finish();
rollback;
