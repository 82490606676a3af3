-- PL/pgSQL plans a statement for its arguments five times, and may then keep a plan for any. Every
-- connection of a pool is beyond that.
begin;
select plan(7);

-- Dave is a viewer of 60 organizations with usage on 60 days each.
alter table public.organizations disable trigger user;
insert into public.organizations (id, name, slug)
select md5('growth' || n)::uuid, 'Org ' || n, 'growth-' || n from generate_series(1, 60) n;
alter table public.organizations enable trigger user;
insert into public.usage_calendars (organization_id, timezone)
select id, 'UTC' from public.organizations where slug like 'growth-%' on conflict do nothing;
insert into public.organization_members (organization_id, user_id, role)
select id, tests.id('dave'), 'viewer' from public.organizations where slug like 'growth-%';
select tests.plain_interactions(md5('growth' || n)::uuid, 60, interval '1 day') from generate_series(1, 60) n;
select public.refresh_daily_usage() from generate_series(1, 5);
analyze public.usage_daily_rollup;
analyze public.usage_calendars;
analyze public.organization_members;

create temporary table costs as
select by, question, 0::bigint as buffers
from unnest(array['day', 'organization', 'user', 'agent', 'model', 'vendor', 'feature']) as by
cross join lateral format(
  'select * from public.get_usage(%L, current_date - 100, current_date)', by
) as question;
grant select, update on costs to authenticated;
select tests.act_as('dave');
update costs set buffers = tests.buffers(question, 2);
select tests.costs_no_more(
  tests.buffers(question, 12), buffers, 'usage by ' || by || ' costs the same at the twelfth call as at the second'
)
from costs;

select * from finish();
rollback;
