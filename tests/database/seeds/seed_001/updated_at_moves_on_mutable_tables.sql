-- Seed 001, "Triggers Configured": the four of its five tables whose rows change.
begin;
select plan(4);

insert into public.agents (name, created_by, updated_at) values ('Old', tests.id('alice'), now() - interval '1 year');
insert into public.models (agent_id, name, updated_at)
select id, 'old', now() - interval '1 year' from public.agents where name = 'Old';
insert into public.chat_sessions (user_id, org_id, title, updated_at)
values (tests.id('alice'), tests.id('acme'), 'Old', now() - interval '1 year');
delete from public.agent_health where agent_id = (select id from public.agents where name = 'Old');
insert into public.agent_health (agent_id, updated_at)
select id, now() - interval '1 year' from public.agents where name = 'Old';

update public.agents set description = 'Changed' where name = 'Old';
select is((select updated_at from public.agents where name = 'Old'), now(), 'of an agent');
update public.models set display_name = 'Changed' where name = 'old';
select is((select updated_at from public.models where name = 'old'), now(), 'of a model');
update public.chat_sessions set metadata = '{"changed": true}' where title = 'Old';
select is((select updated_at from public.chat_sessions where title = 'Old'), now(), 'of a chat session');
update public.agent_health set last_check = now() where agent_id = (select id from public.agents where name = 'Old');
select is(
  (select updated_at from public.agent_health where agent_id = (select id from public.agents where name = 'Old')), now(),
  'of an agent''s health'
);

select * from finish();
rollback;
