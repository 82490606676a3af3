begin;
select plan(12);

create function pg_temp.tell(type text, data jsonb) returns void language sql as $$
  select private.notify(tests.id('alice'), type, 'Title of ' || type, 'Message.', data)
$$;
create function pg_temp.rows() returns text language sql as $$
  select string_agg(format('%s %s', type, occurrences), ', ' order by type, occurrences) from public.notifications
  where user_id = tests.id('alice')
$$;

select pg_temp.tell('agent_error', '{"agent_id": "a"}');
select pg_temp.tell('agent_recovered', '{"agent_id": "a"}');
select pg_temp.tell('agent_error', '{"agent_id": "a"}');
select is(pg_temp.rows(), 'agent_error 3', 'an agent that fails and recovers is one row that counts');
select is((select title from public.notifications), 'Title of agent_error', 'it says what was last');
select pg_temp.tell('agent_error', '{"agent_id": "b"}');
select pg_temp.tell('agent_status_change', '{"agent_id": "a", "new_status": "active"}');
select pg_temp.tell('agent_status_change', '{"agent_id": "a", "new_status": "paused"}');
select pg_temp.tell('agent_status_change', '{"agent_id": "a", "new_status": "active"}');
select pg_temp.tell('agent_error', '{}');
select pg_temp.tell('agent_error', '{}');
select is(
  pg_temp.rows(), 'agent_error 1, agent_error 1, agent_error 1, agent_error 3, agent_status_change 1, agent_status_change 2',
  'others are rows of their own, and so is what names no subject'
);
select pg_temp.tell('api_key_rejected', '{"key_id": "k"}') from generate_series(1, 2);
select is((select count(*) from public.notifications where type = 'api_key_rejected'), 2::bigint, 'some types are not grouped');

select tests.act_as('alice');
select is(count_unread_notifications(), 8, 'unread ones are counted');
update notifications set read_at = now() where data = '{"agent_id": "b"}';
select is(count_unread_notifications(), 7, 'a read one is not');
select tests.reset();
select pg_temp.tell('agent_error', '{"agent_id": "b"}');
select is((select count(*) from public.notifications where data = '{"agent_id": "b"}'), 2::bigint, 'and groups no further ones');

select tests.act_as('alice');
select lives_ok($$ update notifications set read_at = null where data = '{"agent_id": "b"}' $$, 'it may become unread again');
select tests.reset();
select pg_temp.tell('agent_error', '{"agent_id": "b"}');
select is(
  (select array_agg(occurrences order by occurrences) from public.notifications where data = '{"agent_id": "b"}'), '{1,2}',
  'beside the new one, in which later ones count'
);
select tests.act_as('alice');
select is(mark_notifications_read(batch => 2), '{"marked": 2, "unread": 7}', 'all are marked, a batch at a time');
select is(mark_notifications_read(), '{"marked": 7, "unread": 0}', 'to the last');
select tests.act_as('bob');
select is(mark_notifications_read(), '{"marked": 0, "unread": 0}', 'each person''s own alone');

select * from finish();
rollback;
