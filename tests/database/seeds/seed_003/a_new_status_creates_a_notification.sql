-- Seed 003's notification, as our own trigger writes it.
begin;
select plan(6);

select tests.act_as('dave');
insert into agents (name, type) values ('Market watch', 'market');
select is((select status from agents where name = 'Market watch'), 'inactive', 'an agent begins inactive');
select is_empty('select from notifications', 'which is no news');

update agents set status = 'error' where name = 'Market watch';
update agents set status = 'active' where name = 'Market watch';
update agents set status = 'paused' where name = 'Market watch';
update agents set status = 'inactive' where name = 'Market watch';
update agents set description = 'The same status' where name = 'Market watch';
select set_eq(
  'select user_id, type, title, message, priority from notifications',
  $$ values
    (tests.id('dave'), 'agent_status_change', 'Agent Status Updated', 'Agent "Market watch" status changed from inactive to error', 'high'),
    (tests.id('dave'), 'agent_status_change', 'Agent Status Updated', 'Agent "Market watch" status changed from error to active', 'medium'),
    (tests.id('dave'), 'agent_status_change', 'Agent Status Updated', 'Agent "Market watch" status changed from active to paused', 'low'),
    (tests.id('dave'), 'agent_status_change', 'Agent Status Updated', 'Agent "Market watch" status changed from paused to inactive', 'low') $$,
  'each change is told to who made the agent, in the seed''s words and priorities'
);
select results_eq(
  $$ select data - 'agent_id', data ->> 'agent_id' from notifications where priority = 'high' $$,
  $$ select '{"old_status": "inactive", "new_status": "error"}'::jsonb, id::text from agents where name = 'Market watch' $$,
  'with the agent and both states for programs'
);
select results_eq(
  'select count(*), bool_and(read_at is null) from notifications', $$ values (4::bigint, true) $$, 'none is read yet'
);

select tests.act_as('eve');
select is_empty('select from notifications', 'no one else is told');

select * from finish();
rollback;
