begin;
select plan(8);

-- Eve changes things in two organizations, often.
create temporary table personal as
select id from public.organizations where is_personal and created_by = tests.id('eve');
insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id)
select places.id, 'user', tests.id('eve'), 'changed', 'agents', n::text
from (select id from personal union all select tests.id('acme')) as places (id), generate_series(1, 5000) n;

select is(private.is_large_account(tests.id('alice')), false, 'a log of a few events is deleted at once');
select tests.act_as('eve');
select lives_ok('select public.delete_account()', 'an account with a long log is deleted');
select tests.reset();
select isnt_empty($$ select from private.closed_accounts where user_id = tests.id('eve') $$, 'by the job');
create temporary view named as
select id from public.audit_events where actor_id = tests.id('eve') or organization_id = (select id from personal);
create temporary table before as select count(*) as events from named;
select is(private.delete_closed_account(tests.id('eve'), 200), 200, 'in shares');
select is((select count(*) from named), (select events - 200 from before), 'of events, too');
select tests.work_off('delete-accounts');
select is_empty($$ select from auth.users where id = tests.id('eve') $$, 'until the account is deleted');
select is_empty('select from named', 'the personal organization''s log is deleted');
select is(
  (select count(*) from public.audit_events where organization_id = tests.id('acme') and actor_type = 'user' and actor_id is null),
  5000::bigint, 'another organization''s stays, without the user'
);

select * from finish();
rollback;
