begin;
select plan(4);

-- What a policy costs is seen in the plan: the caller is an InitPlan, evaluated
-- once, and so are the caller's organizations, by which an index is searched.
create function tests.plan_of(statement text)
returns text
language plpgsql
as $$
declare
  line text;
  lines text := '';
begin
  for line in execute 'explain (costs off, verbose) ' || statement loop
    lines := lines || line || E'\n';
  end loop;
  return lines;
end
$$;
grant execute on function tests.plan_of(text) to authenticated;
set local enable_seqscan = off;

select tests.act_as('alice');
select matches(
  tests.plan_of('select id from public.notifications'), 'Index Cond: \(notifications\.user_id = \(InitPlan 1\)|Index Cond: \(notifications\.user_id = \$0\)',
  'own rows are found by an index with the caller looked up once'
);
select matches(
  tests.plan_of('select id from public.ai_interactions'),
  'Index Cond: \(ai_interactions\.organization_id = ANY \(\(InitPlan 1\)|Index Cond: \(ai_interactions\.organization_id = ANY \(\$0\)',
  'an organization''s rows are found by an index with a list made once'
);
select doesnt_match(
  tests.plan_of('select id from public.ai_interactions'), 'Filter: [^\n]*auth\.uid\(\)',
  'no row of the ledger asks who calls'
);
select doesnt_match(
  tests.plan_of('select id from public.agents'), 'Filter: [^\n]*auth\.uid\(\)',
  'no row of agents asks who calls'
);
select tests.reset();

select * from finish();
rollback;
