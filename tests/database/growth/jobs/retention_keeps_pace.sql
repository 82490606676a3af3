begin;
select plan(6);

update public.plans set conversation_days = 30, interaction_days = null where id = 'starter';
update public.organizations set plan = 'pro' where id <> tests.id('acme');
update public.organizations set plan = 'starter' where id = tests.id('acme');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('alice');

create temporary table costs (sessions integer, buffers bigint);
select tests.plain_sessions('alice', 4000);
update public.chat_sessions set last_activity_at = last_activity_at - interval '100 days';
alter table public.chat_messages disable trigger user;
insert into public.chat_messages (session_id, role, content)
select id, 'user', 'm' from public.chat_sessions cross join generate_series(1, 2) where title = 'generated';
alter table public.chat_messages enable trigger user;
update public.chat_sessions set message_count = 2 where title = 'generated';
insert into public.chat_sessions (session_id, user_id, org_id, title, last_activity_at)
values ('growth-jobs-kept', tests.id('alice'), tests.id('acme'), 'kept', now());
analyze public.chat_sessions;
analyze public.chat_messages;
select tests.buffers('select private.apply_retention(tests.id(''acme''), 10)');

select private.items_of_run(private.open_job_run('apply-retention'), '{}');
select is(
  (select oldest_item from private.job_runs where job_name = 'apply-retention' order by id desc limit 1),
  tests.id('acme')::text, 'a run records whose conversations wait longest'
);
delete from private.job_runs;
insert into costs select 4000, tests.buffers($$ select private.apply_retention(tests.id('acme')) $$);
select is(
  (select count(*) from public.chat_sessions where title = 'generated'), 2990::bigint,
  'a step of the job removes a thousand conversations'
);
select cmp_ok(
  (select buffers from costs), '<', 1000 * 80::bigint, 'each costs less than 80 buffers, with its two messages'
);
select is(tests.work_off('apply-retention'), 2990::bigint, 'a run goes on until none is left');
select set_eq(
  $$ select title from public.chat_sessions where org_id = tests.id('acme') and user_id = tests.id('alice')
    and last_activity_at > now() - interval '1 day' $$,
  array['kept'], 'what is younger stays'
);

-- Long conversations: a step stays bounded by the messages it removes.
select tests.plain_sessions('alice', 100);
update public.chat_sessions set last_activity_at = now() - interval '100 days', message_count = 60
where title = 'generated';
select is(
  private.remove_old_sessions(tests.id('acme'), 30), 5,
  'a step ends with the conversation in which it reaches ten messages for each that it may remove'
);

select * from finish();
rollback;
