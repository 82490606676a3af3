begin;
select plan(15);

create function pg_temp.locks() returns bigint language sql as $$
  select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()
    and classid = private.lock_namespace('budgets')::oid and granted
$$;
-- Counts the sums. A sequence, because a refused statement is rolled back, with its locks and rows.
create temporary sequence sums;
create function pg_temp.summed() returns bigint language sql as $$
  select case when is_called then last_value else 0 end from sums
$$;
create or replace function private.spent_of(budget public.budgets) returns numeric language plpgsql set search_path = '' as $$
begin
  perform nextval('pg_temp.sums');
  return 7;
end
$$;
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four)
select '60000000-0000-4000-8000-000000000001', current_organization_id, tests.id('eve'), 'x', 'agb_xxxx', 'xxxx'
from public.profiles where id = tests.id('eve');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('60000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'x', 'agb_xxxx', 'xxxx'),
  ('60000000-0000-4000-8000-000000000003', tests.id('acme'), tests.id('bob'), 'x', 'agb_xxxx', 'xxxx');

select tests.act_as('eve');
select tests.denied(
  format($$ insert into public.budgets (organization_id, period, limit_usd, created_by) values (%L, 'total', 1, %L) $$, tests.id('acme'), tests.id('eve')),
  'an outsider sets no budget of an organization'
);
select tests.denied(
  format($$ insert into public.budgets (organization_id, period, limit_usd, created_by) values (%L, 'total', 1, %L) $$, gen_random_uuid(), tests.id('eve')),
  'nor of one that does not exist: the same answer'
);
select throws_ok(
  format(
    $$ insert into public.budgets (organization_id, access_key_id, period, limit_usd, created_by)
       values (%L, '60000000-0000-4000-8000-000000000001', 'total', 1, %L) $$, tests.id('acme'), tests.id('eve')
  ),
  '23503', null, 'nor of an own access key in it'
);
select tests.act_as('dave');
select tests.denied(
  format($$ insert into public.budgets (organization_id, period, limit_usd, created_by) values (%L, 'total', 1, %L) $$, tests.id('acme'), tests.id('dave')),
  'a viewer does not'
);
select tests.denied(
  format($$ update public.budgets set spent_usd = 0 where organization_id = %L $$, tests.id('acme')), 'nor begins a period'
);
select tests.act_as('carol');
select tests.denied(
  format(
    $$ insert into public.budgets (organization_id, access_key_id, period, limit_usd, created_by)
       values (%L, '60000000-0000-4000-8000-000000000003', 'total', 1, %L) $$, tests.id('acme'), tests.id('carol')
  ),
  'nor does a member for the access key of another user'
);
select tests.reset();
select is(pg_temp.locks(), 0::bigint, 'none of them locks its budgets');
select is(pg_temp.summed(), 0::bigint, 'or sums its ledger up');

select tests.act_as('eve');
select lives_ok(
  format(
    $$ insert into public.budgets (organization_id, access_key_id, period, limit_usd, created_by)
       select current_organization_id, '60000000-0000-4000-8000-000000000001', 'total', 1, id from public.profiles where id = %L $$,
    tests.id('eve')
  ),
  'who has an access key sets its budget'
);
select tests.reset();
select is((select spent_usd from public.budgets), 7::numeric(20, 10), 'which knows what was spent');
select is(pg_temp.locks(), 1::bigint, 'under the lock');
select tests.act_as('alice');
select lives_ok(
  format($$ insert into public.budgets (organization_id, period, limit_usd, created_by) values (%L, 'total', 1, %L) $$, tests.id('acme'), tests.id('alice')),
  'an admin does'
);
select tests.reset();
select is(pg_temp.summed(), 2::bigint, 'each sums up once');
select tests.act_as('carol');
select lives_ok(
  format(
    $$ insert into public.budgets (organization_id, access_key_id, period, limit_usd, created_by)
       values (%L, '60000000-0000-4000-8000-000000000002', 'total', 1, %L) $$, tests.id('acme'), tests.id('carol')
  ),
  'and a member for their own access key'
);
select tests.reset();
select is(pg_temp.summed(), 3::bigint, 'which sums up, too');

select * from finish();
rollback;
