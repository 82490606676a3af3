begin;
select plan(13);

insert into public.usage_counts (calendar_id, organization_id, agent_id, date)
select calendars.id, calendars.organization_id, '20000000-0000-4000-8000-000000000001'::uuid, day
from public.usage_calendars calendars, (values (date '2026-01-01'), ('2026-01-02')) as days (day)
where calendars.organization_id = tests.id('acme');
insert into public.usage_changes (organization_id, started_at) values
  (tests.id('acme'), '2026-01-01'), (tests.id('acme'), '2026-01-02');
insert into private.usage_leftovers (calendar_id) values (-1);

select tests.breaks(statement, rule, rule)
from (values
  ($$ update public.usage_counts set date = '2026-01-01' where date = '2026-01-02' $$,
    'usage_counts_agent_id_calendar_id_date_user_id_vendor_id_mo_key'),
  ($$
    insert into public.usage_counts (id, calendar_id, organization_id, date, vendor_id) overriding system value
    select id, calendar_id, organization_id, date, 'another' from public.usage_counts limit 1
  $$,
    'usage_counts_pkey'),
  ($$ insert into public.usage_changes (id, organization_id, started_at) overriding system value select id, organization_id, started_at from public.usage_changes limit 1 $$,
    'usage_changes_pkey'),
  ($$ insert into public.usage_changes (organization_id, started_at) values (gen_random_uuid(), now()) $$,
    'usage_changes_organization_id_fkey'),
  ($$ insert into public.usage_calendars (organization_id, timezone) values (tests.id('acme'), 'UTC') $$,
    'usage_calendars_pkey'),
  ($$ insert into public.usage_calendars (organization_id, timezone) values (gen_random_uuid(), 'UTC') $$,
    'usage_calendars_organization_id_fkey'),
  ($$ insert into public.usage_calendars (organization_id, id, timezone) overriding system value select gen_random_uuid(), id, timezone from public.usage_calendars limit 1 $$,
    'usage_calendars_id_key'),
  ('insert into public.usage_totals select * from public.usage_totals', 'usage_totals_pkey'),
  ('insert into private.usage_leftovers (calendar_id) values (-1)', 'usage_leftovers_pkey'),
  ('insert into private.usage_progress default values', 'usage_progress_pkey'),
  ('insert into private.usage_progress (is_only) values (false)', 'there_is_one_progress')
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
