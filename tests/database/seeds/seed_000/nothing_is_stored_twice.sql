-- Seed 000, "DO NOT CREATE" and "use Redis": these are columns of other tables, or keys with an end.
begin;
select plan(1);

select is_empty(
  $$
    select relname from pg_class
    where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p')
      and relname in (
        'users', 'user_sessions', 'oauth_states', 'mcp_oauth_tokens', 'mcp_configurations', 'system_prompts',
        'circuit_breaker_state'
      )
  $$,
  'no table was made for what has a place already'
);

select * from finish();
rollback;
