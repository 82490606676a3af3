begin;
select plan(3);

insert into public.chat_sessions (user_id, org_id, title) values (tests.id('carol'), tests.id('acme'), 'Carol''s');

select tests.act_as('carol');
select is((select count(*) from public.chat_sessions), 1::bigint, 'a member sees the own session');
delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('carol');
select is_empty('select id from public.chat_sessions', 'who has left sees it no more');
select tests.changes($$ update public.chat_sessions set title = 'x' where true $$, 0, 'and changes it no more');

select * from finish();
rollback;
