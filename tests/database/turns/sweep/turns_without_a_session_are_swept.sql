begin;
select plan(2);

insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at)
values (tests.id('alice'), tests.id('acme'), 'x', 'embedding', now() - interval '1 minute');
insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at, session_id)
values (tests.id('alice'), tests.id('acme'), 'y', 'chat', now() - interval '1 minute', '90000000-0000-4000-8000-000000000001'
);
delete from public.chat_sessions;

select is(public.sweep_chat_turns(), 2, 'embeddings, and those whose conversation was deleted');
select is_empty($$ select id from private.running_turns $$, 'none is left');

select * from finish();
rollback;
