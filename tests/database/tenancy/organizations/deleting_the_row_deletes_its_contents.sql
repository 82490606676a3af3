begin;
select plan(8);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('dave');
insert into public.agents (id, name, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('acme'));
insert into public.chat_sessions (user_id, org_id) values (tests.id('alice'), tests.id('acme'));
insert into public.ai_interactions (organization_id, title) values (tests.id('acme'), 'x');
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'day', 1);
insert into public.usage_deltas (organization_id, started_at) values (tests.id('acme'), '2026-01-01');

delete from public.organizations where id = tests.id('acme');

select is_empty(format('select from public.%I where %I = tests.id(''acme'')', relation, name), 'no row in ' || relation)
from (values
  ('organization_members', 'organization_id'), ('agents', 'organization_id'), ('chat_sessions', 'org_id'),
  ('ai_interactions', 'organization_id'), ('budgets', 'organization_id'), ('usage_calendars', 'organization_id'),
  ('usage_deltas', 'organization_id')
) as columns (relation, name);

select results_eq(
  $$ select current_organization_id from public.profiles where id = tests.id('dave') $$,
  $$ values (null::uuid) $$,
  'whose current one it was is still there, without one'
);

select * from finish();
rollback;
