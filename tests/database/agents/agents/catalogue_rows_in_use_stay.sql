begin;
select plan(3);

insert into public.agents (name, created_by, vendor_id, service_id) values
  ('User', tests.id('eve'), 'perplexity', null), ('Another', tests.id('eve'), null, 'cohere_command_r');

select tests.breaks(
  $$ delete from public.vendors where id = 'perplexity' $$, 'agents_vendor_id_fkey',
  'a vendor that an agent calls cannot go'
);
select tests.breaks(
  $$ delete from public.vendor_services where id = 'cohere_command_r' $$, 'agents_service_id_fkey', 'nor a service'
);
select tests.breaks(
  $$ delete from public.vendor_services where id = 'openrouter_gpt4o' $$, 'models_service_id_fkey',
  'nor one that a model is'
);

select * from finish();
rollback;
