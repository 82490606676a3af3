begin;
select plan(2);

insert into public.ai_interactions (organization_id, title, source, turn_state, lease_expires_at)
values (tests.id('acme'), 'x', 'embedding', 'running', now() - interval '1 minute');
insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.ai_interactions (organization_id, title, source, turn_state, lease_expires_at, session_id)
values (
  tests.id('acme'), 'y', 'chat', 'running', now() - interval '1 minute', '90000000-0000-4000-8000-000000000001'
);
delete from public.chat_sessions;

select is(public.sweep_chat_turns(), 2, 'embeddings, and those whose conversation was deleted');
select is_empty($$ select id from public.ai_interactions where turn_state = 'running' $$, 'none is left');

select * from finish();
rollback;
