begin;
select plan(13);

insert into public.usage_daily_rollup (calendar_id, organization_id, agent_id, date)
select calendars.id, calendars.organization_id, '20000000-0000-4000-8000-000000000001'::uuid, day
from public.usage_calendars calendars, (values (date '2026-01-01'), ('2026-01-02')) as days (day)
where calendars.organization_id = tests.id('acme');
insert into public.usage_deltas (organization_id, started_at) values
  (tests.id('acme'), '2026-01-01'), (tests.id('acme'), '2026-01-02');
insert into private.orphaned_calendars (calendar_id) values (-1);

select tests.breaks(statement, rule, rule)
from (values
  ($$ update public.usage_daily_rollup set date = '2026-01-01' where date = '2026-01-02' $$,
    'usage_daily_rollup_agent_id_calendar_id_date_user_id_vendor_key'),
  ($$
    insert into public.usage_daily_rollup (id, calendar_id, organization_id, date, vendor_id) overriding system value
    select id, calendar_id, organization_id, date, 'another' from public.usage_daily_rollup limit 1
  $$,
    'usage_daily_rollup_pkey'),
  ($$ insert into public.usage_deltas (id, organization_id, started_at) overriding system value select id, organization_id, started_at from public.usage_deltas limit 1 $$,
    'usage_deltas_pkey'),
  ($$ insert into public.usage_deltas (organization_id, started_at) values (gen_random_uuid(), now()) $$,
    'usage_deltas_organization_id_fkey'),
  ($$ insert into public.usage_calendars (organization_id, timezone) values (tests.id('acme'), 'UTC') $$,
    'usage_calendars_pkey'),
  ($$ insert into public.usage_calendars (organization_id, timezone) values (gen_random_uuid(), 'UTC') $$,
    'usage_calendars_organization_id_fkey'),
  ($$ insert into public.usage_calendars (organization_id, id, timezone) overriding system value select gen_random_uuid(), id, timezone from public.usage_calendars limit 1 $$,
    'usage_calendars_id_key'),
  ('insert into public.usage_agent_rollup select * from public.usage_agent_rollup', 'usage_agent_rollup_pkey'),
  ('insert into private.orphaned_calendars (calendar_id) values (-1)', 'orphaned_calendars_pkey'),
  ('insert into private.usage_watermark default values', 'usage_watermark_pkey'),
  ('insert into private.usage_watermark (is_only) values (false)', 'there_is_one_watermark')
) as broken (statement, rule);
select tests.breaks(
  format(
    'insert into public.ai_interactions (organization_id, title, source, turn_state, %I)
     values (tests.id(''acme''), ''x'', ''chat'', ''succeeded'', 1000000000001)', tokens
  ),
  'tokens_are_at_most_a_trillion', tokens || ': more than a trillion'
)
from unnest(array['input_tokens', 'output_tokens']) as tokens;

select * from finish();
rollback;
