begin;
select plan(2);

create temporary table costs as
select * from (values
  ('a page of agent_summaries()', 'select * from public.agent_summaries()', 3 * 50),
  -- All agents are read and sorted, and of these fifty are summed.
  ('the latest fifty of agent_summary', 'select * from public.agent_summary order by created_at desc limit 50', 1200)
) as questions (name, question, allowance), lateral (select 0::bigint as buffers) nothing;
grant select, update on costs to authenticated;

select tests.plain_agents('eve', 500);
select tests.act_as('eve');
update costs set buffers = tests.buffers(question, 2);
select tests.reset();
select tests.plain_agents('eve', 5000);
select tests.act_as('eve');
select tests.costs_no_more(
  tests.buffers(question, 2), buffers, name || ' costs the same with 5,500 own agents as with 500', allowance
)
from costs;

select * from finish();
rollback;
