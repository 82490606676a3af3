begin;
select plan(19);

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
  ('user_id = gen_random_uuid()', 'mcp_sessions_user_id_fkey'),
  ('mcp_state = jsonb_build_object(''a'', repeat(''a'', 262144))', 'mcp_state_is_at_most_256_kib_and_64_levels'),
  ('expires_at = now() + interval ''90 days 1 second''', 'mcp_session_lives_at_most_90_days_unchanged'),
  ('oauth_provider = ''nobody'', oauth_status = ''needs_reauth'', oauth_refreshable = false', 'mcp_sessions_oauth_provider_fkey'),
  ('oauth_provider = ''google'', oauth_status = ''gone'', oauth_refreshable = false', 'oauth_status_is_known'),
  ('oauth_status = ''needs_reauth''', 'oauth_columns_belong_together'),
  ('oauth_expires_at = now()', 'oauth_columns_belong_together'),
  ('oauth_provider = ''google''', 'oauth_columns_belong_together'),
  (
    'oauth_provider = ''google'', oauth_status = ''needs_reauth'', oauth_refreshable = false, oauth_lease = gen_random_uuid()',
    'oauth_lease_ends'
  )
) as broken (change, rule);

select tests.changes(format('update public.mcp_sessions set %s where session_id = ''mcp_1''', change), 1, change)
from unnest(array[
  'expires_at = created_at + interval ''1 microsecond''',
  'expires_at = now() + interval ''90 days''',
  'mcp_state = jsonb_build_object(''a'', repeat(''a'', 262144 - 9))',
  'oauth_provider = ''google'', oauth_status = ''needs_reauth'', oauth_refreshable = false',
  'session_id = repeat(''a'', 255)'
]) as change;

select * from finish();
rollback;
