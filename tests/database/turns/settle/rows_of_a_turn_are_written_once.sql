begin;
select plan(4);

-- How often rows of the tables of a turn were inserted, updated and deleted in this transaction.
create function pg_temp.writes()
returns table (relation text, inserted bigint, updated bigint, deleted bigint)
language sql
as $$
  select
    name, pg_stat_get_xact_tuples_inserted(name::regclass), pg_stat_get_xact_tuples_updated(name::regclass),
    pg_stat_get_xact_tuples_deleted(name::regclass)
  from unnest(array[
    'private.running_turns', 'public.agent_executions', 'public.agents', 'public.ai_interactions',
    'public.chat_messages', 'public.chat_sessions', 'private.stored_answers'
  ]) as name
$$;
create temporary table before as select * from pg_temp.writes();
create function pg_temp.written()
returns setof text
language sql
as $$
  select format(
    '%s: %s inserted, %s updated, %s deleted', now.relation, now.inserted - before.inserted, now.updated - before.updated,
    now.deleted - before.deleted
  )
  from pg_temp.writes() now join before using (relation)
  where (now.inserted, now.updated, now.deleted) is distinct from (before.inserted, before.updated, before.deleted)
$$;
create temporary table answers as
select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  '{
    "request_id": "r", "model": "gpt-4o", "idempotency_key": "k", "fingerprint": "f",
    "messages": [{"role": "user", "content": "hi"}]
  }'
) as turn;
select set_eq(
  'select * from pg_temp.written()',
  array[
    'private.running_turns: 1 inserted, 0 updated, 0 deleted', 'public.chat_messages: 1 inserted, 0 updated, 0 deleted',
    'public.chat_sessions: 1 inserted, 1 updated, 0 deleted'
  ],
  'a turn that begins is a narrow row, a session and what was said'
);

truncate before;
insert into before select * from pg_temp.writes();
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{
  "state": "succeeded", "content": "yo", "answer": {"a": 1}, "usage": {"input_tokens": 10, "output_tokens": 10},
  "attempts": [{"attempt": 1, "status": "succeeded", "started_at": "2026-01-01T00:00:00Z"}]
}') from answers;
select set_eq(
  'select * from pg_temp.written()',
  array[
    'private.running_turns: 0 inserted, 0 updated, 1 deleted', 'public.agent_executions: 1 inserted, 0 updated, 0 deleted',
    'public.agents: 0 inserted, 1 updated, 0 deleted', 'public.ai_interactions: 1 inserted, 0 updated, 0 deleted',
    'public.chat_messages: 1 inserted, 0 updated, 0 deleted', 'public.chat_sessions: 0 inserted, 1 updated, 0 deleted',
    'private.stored_answers: 1 inserted, 0 updated, 0 deleted'
  ],
  'settled it is an interaction, written once, an attempt, an answer, and one count of each counter'
);

truncate before;
insert into before select * from pg_temp.writes();
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "failed"}') from answers;
select is_empty('select * from pg_temp.written()', 'a second settlement writes nothing');
select is(
  (select count(*) from pg_indexes where schemaname = 'private' and tablename = 'running_turns'), 4::bigint,
  'its narrow row has the indexes of its rules and no others'
);

select * from finish();
rollback;
