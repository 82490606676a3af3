begin;
select plan(1);

select tests.plain_agents('eve', 500);
select tests.act_as('eve');
create temporary table before as
select tests.buffers('select * from public.agent_summaries()', 2) as buffers;
select tests.reset();
select tests.plain_agents('eve', 5000);
select tests.act_as('eve');
select tests.costs_no_more(
  tests.buffers('select * from public.agent_summaries()', 2), before.buffers,
  'a page costs the same with 5,500 own agents as with 500', 3 * 50
)
from before;

select * from finish();
rollback;
