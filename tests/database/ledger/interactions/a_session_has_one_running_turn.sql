begin;
select plan(2);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme')),
  ('90000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'));
insert into private.running_turns (user_id, organization_id, title, session_id, source, lease_expires_at) values
  (tests.id('alice'), tests.id('acme'), 'One', '90000000-0000-4000-8000-000000000001', 'chat', now()),
  (tests.id('alice'), tests.id('acme'), 'Two', '90000000-0000-4000-8000-000000000002', 'chat', now()),
  (tests.id('alice'), tests.id('acme'), 'Three', null, 'embedding', now()),
  (tests.id('alice'), tests.id('acme'), 'Four', null, 'embedding', now());

select tests.breaks(
  $$
    insert into private.running_turns (user_id, organization_id, title, session_id, source, lease_expires_at)
    values (tests.id('alice'), tests.id('acme'), 'Again', '90000000-0000-4000-8000-000000000001', 'chat', now())
  $$,
  'one_running_turn_per_session', 'a second one in the session is refused'
);
select lives_ok(
  $$
    insert into public.ai_interactions (organization_id, title, session_id, source, turn_state)
    values (tests.id('acme'), 'Over', '90000000-0000-4000-8000-000000000001', 'chat', 'succeeded')
  $$,
  'finished ones are not counted'
);

select * from finish();
rollback;
