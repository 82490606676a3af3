begin;
select plan(5);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'used', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'rated', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000003', 'old', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000004', 'unused', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000005', 'very old', tests.id('eve'));
insert into public.ai_interactions
  (organization_id, user_id, agent_id, title, started_at, satisfaction_rating, usefulness_rating, status)
select tests.id('acme'), tests.id('eve'), format('20000000-0000-4000-8000-00000000000%s', agent)::uuid, 'x', now() - age, satisfied,
  useful, state
from (values
  (1, interval '0', null, null, 'active'), (1, interval '29 days 23 hours', null, null, 'completed'),
  (1, interval '30 days', 1, 1, 'active'), (1, interval '1 day', 1, 1, 'deleted'),
  (2, interval '7 days', 5, 3, 'active'), (2, interval '8 days', 2, null, 'active'),
  (2, interval '9 days', null, 5, 'active'),
  (3, interval '70 days', 5, 5, 'active'), (5, interval '40 years', null, null, 'active')
) as rows (agent, age, satisfied, useful, state);

select is(public.refresh_agent_activity_scores(), 4, 'those that were ever used are scored');
select results_eq(
  $$ select name, activity_score from public.agents where id::text like '20000000-%' order by name $$,
  $$
    values
      -- Ten half-lives, no use lately, no rating of a use lately.
      ('old', private.activity_score(70, 0, null)),
      -- Ratings are (5 + 3) / 2, 2 and 5: 11 / 3.
      ('rated', private.activity_score(7, 3, 11.0 / 3)),
      ('unused', 0::real),
      -- The third lies thirty days back, the fourth is deleted.
      ('used', private.activity_score(0, 2, null)),
      ('very old', private.activity_score(3650, 0, null))
  $$,
  'by last use, uses of thirty days, and the mean of the two ratings of each, where one stands for both'
);
select is(public.refresh_agent_activity_scores(), 0, 'what does not change is not written again');

update public.agents set last_used_at = null where name = 'used';
select is(public.refresh_agent_activity_scores(), 1, 'who is no longer known as used loses the score');
select is((select activity_score from public.agents where name = 'used'), 0::real, 'altogether');

select * from finish();
rollback;
