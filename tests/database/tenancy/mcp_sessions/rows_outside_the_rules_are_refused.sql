begin;
select plan(8);

insert into public.mcp_sessions (session_id, user_id) values ('mcp_1', tests.id('eve')), ('mcp_2', tests.id('eve'));

select tests.breaks(
  format('update public.mcp_sessions set %s where session_id = ''mcp_1''', change), rule, change || ' is refused'
)
from (values
  ('session_id = ''''', 'session_id_is_1_to_255_characters'),
  ('session_id = repeat(''a'', 256)', 'session_id_is_1_to_255_characters'),
  ('session_id = ''mcp_2''', 'mcp_sessions_pkey'),
  ('mcp_state = ''[]''', 'mcp_state_is_an_object'),
  ('expires_at = created_at', 'mcp_session_expires_after_it_is_made'),
  ('user_id = gen_random_uuid()', 'mcp_sessions_user_id_fkey')
) as broken (change, rule);

select tests.changes(format('update public.mcp_sessions set %s where session_id = ''mcp_1''', change), 1, change)
from unnest(array['expires_at = created_at + interval ''1 microsecond''', 'session_id = repeat(''a'', 255)']) as change;

select * from finish();
rollback;
