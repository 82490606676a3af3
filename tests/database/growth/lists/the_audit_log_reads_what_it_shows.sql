begin;
select plan(9);

create function pg_temp.events(organization uuid, wanted integer)
returns void
language sql
as $$
  insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id, created_at)
  select
    organization, 'user', (array[tests.id('alice'), tests.id('bob')])[1 + n % 2],
    'changed', (array['agents', 'models'])[1 + n % 2], (n % 500)::text, now() - n * interval '1 minute'
  from generate_series(1, wanted) n
$$;
-- Entries of events that other files rolled back would be read over.
reindex table public.audit_events;
select pg_temp.events(tests.id('acme'), 1000);
select pg_temp.events(null, 1000);
insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id, created_at)
values (tests.id('acme'), 'user', tests.id('dave'), 'created', 'budgets', 'rare', now() - interval '10 years');
analyze public.audit_events;

create temporary table costs as
select * from (values
  ('a page', $$ select * from public.list_audit_events(tests.id('acme')) $$),
  ('a page of a row', $$ select * from public.list_audit_events(tests.id('acme'), table_name => 'budgets', row_id => 'rare') $$),
  ('a page of an actor', $$ select * from public.list_audit_events(tests.id('acme'), actor_id => tests.id('dave')) $$),
  ('a page of a table', $$ select * from public.list_audit_events(tests.id('acme'), table_name => 'budgets') $$),
  ('the table itself', $$ select * from public.audit_events where organization_id = tests.id('acme') order by created_at desc limit 50 $$)
) as questions (name, question), lateral (select 0::bigint as buffers) nothing;
create temporary table unowned as
select * from (values
  ('a page of the platform', 'select * from public.list_audit_events(null)'),
  ('finding what is old', 'select * from private.old_audit_events()'),
  ('counting the changes of an hour', $$
    select set_config('agentbase.audited_changes', '', true), private.limit_audited_changes(tests.id('alice'), tests.id('acme')) $$)
) as questions (name, question), lateral (select 0::bigint as buffers) nothing;
grant select, update on costs to authenticated;

select tests.act_as('alice');
update costs set buffers = tests.buffers(question, 2);
select tests.reset();
update unowned set buffers = tests.buffers(question, 2);
select pg_temp.events(tests.id('acme'), 30000);
select pg_temp.events(md5('growth')::uuid, 10000);
select pg_temp.events(null, 10000);
analyze public.audit_events;
select tests.act_as('alice');
select tests.costs_no_more(
  tests.buffers(question, 2), buffers, name || ' costs the same of fifty times as many', allowance => 60
)
from costs;
select tests.reset();
select tests.costs_no_more(
  tests.buffers(question, 2), buffers, name || ' does, too', allowance => 60
)
from unowned;

select is(
  (
    select count(*)
    from regexp_matches(
      (
        select string_agg(pg_get_triggerdef(oid), e'\n') from pg_trigger
        where tgfoid = 'private.record_audit_event'::regproc
      ),
      '\m(usage_count|last_used_at|last_active_at|spent_usd|reserved_usd|activity_score|last_execution|progress_percent)\M', 'g'
    )
  ), 0::bigint, 'no trigger of the audit log watches what turns and jobs write'
);

select * from finish();
rollback;
