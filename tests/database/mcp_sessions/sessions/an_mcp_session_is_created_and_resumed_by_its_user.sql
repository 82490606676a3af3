begin;
select plan(12);

select tests.act_as('eve');
select results_eq(
  $$
    select (begun ->> 'session_id') ~ '^mcp_[0-9a-f]{64}$', begun -> 'mcp_state', (begun ->> 'expires_at')::timestamptz - now()
    from create_mcp_session('{"server": "x"}', '2 hours') as begun
  $$,
  $$ values (true, '{"server": "x"}'::jsonb, interval '2 hours') $$,
  'one begins with a state and a lifetime'
);
select is(
  (create_mcp_session() ->> 'expires_at')::timestamptz - now(), interval '24 hours', 'or with neither, for a day'
);
select set_eq('select user_id from mcp_sessions', $$ values (tests.id('eve')) $$, 'it is the caller''s');

select results_eq(
  $$
    select resumed ->> 'session_id', resumed -> 'mcp_state', (resumed ->> 'expires_at')::timestamptz - now()
    from resume_mcp_session((select session_id from mcp_sessions where mcp_state <> '{}'), '3 hours') as resumed
  $$,
  $$ select session_id, '{"server": "x"}'::jsonb, interval '3 hours' from mcp_sessions where mcp_state <> '{}' $$,
  'a session resumes with its state, for longer'
);
select is(
  (
    resume_mcp_session((select session_id from mcp_sessions where mcp_state <> '{}'), '1 hour') ->> 'expires_at'
  )::timestamptz - now(),
  interval '3 hours', 'never for less than it had'
);

select tests.refused(
  format('select create_mcp_session(lifetime => %s)', lifetime), 400, 'invalid_lifetime', 'none lasts ' || lifetime
)
from unnest(array['interval ''59 seconds''', 'interval ''90 days 1 second''', 'null']) as lifetime;
select tests.refused(
  $$ select resume_mcp_session('mcp_x', '100 years') $$, 400, 'invalid_lifetime', 'nor goes on forever'
);

select tests.reset();
insert into public.mcp_sessions (session_id, user_id) values ('mcp_bob', tests.id('bob'));
insert into public.mcp_sessions (session_id, user_id, created_at, expires_at)
values ('mcp_old', tests.id('eve'), now() - interval '1 day', now());
select tests.act_as('eve');
select tests.refused(
  format('select resume_mcp_session(%L)', name), status, code, name || ' is not resumed'
)
from (values
  ('mcp_none', 404, 'mcp_session_not_found'),
  ('mcp_bob', 404, 'mcp_session_not_found'),
  ('mcp_old', 410, 'mcp_session_expired')
) as sessions (name, status, code);

select * from finish();
rollback;
