begin;
select plan(2);

insert into public.ai_interactions (organization_id, user_id, agent_id, title, total_cost, source, turn_state)
select organizations.id, people.id, agents.id, 'x', 1, 'chat', 'succeeded'
from public.agents, public.profiles people
join public.organizations on organizations.created_by = people.id and organizations.is_personal
where agents.name = 'droid' and people.id in (tests.id('eve'), tests.id('bob'));

select tests.act_as('eve');
select results_eq(
  $$
    select total_interactions, total_cost
    from public.agents, lateral public.get_agent_usage_summary(agents.id) where agents.name = 'droid'
  $$,
  $$ values (1::bigint, 1::numeric) $$, 'of a platform agent, the own use'
);
select results_eq(
  $$ select usage_count, total_interactions, total_cost from public.agent_summary where name = 'droid' $$,
  $$ values (2::bigint, 1::bigint, 1::numeric) $$, 'as in the summary, beside the use by anyone'
);

select * from finish();
rollback;
