begin;
select plan(15);

-- Dave is a viewer of ten organizations, one of which is busier than the others.
insert into public.organizations (id, name, slug, created_by)
select md5('growth' || n)::uuid, 'Org ' || n, 'growth-' || n, tests.id('eve') from generate_series(1, 10) n;
insert into public.organization_members (organization_id, user_id, role)
select organizations.id, tests.id('dave'), 'viewer' from public.organizations where organizations.slug like 'growth-%';
select tests.plain_interactions(md5('growth' || n)::uuid, 200, interval '1 minute') from generate_series(1, 10) n;
insert into public.organizations (id, name, slug, created_by)
values (md5('growth11')::uuid, 'Empty', 'growth-11', tests.id('eve'));
insert into public.organization_members (organization_id, user_id, role)
values (md5('growth11')::uuid, tests.id('dave'), 'viewer');
select tests.plain_sessions('dave', 1000);
select tests.plain_agents('dave', 100);
insert into public.notifications (user_id, type, title, message) values (tests.id('dave'), 't', 't', 'm');

create temporary table costs as
select * from (values
  ('recent_interactions', $$ select * from public.recent_interactions order by started_at desc limit 50 $$, 1200),
  ('list_interactions()', $$ select * from public.list_interactions() $$, 600),
  ('list_interactions() of an organization', $$ select * from public.list_interactions(organization_id => md5('growth1')::uuid) $$, 300),
  ('list_interactions() of a vendor without any', $$ select * from public.list_interactions(vendor_id => 'cohere') $$, 100),
  ('list_sessions()', $$ select * from public.list_sessions() $$, 100),
  ('latest notifications', $$ select * from public.notifications order by created_at desc limit 50 $$, 24),
  ('members by id', $$ select * from public.organization_people where user_id = tests.id('dave') $$, 100),
  -- Their order is found among all of the caller's agents, half a page each; their use is summed for ten.
  ('agent_summaries()', $$ select * from public.agent_summaries(10) $$, 1500)
) as questions (name, question, allowance), lateral (select 0::bigint as buffers) nothing;
grant select, update on costs to authenticated;

select tests.act_as('dave');
update costs set buffers = tests.buffers(question, 2);
select tests.reset();
select tests.plain_interactions(md5('growth1')::uuid, 40000, interval '10 seconds');
select tests.plain_sessions('dave', 20000);
select tests.plain_agents('dave', 2000);
insert into public.notifications (user_id, type, title, message, created_at)
select tests.id('eve'), 't', 't', 'm', now() + n * interval '1 second' from generate_series(1, 20000) n;
analyze public.notifications;
select tests.act_as('dave');
select tests.costs_no_more(tests.buffers(question, 2), buffers, name || ' costs the same of twenty times as many', allowance => allowance)
from costs;

select results_eq(
  'select id from public.recent_interactions order by started_at desc limit 1000',
  $$ select id from public.ai_interactions where status <> 'deleted' order by started_at desc, id limit 1000 $$,
  'the view has the latest thousand'
);
select is((select count(*) from public.recent_interactions), 1000::bigint, 'and no more');
select results_eq(
  $$
    with recursive pages as (
      (select 1 as page, id, started_at from public.list_interactions(700))
      union all
      select page + 1, next.id, next.started_at
      from (select page, id, started_at from pages order by page desc, started_at, id desc limit 1) last
      cross join lateral public.list_interactions(700, last.started_at, last.id) next
      where page < 3
    )
    select id from pages order by started_at desc, id
  $$,
  $$ select id from public.ai_interactions where status <> 'deleted' order by started_at desc, id limit 2100 $$,
  'pages follow each other without a gap'
);
select results_eq(
  $$
    with recursive pages as (
      (select 1 as page, id, created_at from public.agent_summaries(7))
      union all
      select page + 1, next.id, next.created_at
      from (select page, id, created_at from pages order by page desc, created_at, id desc limit 1) last
      cross join lateral public.agent_summaries(7, last.created_at, last.id) next
      where page < 5
    )
    select id from pages order by created_at desc, id
  $$,
  -- In each of the last hundred minutes two were made at once: a page of seven ends between such two.
  $$ select id from public.agents order by created_at desc, id limit 35 $$,
  'pages of agents follow each other without a gap, also between two made at the same time'
);
select is(
  (select count(*) from public.list_interactions(1000, organization_id => md5('growth2')::uuid)), 200::bigint,
  'of one organization, all of it'
);
select tests.refused('select public.list_interactions(0)', 400, 'page_size_out_of_range', 'a page has rows');
select tests.act_as('eve');
select is_empty(
  format('select from public.list_interactions(organization_id => %L)', tests.id('acme')), 'an outsider lists nothing of an organization'
);

select * from finish();
rollback;
