begin;
select plan(5);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000003', 'Three', tests.id('eve'));

create function pg_temp.counts()
returns bigint[]
language sql
as $$ select array_agg(usage_count order by id) from public.agents where id::text like '20000000-%' $$;

insert into public.ai_interactions (organization_id, user_id, agent_id, title)
values (tests.id('acme'), tests.id('eve'), '20000000-0000-4000-8000-000000000001', 'a');
select is(pg_temp.counts(), array[1, 0, 0]::bigint[], 'one');

insert into public.ai_interactions (organization_id, user_id, agent_id, title)
select tests.id('acme'), tests.id('eve'), format('20000000-0000-4000-8000-00000000000%s', 1 + n % 2)::uuid, n::text
from generate_series(1, 7) as n;
insert into public.ai_interactions (organization_id, title) values (tests.id('acme'), 'nobody''s');
select is(pg_temp.counts(), array[4, 4, 0]::bigint[], 'seven at once, of two agents, and one of none');

delete from public.ai_interactions where title in ('1', '2', '3', 'nobody''s');
select is(pg_temp.counts(), array[3, 2, 0]::bigint[], 'four deleted');

update public.ai_interactions set title = 'changed', status = 'deleted';
delete from public.ai_interactions where title = 'nothing';
select is(pg_temp.counts(), array[3, 2, 0]::bigint[], 'changes count nothing, nor does a mark as deleted');

select is(
  (select sum(usage_count) from public.agents where id::text not like '20000000-%'), 0::numeric,
  'other agents are skipped'
);

select * from finish();
rollback;
