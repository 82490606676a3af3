begin;
select plan(2);

select tests.act_as('eve');
insert into public.chat_sessions (title) values ('New');

select results_eq(
  $$
    select user_id, org_id = private.my_organization(), agent_id, model_id, metadata, channel, message_count,
      context_data, status, started_at = now(), last_activity_at = now(), ended_at
    from public.chat_sessions
  $$,
  $$
    values (
      tests.id('eve'), true, null::uuid, null::uuid, '{}'::jsonb, 'api', 0, '{}'::jsonb, 'active', true, true,
      null::timestamptz
    )
  $$,
  'a session is its maker''s, in the current organization, active and empty'
);
select matches(
  (select session_id from public.chat_sessions), '^sess_[0-9a-f]{64}$', 'and has a name that no one guesses'
);

select * from finish();
rollback;
