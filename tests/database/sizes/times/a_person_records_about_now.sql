begin;
select plan(10);

insert into public.agents (name, created_by) values ('Mine', tests.id('alice'));
create function pg_temp.record(starts timestamptz, ends timestamptz default null)
returns void
language sql
as $$
  insert into public.ai_interactions (agent_id, title, started_at, ended_at)
  select id, 'By hand', starts, ends from public.agents where name = 'Mine'
$$;
grant execute on all functions in schema pg_temp to public;

select tests.act_as('alice');
select tests.refused(
  format('select pg_temp.record(%s)', times), 400, 'date_out_of_range', times || ' is refused'
)
from unnest(array[
  '''1970-01-01''', 'now() - interval ''10 years 1 day''', 'now() + interval ''25 hours''', '''2199-12-31''',
  'now(), now() + interval ''2 days'''
]) as times;
select lives_ok(format('select pg_temp.record(%s)', times), times || ' is taken')
from unnest(array[
  'now() - interval ''9 years 364 days''', 'now() + interval ''23 hours''', 'now(), now() + interval ''1 hour'''
]) as times;
select tests.breaks(
  $$ insert into notifications (type, title, message, expires_at) values ('a', 'b', 'c', now() - interval '1 second') $$,
  'notification_expires_after_it_is_made', 'a notice that has expired is not written'
);

select tests.reset();
select lives_ok(
  $$
    insert into public.ai_interactions (user_id, organization_id, agent_id, title, started_at)
    select tests.id('alice'), tests.id('acme'), id, 'From elsewhere', '1999-01-01' from public.agents where name = 'Mine'
  $$,
  'the backend brings older ones along'
);

select * from finish();
rollback;
