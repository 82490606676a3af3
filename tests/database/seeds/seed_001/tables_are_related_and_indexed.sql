-- Seed 001, "Table Relationships" and "Indexes Created".
begin;
select plan(3);

select set_eq(
  $$
    select conrelid::regclass::text, confrelid::regclass::text, attname::text
    from pg_constraint
    join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where contype = 'f'
      and conrelid in ('models'::regclass, 'agent_health'::regclass, 'chat_sessions'::regclass)
      and attname <> 'service_id'
    union all
    select 'chat_messages', confrelid::regclass::text, 'session_id' from pg_constraint
    where conname = 'chat_messages_session_id_fkey'
  $$,
  $$ values
    ('models', 'agents', 'agent_id'),
    ('agent_health', 'agents', 'agent_id'),
    ('chat_sessions', 'agents', 'agent_id'),
    ('chat_sessions', 'models', 'model_id'),
    ('chat_sessions', 'organizations', 'org_id'),
    ('chat_sessions', 'profiles', 'user_id'),
    ('chat_messages', 'chat_sessions', 'session_id') $$,
  'the five tables refer to each other as drawn'
);
select cmp_ok(
  (
    select count(*) from pg_index
    where indrelid in (
      'agents'::regclass, 'models'::regclass, 'chat_sessions'::regclass, 'chat_messages'::regclass, 'agent_health'::regclass
    )
  ),
  '>=', 15::bigint, 'they have fifteen indexes and more'
);
select is_empty(
  $$
    select tables.name from unnest(array['agents', 'models', 'chat_sessions', 'chat_messages']) as tables (name)
    where not exists (
      select from pg_index where indrelid = tables.name::regclass and indnkeyatts > 1
    )
  $$,
  'each table that is queried by more than one column has an index over more than one'
);

select * from finish();
rollback;
