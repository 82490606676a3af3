begin;
select plan(11);

insert into public.mcp_sessions (session_id, user_id, created_at, expires_at) values
  ('mcp_over', tests.id('alice'), now() - interval '2 days', now() - interval '1 microsecond'),
  ('mcp_on', tests.id('alice'), now() - interval '2 days', now());
insert into public.organization_invitations (organization_id, email, role, token_hash, created_at, expires_at, accepted_at) values
  (tests.id('acme'), 'over@example.com', 'member', repeat('a', 64), now() - interval '60 days', now() - interval '30 days 1 microsecond', null),
  (tests.id('acme'), 'shown@example.com', 'member', repeat('b', 64), now() - interval '60 days', now() - interval '30 days', null),
  (tests.id('acme'), 'accepted@example.com', 'member', repeat('c', 64), now() - interval '60 days', now() - interval '50 days', now() - interval '55 days');
insert into public.notifications (user_id, type, title, message, created_at, expires_at) values
  (tests.id('alice'), 'x', 'over', 'x', now() - interval '1 day', now() - interval '1 microsecond'),
  (tests.id('alice'), 'x', 'on', 'x', now() - interval '1 day', now()),
  (tests.id('alice'), 'x', 'forever', 'x', now() - interval '1 day', null);
insert into public.ai_interactions (id, organization_id, user_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'x'),
  ('30000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('alice'), 'x');
insert into private.stored_answers (interaction_id, user_id, idempotency_key, fingerprint, body, expires_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('alice'), 'k1', 'f', '{}', now() - interval '1 microsecond'),
  ('30000000-0000-4000-8000-000000000002', tests.id('alice'), 'k2', 'f', '{}', now());
insert into private.rate_limits (key, empty_at) values
  ('planted:over', now() - interval '1 minute 1 microsecond'), ('planted:on', now() - interval '1 minute');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('60000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'x', 'agb_xxxx', 'xxxx');
insert into private.access_key_secrets (access_key_id, token_hash, created_at, expires_at) values
  ('60000000-0000-4000-8000-000000000001', repeat('a', 64), now() - interval '60 days', now() - interval '30 days 1 microsecond'),
  ('60000000-0000-4000-8000-000000000001', repeat('b', 64), now() - interval '60 days', now() - interval '30 days'),
  ('60000000-0000-4000-8000-000000000001', repeat('c', 64), now() - interval '60 days', null);
insert into public.chat_sessions (session_id, user_id, org_id, status, started_at, last_activity_at, ended_at) values
  ('sess_idle_for_a_month', tests.id('alice'), tests.id('acme'), 'active', now() - interval '60 days', now() - interval '30 days 1 microsecond', null),
  ('sess_not_so_long_idle', tests.id('alice'), tests.id('acme'), 'active', now() - interval '60 days', now() - interval '30 days', null),
  ('sess_ended_long_before', tests.id('alice'), tests.id('acme'), 'ended', now() - interval '60 days', now() - interval '50 days', now() - interval '50 days');

select is(tests.work_off('delete-expired'), 7::bigint, 'one of each kind has expired');
select set_eq(
  'select token_hash from private.access_key_secrets', array[repeat('b', 64), repeat('c', 64)],
  'secrets of access keys, a month after others replaced them'
);
select results_eq(
  $$ select session_id, status, ended_at = now() from public.chat_sessions where session_id like 'sess\_%' order by session_id $$,
  $$ values
    ('sess_ended_long_before', 'ended', false), ('sess_idle_for_a_month', 'expired', true), ('sess_not_so_long_idle', 'active', null) $$,
  'an idle session expires'
);
select tests.act_as('alice');
update public.chat_sessions set status = 'active' where session_id = 'sess_idle_for_a_month';
select tests.reset();
select results_eq(
  $$ select status, ended_at from public.chat_sessions where session_id = 'sess_idle_for_a_month' $$,
  $$ values ('active', null::timestamptz) $$, 'and who has it makes it active again'
);
update public.chat_sessions set last_activity_at = now() where session_id = 'sess_idle_for_a_month';
select set_eq('select session_id from public.mcp_sessions', array['mcp_on'], 'sessions of MCP');
select set_eq(
  'select email from public.organization_invitations', array['shown@example.com', 'accepted@example.com'],
  'invitations that no one accepted, a month after their end'
);
select set_eq($$ select title from public.notifications where type = 'x' $$, array['on', 'forever'], 'notifications');
select set_eq(
  'select interaction_id from private.stored_answers', array['30000000-0000-4000-8000-000000000002'::uuid], 'stored answers'
);
select is((select count(*) from public.ai_interactions), 2::bigint, 'and not the ledger rows behind them');
select set_eq($$ select key from private.rate_limits where key like 'planted%' $$, array['planted:on'], 'empty buckets');
select is(tests.work_off('delete-expired'), 0::bigint, 'a second time there is nothing left');

select * from finish();
rollback;
