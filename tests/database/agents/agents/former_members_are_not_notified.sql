begin;
select plan(1);

insert into public.agents (name, organization_id, created_by)
values ('Watcher', tests.id('acme'), tests.id('carol'));
delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('carol');
delete from public.notifications;

update public.agents set status = 'error' where name = 'Watcher';

select is_empty(
  $$ select id from public.notifications where user_id = tests.id('carol') $$,
  'a person outside the organization does not hear what its agents do'
);

select * from finish();
rollback;
