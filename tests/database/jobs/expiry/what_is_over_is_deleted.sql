begin;
select plan(8);

insert into public.mcp_sessions (session_id, user_id, created_at, expires_at) values
  ('mcp_over', tests.id('alice'), now() - interval '2 days', now() - interval '1 microsecond'),
  ('mcp_on', tests.id('alice'), now() - interval '2 days', now());
insert into public.organization_invitations (organization_id, email, role, token_hash, created_at, expires_at, accepted_at) values
  (tests.id('acme'), 'over@example.com', 'member', repeat('a', 64), now() - interval '60 days', now() - interval '30 days 1 microsecond', null),
  (tests.id('acme'), 'shown@example.com', 'member', repeat('b', 64), now() - interval '60 days', now() - interval '30 days', null),
  (tests.id('acme'), 'accepted@example.com', 'member', repeat('c', 64), now() - interval '60 days', now() - interval '50 days', now() - interval '55 days');
insert into public.notifications (user_id, type, title, message, expires_at) values
  (tests.id('alice'), 'x', 'over', 'x', now() - interval '1 microsecond'),
  (tests.id('alice'), 'x', 'on', 'x', now()),
  (tests.id('alice'), 'x', 'for ever', 'x', null);
insert into public.ai_interactions (id, organization_id, user_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'x'),
  ('30000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('alice'), 'x');
insert into private.stored_answers (interaction_id, body, expires_at) values
  ('30000000-0000-4000-8000-000000000001', '{}', now() - interval '1 microsecond'),
  ('30000000-0000-4000-8000-000000000002', '{}', now());
insert into private.rate_limits (key, empty_at) values
  ('planted:over', now() - interval '1 minute 1 microsecond'), ('planted:on', now() - interval '1 minute');

select is(private.delete_expired(), 5, 'one of each kind is over');
select set_eq('select session_id from public.mcp_sessions', array['mcp_on'], 'sessions of MCP');
select set_eq(
  'select email from public.organization_invitations', array['shown@example.com', 'accepted@example.com'],
  'invitations that nobody accepted, a month after their end'
);
select set_eq($$ select title from public.notifications where type = 'x' $$, array['on', 'for ever'], 'notifications');
select set_eq(
  'select interaction_id from private.stored_answers', array['30000000-0000-4000-8000-000000000002'::uuid], 'stored answers'
);
select is((select count(*) from public.ai_interactions), 2::bigint, 'and not the ledger rows behind them');
select set_eq($$ select key from private.rate_limits where key like 'planted%' $$, array['planted:on'], 'empty buckets');
select is(private.delete_expired(), 0, 'a second time there is nothing left');

select * from finish();
rollback;
