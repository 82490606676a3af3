begin;
select plan(5);

select tests.act_as_service();
select is(
  public.add_vendor_service('openai_new', 'openai', 'gpt-new'), 'openai_new', 'it answers with the id'
);
select public.add_vendor_service(
  'openai_ears', 'openai', 'ears-1', 'Ears', 'Listens', 'transcription', 1000, 500
);

select results_eq(
  $$
    select id, vendor_id, service_name, display_name, description, service_kind, context_window, max_output_tokens
    from public.vendor_services where id in ('openai_new', 'openai_ears') order by id collate "C"
  $$,
  $$
    values
      ('openai_ears', 'openai', 'ears-1', 'Ears', 'Listens', 'transcription', 1000, 500),
      ('openai_new', 'openai', 'gpt-new', 'gpt-new', null, 'chat', null, null)
  $$,
  'what is not said is the usual; a service without a name to show is shown by its own'
);

select tests.breaks(
  $$ select public.add_vendor_service('x_y', 'nobody', 'y') $$, 'vendor_services_vendor_id_fkey',
  'the vendor must be there'
);
-- By the primary key, or by the key that holds it: a restore makes them in another order.
select throws_ok(
  $$ select public.add_vendor_service('openai_new', 'openai', 'other') $$, '23505', null,
  'an id is taken once'
);
select tests.breaks(
  $$ select public.add_vendor_service('openai_again', 'openai', 'gpt-new') $$,
  'vendor_services_vendor_id_service_name_key', 'a vendor sells a thing once'
);

select * from finish();
rollback;
