begin;
select plan(3);

insert into public.agents (id, name, organization_id, created_by)
values ('20000000-0000-4000-8000-000000000001', 'Watcher', tests.id('acme'), tests.id('carol'));
delete from public.notifications;

select tests.act_as('bob');
update public.agents set status = 'error' where name = 'Watcher';
select tests.reset();

select results_eq(
  'select user_id, type, title, message, priority, data, read_at from public.notifications',
  $$
    values (
      tests.id('carol'), 'agent_status_change', 'Agent Status Updated',
      'Agent "Watcher" status changed from inactive to error', 'high',
      '{
        "agent_id": "20000000-0000-4000-8000-000000000001", "old_status": "inactive", "new_status": "error"
      }'::jsonb,
      null::timestamptz
    )
  $$,
  'who made the agent reads what changed, and not who changed it'
);

update public.agents set status = 'error', name = 'Observer' where name = 'Watcher';
select is((select count(*) from public.notifications), 1::bigint, 'a status that stays is no news');

update public.agents set status = 'active' where name = 'Observer';
update public.agents set status = 'paused' where name = 'Observer';
update public.agents set status = 'inactive' where name = 'Observer';
select results_eq(
  $$ select data ->> 'new_status', priority from public.notifications order by data ->> 'new_status' $$,
  $$ values ('active', 'medium'), ('error', 'high'), ('inactive', 'low'), ('paused', 'low') $$,
  'an error matters most, being active more than the rest'
);

select * from finish();
rollback;
