begin;
select plan(17);

insert into public.agents (id, name, organization_id, vendor_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme'), 'openai');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'Key', 'agb_1111', '1111');
insert into public.agent_feature_mappings (agent_id, feature_id) values
  ('20000000-0000-4000-8000-000000000001', 'coding');
insert into public.ai_interactions (
  organization_id, user_id, agent_id, access_key_id, model_name, title, source, turn_state, total_cost, input_tokens,
  started_at
)
select
  tests.id('acme'), tests.id('carol'), '20000000-0000-4000-8000-000000000001',
  'a0000000-0000-4000-8000-000000000001', 'm', 'x', source, state, cost, 10, now() - interval '2 hours'
from (values
  ('chat', 'succeeded', 1.5), ('manual', null, 900), ('manual', null, 99.5), ('manual', null, null)
) as rows (source, state, cost);
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'total', 100);

create temporary table figures (name text, statement text);
insert into figures values
  ('ai_usage_stats', 'select sum(total_cost), sum(recorded_cost) from public.ai_usage_stats'),
  ('agent_usage_daily', 'select sum(total_cost), sum(recorded_cost) from public.agent_usage_daily'),
  ('daily_usage', 'select sum(total_cost), sum(recorded_cost) from public.daily_usage'),
  ('agent_usage', 'select sum(total_cost), sum(recorded_cost) from public.agent_usage'),
  ('agent_summary',
    'select total_cost, recorded_cost from public.agent_summary where id = ''20000000-0000-4000-8000-000000000001'''),
  ('get_agent_usage_summary()',
    'select total_cost, recorded_cost
      from public.get_agent_usage_summary(''20000000-0000-4000-8000-000000000001'', 2)');
insert into figures
select
  format('get_usage() by %s', measure),
  format(
    'select sum(total_cost), sum(recorded_cost)
      from public.get_usage(%L, current_date - 2, current_date, tests.id(''acme''))', measure
  )
from unnest(array['day', 'organization', 'user', 'agent', 'model', 'vendor', 'feature']) as measure;

create function pg_temp.wrong()
returns setof text
language plpgsql
as $$
declare
  figure record;
  turns numeric;
  recorded numeric;
begin
  for figure in select * from figures loop
    execute figure.statement into turns, recorded;
    if (turns, recorded) is distinct from (1.5, 999.5) then
      return next format('%s: %s and %s', figure.name, turns, recorded);
    end if;
  end loop;
end
$$;
grant select on figures to authenticated;
grant execute on function pg_temp.wrong() to authenticated;

select tests.act_as('carol');
select is_empty('select pg_temp.wrong()', 'in every view and by every measure, before they are counted');
select tests.reset();
select public.refresh_daily_usage();
select tests.act_as('carol');
select is_empty('select pg_temp.wrong()', 'and after');
select is(
  (select vendor_usage -> 'openai' ->> 'cost' from public.ai_usage_stats), '1.5', 'what a vendor cost is what turns cost'
);
select results_eq(
  $$ select total_cost, recorded_cost from public.get_access_key_usage(current_date - 2, current_date) $$,
  $$ values (1.5::numeric, 999.5::numeric) $$, 'an access key''s too'
);
select results_eq(
  $$ select unpriced, recorded from public.get_usage('day', current_date - 2, current_date, tests.id('acme')) $$,
  $$ values (0::bigint, 3::bigint) $$, 'a record without a cost is no turn without a price'
);
select is((select spent_usd from public.budgets), 1.5::numeric(20, 10), 'no budget is spent by a record');
select tests.breaks(
  $$
    insert into public.ai_interactions (agent_id, title, total_cost)
    values ('20000000-0000-4000-8000-000000000001', 'x', 1000.0000000001)
  $$,
  'recorded_costs_are_at_most_1000_dollars', 'a record costs a thousand dollars at most'
);
select tests.breaks(
  format(
    'insert into public.ai_interactions (agent_id, title, %I)
      values (''20000000-0000-4000-8000-000000000001'', ''x'', 100000001)', tokens
  ),
  'recorded_tokens_are_at_most_a_hundred_million', tokens || ' are a hundred million at most'
)
from unnest(array['input_tokens', 'output_tokens']) as tokens;

-- Retention and archives keep them apart, too.
select tests.reset();
update public.ai_interactions set started_at = '2024-05-05 12:00+00';
update public.plans set interaction_days = 62 where id = (select plan from public.organizations where id = tests.id('acme'));
select public.refresh_daily_usage();
select is(private.remove_old_interactions(tests.id('acme'), 100), 4, 'what the plan keeps no longer goes');
select results_eq(
  'select sum(total_cost), sum(recorded_cost), sum(recorded)::bigint from public.usage_archive_rollup',
  $$ values (1.5::numeric, 999.5::numeric, 3::bigint) $$, 'apart'
);
select results_eq(
  $$
    select total_cost, recorded_cost, recorded
    from public.get_usage('day', '2024-05-05', '2024-05-05', tests.id('acme'))
  $$,
  $$ values (1.5::numeric, 999.5::numeric, 3::bigint) $$, 'and is read apart'
);
select is_empty($$ select public.verify_daily_usage('2024-05-01', '2024-05-31') $$, 'without a difference');
select private.recount_budgets(tests.id('acme'));
select is((select spent_usd from public.budgets), 1.5::numeric(20, 10), 'budgets have what turns cost');

-- What a person cannot see, a person cannot bend.
select tests.act_as('dave');
select tests.denied(
  $$ insert into public.ai_interactions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'x') $$,
  'a viewer records nothing for the organization'
);
select tests.act_as('eve');
select tests.denied(
  $$ insert into public.ai_interactions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'x') $$,
  'nor does an outsider'
);
select is_empty('select from public.daily_usage', 'who reads none of it');

select * from finish();
rollback;
