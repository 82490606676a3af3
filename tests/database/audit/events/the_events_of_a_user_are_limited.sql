begin;
select plan(13);

insert into public.agents (id, name, organization_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'audited', tests.id('acme'), tests.id('carol'));
delete from public.audit_events;
insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id, created_at)
select places.id, 'user', tests.id('carol'), 'changed', 'agents', n::text, clock_timestamp() - age
from (values
  (tests.id('acme'), 9998, interval '1 minute'), (tests.id('acme'), 50, interval '61 minutes'),
  (private.home_organization(null, tests.id('carol')), 50, interval '1 minute')
) as places (id, events, age), generate_series(1, events) n;
create function pg_temp.rename() returns text language sql as $$
  select $sql$ update public.agents set name = name || '+' where id = '20000000-0000-4000-8000-000000000001' $sql$
$$;
-- As in the next transaction.
create function pg_temp.next() returns void language sql as $$ select set_config('agentbase.audited_changes', '', true) $$;
grant execute on function pg_temp.rename(), pg_temp.next() to public;

select pg_temp.next(), tests.act_as('carol');
select lives_ok(pg_temp.rename(), 'a user makes changes');
select tests.reset(), pg_temp.next(), tests.act_as('carol');
select lives_ok(pg_temp.rename(), 'ten thousand within an hour');
select tests.reset(), pg_temp.next(), tests.act_as('carol');
select tests.refused(pg_temp.rename(), 429, 'rate_limit_exceeded', 'and not one more');
select is((select name from public.agents where name like 'audited%'), 'audited++', 'which is not made');
select tests.reset(), pg_temp.next();
insert into public.agents (id, name, organization_id, created_by) values
  ('20000000-0000-4000-8000-000000000002', 'removed', tests.id('acme'), tests.id('carol'));
select tests.reset(), pg_temp.next(), tests.act_as('carol');
select tests.changes(
  $$ delete from public.agents where id = '20000000-0000-4000-8000-000000000002' $$, 1, 'but what was added can be removed'
);
select tests.reset(), pg_temp.next();
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('20000000-0000-4000-8000-000000000003', tests.id('acme'), tests.id('carol'), 'lost', 'agb_1111', '1111');
select tests.act_as('carol');
select lives_ok($$ select public.revoke_access_key('20000000-0000-4000-8000-000000000003') $$, 'and a key can be revoked');
select tests.reset();
select is(
  (select action from public.audit_events where row_id = '20000000-0000-4000-8000-000000000002' and action = 'deleted'),
  'deleted', 'which is recorded'
);
select tests.reset(), pg_temp.next(), tests.act_as('bob');
select lives_ok(pg_temp.rename(), 'others are not held up');
select tests.reset(), pg_temp.next();
select lives_ok(pg_temp.rename(), 'nor is the operator');

-- In one statement
delete from public.audit_events where id in (select id from public.audit_events where actor_id = tests.id('carol') limit 900);
select pg_temp.next(), tests.act_as('carol');
select tests.refused(
  $$ insert into public.agents (name, organization_id, created_by)
     select 'bulk ' || n, tests.id('acme'), tests.id('carol') from generate_series(1, 2000) n $$,
  429, 'rate_limit_exceeded', 'one statement makes no more, either'
);
select tests.reset(), pg_temp.next(), tests.act_as('carol');
select tests.refused(
  $$ insert into public.agents (name, organization_id, created_by)
     select 'bulk ' || n, case when n % 500 > 0 then tests.id('acme') end, tests.id('carol') from generate_series(0, 1999) n $$,
  429, 'rate_limit_exceeded', 'nor does one that makes some of them elsewhere'
);

-- The end of the account
select tests.reset();
insert into public.agents (name, created_by) values ('own', tests.id('carol'));
insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id)
select places.id, 'user', tests.id('carol'), 'changed', 'agents', n::text
from (values (tests.id('acme')), (private.home_organization(null, tests.id('carol')))) as places (id), generate_series(1, 10000) n;
select pg_temp.next(), tests.act_as('carol');
select lives_ok('select public.delete_account()', 'an account is deleted all the same');
select tests.reset();
select is_empty(
  $$ select from public.organization_members where user_id = tests.id('carol') and organization_id = tests.id('acme') $$,
  'and leaves the organization'
);

select * from finish();
rollback;
