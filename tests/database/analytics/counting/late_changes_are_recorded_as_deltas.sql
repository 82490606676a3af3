begin;
select plan(14);

create function pg_temp.noted(statement text)
returns text
language plpgsql
as $$
declare
  notes text;
begin
  delete from public.usage_deltas;
  execute statement;
  select string_agg(format('%s %s %s', interactions, trim_scale(total_cost + recorded_cost), satisfaction_sum), ', ' order by id) into notes
  from public.usage_deltas;
  return notes;
end
$$;

select is(
  pg_temp.noted($$
    insert into public.ai_interactions (id, organization_id, title, started_at, total_cost) values
      ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'x', now() - interval '21 minutes', 0.1)
  $$),
  '1 0.1 0', 'one that began more than twenty minutes ago'
);
select is(
  pg_temp.noted($$
    insert into public.ai_interactions (id, organization_id, title, started_at, total_cost) values
      ('30000000-0000-4000-8000-000000000002', tests.id('acme'), 'x', now() - interval '19 minutes', 0.1)
  $$),
  null, 'a younger one costs nothing'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set satisfaction_rating = 5 where id = '30000000-0000-4000-8000-000000000001' $$),
  '-1 -0.1 0, 1 0.1 5', 'a rating: what it was goes, what it is comes'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set satisfaction_rating = 5 where id = '30000000-0000-4000-8000-000000000002' $$),
  null, 'of a younger one nothing'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set title = 'y', tags = '{a}' where id = '30000000-0000-4000-8000-000000000001' $$),
  null, 'what does not count leaves nothing'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set started_at = now() - interval '40 days' where id = '30000000-0000-4000-8000-000000000002' $$),
  '-1 -0.1 -5, 1 0.1 5', 'moved into the past'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set started_at = now() where id = '30000000-0000-4000-8000-000000000002' $$),
  '-1 -0.1 -5, 1 0.1 5', 'and back'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set status = 'deleted' where id = '30000000-0000-4000-8000-000000000001' $$),
  '-1 -0.1 -5', 'marked as deleted'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set total_cost = 9 where id = '30000000-0000-4000-8000-000000000001' $$),
  null, 'of a deleted one nothing'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set status = 'active' where id = '30000000-0000-4000-8000-000000000001' $$),
  '1 9 5', 'brought back'
);
select is(
  pg_temp.noted($$ update public.ai_interactions set user_id = tests.id('bob') where id = '30000000-0000-4000-8000-000000000001' $$),
  '-1 -9 -5, 1 9 5', 'another person'
);
select is(
  pg_temp.noted($$ delete from public.ai_interactions where id = '30000000-0000-4000-8000-000000000001' $$),
  '-1 -9 -5', 'gone'
);
select is(
  pg_temp.noted($$ delete from public.ai_interactions where id = '30000000-0000-4000-8000-000000000002' $$),
  null, 'a young one that goes leaves nothing'
);
insert into public.ai_interactions (organization_id, title, started_at) values (tests.id('acme'), 'x', '2026-01-01');
select lives_ok(
  $$ delete from public.organizations where id = tests.id('acme') $$, 'an organization goes with all that it had'
);

select * from finish();
rollback;
