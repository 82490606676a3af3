begin;
select plan(16);

-- As the set-ups of LangGraph make them, in JavaScript and in Python.
create table langgraph.checkpoints (
  thread_id text not null, checkpoint_ns text not null default '', checkpoint_id text not null, checkpoint jsonb not null,
  primary key (thread_id, checkpoint_ns, checkpoint_id)
);
create table langgraph.checkpoint_writes (
  thread_id text not null, checkpoint_ns text not null default '', checkpoint_id text not null, task_id text not null, idx integer not null,
  blob bytea not null, primary key (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
);
create table langgraph.store (namespace_path text not null, key text not null, value jsonb not null, primary key (namespace_path, key));
create table langgraph.checkpoint_migrations (v integer primary key);
create schema "Lang Graph";
create table "Lang Graph".store (prefix text not null, key text not null, value jsonb not null, primary key (prefix, key));
grant select on all tables in schema langgraph to anon, authenticated;

select is(private.bind_langgraph(), array['checkpoint_writes', 'checkpoints', 'store'], 'its tables are bound');
select is(private.bind_langgraph(), array['checkpoint_writes', 'checkpoints', 'store'], 'again, as often as it is set up');
select is(private.bind_langgraph('Lang Graph'), array['store'], 'in any schema');
select is(private.bind_langgraph('nowhere'), '{}', 'and nothing where there is none');

insert into public.chat_sessions (id, user_id, org_id)
values ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
select tests.changes(
  format('insert into langgraph.checkpoints (thread_id, checkpoint_id, checkpoint) values (%L, ''1'', ''{}'')', thread), 1, 'a thread is a session'
)
from (values ('90000000-0000-4000-8000-000000000001')) as threads (thread);
insert into langgraph.checkpoint_writes (thread_id, checkpoint_id, task_id, idx, blob)
values ('90000000-0000-4000-8000-000000000001', '1', 't', 0, '')
on conflict (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) do update set blob = excluded.blob;
select throws_ok(
  format('insert into langgraph.checkpoints (thread_id, checkpoint_id, checkpoint) values (%L, ''1'', ''{}'')', thread), code, null,
  coalesce(nullif(thread, ''), 'nothing') || ' is none'
)
from (values ('90000000-0000-4000-8000-00000000dead', '23503'), ('default', '22P02'), ('', '22P02')) as threads (thread, code);

select tests.changes(
  format('insert into langgraph.store values (%L, ''k'', ''{}'')', tests.id('acme') || rest), 1, 'a memory is an organization''s: ' || rest
)
from (values (''), (':users:7')) as namespaces (rest);
select throws_ok(
  format('insert into langgraph.store values (%L, ''k'', ''{}'')', namespace), code, null, namespace || ' is no organization'
)
from (values ('users:7', '22P02'), ('90000000-0000-4000-8000-000000000001', '23503')) as namespaces (namespace, code);
select tests.changes(
  format('insert into "Lang Graph".store values (%L, ''k'', ''{}'')', tests.id('acme') || '.users'), 1, 'Python separates by dots'
);

select tests.act_as('alice');
select throws_ok('select from langgraph.checkpoints', '42501', null, 'no client reads them');
select tests.reset();
delete from public.chat_sessions where id = '90000000-0000-4000-8000-000000000001';
select is(
  (select count(*) from langgraph.checkpoints) + (select count(*) from langgraph.checkpoint_writes), 0::bigint,
  'they are deleted with their session'
);
select is(
  (select count(*) from pg_class where relnamespace = 'langgraph'::regnamespace and relname in ('checkpoints', 'checkpoint_writes', 'store') and relrowsecurity),
  3::bigint, 'and have row level security'
);

select * from finish();
rollback;
