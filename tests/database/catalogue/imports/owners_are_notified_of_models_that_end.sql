begin;
select plan(9);

update public.vendor_services set retired_on = current_date + 20 where id = 'openai_gpt4o';
update public.vendor_services set retired_on = current_date + 40 where id = 'openai_gpt4o_mini';
update public.vendor_services set retired_on = null where id not in ('openai_gpt4o', 'openai_gpt4o_mini') and retired_on >= current_date;
insert into public.agents (id, name, created_by, enabled, vendor_id, service_id) values
  ('20000000-0000-4000-8000-000000000001', 'ends', tests.id('eve'), true, 'openai', 'openai_gpt4o'),
  ('20000000-0000-4000-8000-000000000002', 'ends later', tests.id('eve'), true, 'openai', 'openai_gpt4o_mini'),
  ('20000000-0000-4000-8000-000000000003', 'is off', tests.id('eve'), false, 'openai', 'openai_gpt4o');
insert into public.agents (id, name, created_by, enabled, vendor_id)
values ('20000000-0000-4000-8000-000000000004', 'by a model', tests.id('dave'), true, 'openai');
insert into public.agents (id, name, created_by, enabled, vendor_id, model_name)
values ('20000000-0000-4000-8000-000000000005', 'by name', tests.id('eve'), true, 'openai', 'gpt-4o');
insert into public.models (agent_id, name, service_id) values ('20000000-0000-4000-8000-000000000004', 'm', 'openai_gpt4o');

create function pg_temp.announce()
returns bigint
language sql
as $$ select sum(private.announce_ending(due.item)) from private.endings_to_announce() due $$;

select is(pg_temp.announce(), 3::bigint, 'each agent in use with a service that ends within 30 days');
select set_eq(
  $$ select user_id, data ->> 'agent_id', message from public.notifications where type = 'service_ending' $$,
  format(
    $$ values (%L::uuid, '20000000-0000-4000-8000-000000000001', %L), (%L::uuid, '20000000-0000-4000-8000-000000000004', %L),
      (%L::uuid, '20000000-0000-4000-8000-000000000005', %L) $$,
    tests.id('eve'), format('The model GPT-4o of agent "ends" ends on %s. From that day on, GPT-6 Luna answers in its place.', current_date + 20),
    tests.id('dave'), format('The model GPT-4o of agent "by a model" ends on %s. From that day on, GPT-6 Luna answers in its place.', current_date + 20),
    tests.id('eve'), format('The model GPT-4o of agent "by name" ends on %s. From that day on, GPT-6 Luna answers in its place.', current_date + 20)
  ),
  'its owner is notified of the day and the successor'
);
select is(pg_temp.announce(), null, 'once');
update public.vendor_services set retired_on = current_date + 25 where id = 'openai_gpt4o';
select is(pg_temp.announce(), 3::bigint, 'and again if the day changes');
select is_empty('select from private.endings_to_announce() due where due.item like ''%mini''', 'not of one that ends later');

select is(
  (
    select jsonb_agg(ending - 'service_name' - 'retired_on' order by ending ->> 'service_id')
    from jsonb_array_elements(private.catalogue_report(90, 60) -> 'ending') ending
  ),
  '[{"service_id": "openai_gpt4o", "replaced_by": "openai_gpt_6_luna", "agent_count": 3},
    {"service_id": "openai_gpt4o_mini", "replaced_by": "openai_gpt_6_luna", "agent_count": 1}]'::jsonb,
  'the report counts the agents'
);
update public.service_prices set verified_on = current_date;
select is(private.catalogue_report() #> '{prices,old}', '[]', 'prices that were verified today are not old');
update public.service_prices set verified_on = current_date - 91 where service_id = 'openai_gpt4o';
select is(
  private.catalogue_report() #> '{prices,old}',
  jsonb_build_array(jsonb_build_object('service_id', 'openai_gpt4o', 'verified_on', current_date - 91, 'agent_count', 3)),
  'one that was verified more than 90 days ago is, with how many agents use it'
);
select is(public.health_report() -> 'catalogue', private.catalogue_report(), 'the health report has it');

select * from finish();
rollback;
