begin;
select plan(8);

-- Every call that takes, tries or gives back an advisory lock, and whether its first key is a declared namespace.
create function pg_temp.advisory_locks() returns table (function text, call text, is_declared boolean) language sql as $$
  select functions.oid::regprocedure::text, calls.match[1], calls.match[1] ~ '\(\s*private\.lock_namespace\(''[a-z_]+''\)\s*,\s*\S'
  from pg_catalog.pg_proc functions
  join pg_catalog.pg_namespace on pg_namespace.oid = functions.pronamespace
  cross join lateral regexp_matches(
    coalesce(pg_catalog.pg_get_function_sqlbody(functions.oid), functions.prosrc), '(pg_(?:try_)?advisory_\w+\s*\([^;]{0,200})', 'gi'
  ) as calls (match)
  where pg_namespace.nspname in ('public', 'private', 'tests', 'partitions')
$$;
create function pg_temp.purposes() returns setof text language sql as $$
  select distinct purpose.match[1]
  from pg_temp.advisory_locks() locks, regexp_matches(locks.call, 'lock_namespace\(''([a-z_]+)''\)', 'g') as purpose (match)
$$;

select is_empty('select function, call from pg_temp.advisory_locks() where not is_declared', 'no lock has another first key');
select set_eq(
  'select * from pg_temp.purposes()',
  array['jobs', 'idempotency_keys', 'budgets', 'agent_metrics', 'settling_many', 'catalogue_imports', 'named_rows', 'notifications'],
  'these are the purposes'
);
select is(
  (select count(distinct private.lock_namespace(purpose)) from pg_temp.purposes() as purpose),
  (select count(*) from pg_temp.purposes()), 'each has a number of its own'
);
select throws_ok($$ select private.lock_namespace('planted') $$, '20000', null, 'another purpose is an error, and not no lock');

create function private.planted_one_key() returns void language sql as $$ select pg_advisory_xact_lock(hashtextextended('x', 0)) $$;
create function private.planted_hash() returns void language sql as $$ select pg_advisory_lock(hashtext('budgets'), 1) $$;
create function private.planted_only_key() returns void language sql as $$
  select pg_try_advisory_lock(private.lock_namespace('jobs'))
$$;
select set_eq(
  'select function from pg_temp.advisory_locks() where not is_declared',
  array['private.planted_one_key()', 'private.planted_hash()', 'private.planted_only_key()'], 'any other form is found'
);

-- What a caller sends is in the second key only.
create function pg_temp.locks() returns table (classid oid, objsubid smallint) language sql as $$
  select locks.classid, locks.objsubid from pg_locks locks where locks.locktype = 'advisory' and locks.pid = pg_backend_pid()
$$;
select private.find_stored_answer(tests.id('alice'), '{"idempotency_key": "4\\#4{Gu2pf(_"}');
select results_eq(
  'select * from pg_temp.locks()', $$ values (private.lock_namespace('idempotency_keys')::oid, 2::smallint) $$,
  'the key of a request is locked in its own namespace'
);
select isnt(
  hashtext(tests.id('alice')::text || ' k'), hashtext(tests.id('bob')::text || ' k'), 'one key of two people is two locks'
);
select private.find_stored_answer(tests.id('bob'), '{"idempotency_key": "4\\#4{Gu2pf(_"}');
select is((select count(*) from pg_temp.locks()), 2::bigint, 'so neither waits for the other');

select * from finish();
rollback;
