-- What a turn of a conversation writes, counted, not timed: records and bytes of the log, and versions
-- of rows beside the old ones, which are in no index (HOT).
begin;
select plan(6);

create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', 'gpt-4o',
      'messages', '[{"role": "user", "content": "Say in one sentence what a database is for."}]'::jsonb
    ) || request
  )
$$;
create function pg_temp.settle(turn jsonb)
returns jsonb
language sql
as $$
  select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{
    "state": "succeeded", "content": "A database keeps data so that many can read and change them at once.",
    "finish_reason": "stop", "vendor_id": "openai", "service_id": "openai_gpt4o", "model_used": "gpt-4o-2026",
    "usage": {"input_tokens": 25, "output_tokens": 18}, "latency_ms": 812, "first_token_ms": 240,
    "attempts": [{
      "attempt": 1, "vendor_id": "openai", "service_id": "openai_gpt4o", "status": "succeeded",
      "upstream_status": 200, "first_byte_ms": 240, "latency_ms": 810, "started_at": "2026-01-01T00:00:00Z"
    }]
  }')
$$;
-- Of the statement itself and all that it calls; what other connections write is not in it.
create function pg_temp.log_of(statement text, out records bigint, out bytes bigint)
language plpgsql
as $$
declare
  plan jsonb;
begin
  execute 'explain (analyze, wal, timing off, format json) ' || statement into plan;
  records := plan -> 0 -> 'Plan' ->> 'WAL Records';
  bytes := (plan -> 0 -> 'Plan' ->> 'WAL Bytes')::bigint;
end
$$;

create temporary table turns (number integer, turn jsonb);
create temporary table logs (records bigint, bytes bigint);
create function pg_temp.run(first integer, last integer)
returns void
language plpgsql
as $$
declare
  begun record;
  settled record;
begin
  for number in first..last loop
    begun := pg_temp.log_of(format(
      'insert into turns select %s, pg_temp.begin(jsonb_build_object(''session_id'', %L))', number,
      (select turn ->> 'session_id' from turns limit 1)
    ));
    settled := pg_temp.log_of(format('select pg_temp.settle(turn) from turns where number = %s', number));
    insert into logs values (begun.records + settled.records, begun.bytes + settled.bytes);
  end loop;
end
$$;
insert into turns select 0, pg_temp.begin('{}');
select pg_temp.settle(turn) from turns;

create function pg_temp.versions()
returns table (relation text, updated bigint, beside bigint)
language sql
as $$
  select name, pg_stat_get_xact_tuples_updated(name::regclass), pg_stat_get_xact_tuples_hot_updated(name::regclass)
  from unnest(array['public.chat_sessions', 'public.agents']) as name
$$;
-- The rows of the catalogue that this transaction has locked.
create function pg_temp.locked()
returns table (relation text, id text)
language sql
as $$
  select rows.relation, rows.id
  from (
    select 'vendor', vendors.id, vendors.xmax from public.vendors
    union all select 'service', services.id, services.xmax from public.vendor_services services
    union all select 'price', prices.id::text, prices.xmax from public.service_prices prices
    union all select 'kind', kinds.id, kinds.xmax from public.interaction_types kinds
    union all select 'model', models.id::text, models.xmax from public.models
  ) rows (relation, id, lock)
  where rows.lock = pg_current_xact_id()::xid
$$;
-- Turns of a moment name the same of these, and two locks of a row make a multixact. Only of the
-- first: the keys of an agent that this transaction has changed before are checked once more.
select results_eq(
  'select relation from pg_temp.locked()', array['model'],
  'no row that many turns name is locked but by a new session, once, that of its model'
);
create temporary table before as select * from pg_temp.versions();
select pg_temp.run(1, 10);
create temporary view written as
select now.relation, now.updated - before.updated as updated, now.beside - before.beside as beside
from pg_temp.versions() now join before using (relation);

-- The least of ten: others had a page of an index to split.
select cmp_ok(min(records), '<=', 42::bigint, 'a turn writes at most 42 records to the log') from logs;
select cmp_ok(min(bytes), '<=', 5600::bigint, 'and at most 5,600 bytes') from logs;
select is(updated, 20::bigint, 'its session counts each message') from written where relation = 'public.chat_sessions';
select cmp_ok(beside, '>=', 10::bigint, 'an answer without a new entry in an index')
from written where relation = 'public.chat_sessions';
select results_eq(
  $$ select updated, beside from written where relation = 'public.agents' $$, $$ values (10::bigint, 10::bigint) $$,
  'and so the agent counts its turns'
);

select * from finish();
rollback;
