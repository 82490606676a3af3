begin;
select plan(7);

insert into public.ai_interactions (organization_id, user_id, title, interaction_type_id, tags, keywords, external_metadata) values
  (tests.id('acme'), tests.id('alice'), 'found', 'coding', '{rare,other}', '{word}', '{"ticket": 7}'),
  (tests.id('acme'), tests.id('alice'), 'another', 'coding', '{other}', '{}', '{"ticket": 8}');

create temporary table costs as
select * from (values
  ('tags', $$ select * from public.search_interactions(tests.id('acme'), tags => '{rare}') $$),
  ('keywords', $$ select * from public.search_interactions(tests.id('acme'), keywords => '{word}') $$),
  ('metadata', $$ select * from public.search_interactions(tests.id('acme'), metadata => '{"ticket": 7}') $$)
) as questions (name, question), lateral (select 0::bigint as buffers) nothing;
grant select, update on costs to authenticated;

select tests.plain_interactions(tests.id('acme'), 1000, interval '1 minute');
select tests.act_as('dave');
update costs set buffers = tests.buffers(question, 2);
select tests.reset();
select tests.plain_interactions(tests.id('acme'), 30000, interval '10 seconds');
select tests.act_as('dave');
-- Beside what waits to be sorted into the index, which is bounded.
select tests.costs_no_more(
  tests.buffers(question, 2), buffers, 'a search by ' || name || ' costs the same of thirty times as many',
  allowance => 500
)
from costs;

select results_eq(
  $$ select title from public.search_interactions(tests.id('acme'), '{other}', '{word}', '{"ticket": 7}') $$,
  array['found'], 'all that is looked for must be there'
);
select set_eq(
  $$ select title from public.search_interactions(tests.id('acme'), '{other}') $$, array['found', 'another'],
  'and what is not named may be anything'
);
select tests.act_as('eve');
select tests.refused(
  $$ select public.search_interactions(tests.id('acme'), '{rare}') $$, 404, 'organization_not_found',
  'an outsider searches no organization'
);
select tests.refused(
  $$ select public.search_interactions(null, '{rare}') $$, 404, 'organization_not_found', 'nor none'
);

select * from finish();
rollback;
