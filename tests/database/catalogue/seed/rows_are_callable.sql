begin;
select plan(3);

select is_empty(
  $$
    select services.id
    from public.vendor_services services
    join public.vendors on vendors.id = services.vendor_id
    where services.service_kind in ('chat', 'search') and vendors.api_format in ('openai', 'anthropic')
      and (vendors.base_url is null or services.context_window is null)
  $$,
  'every chat service of a vendor that speaks OpenAI''s or Anthropic''s format has an address and a context window'
);

-- Deployments at Azure are named by their owner, and Perplexity ended the interface that sold these.
select results_eq(
  $$
    select id from public.vendor_services
    where service_kind in ('chat', 'search') and private.current_service(id) is null
    order by id collate "C"
  $$,
  $$ values ('azure_openai_gpt4'), ('perplexity_sonar'), ('perplexity_sonar_pro') $$,
  'what is retired is called as what replaces it, but for those that nothing replaces'
);

select results_eq(
  $$ select auth_header, auth_scheme from public.vendors where id in ('anthropic', 'azure_openai', 'openai') order by id $$,
  $$ values ('x-api-key', null), ('api-key', null), ('Authorization', 'Bearer') $$,
  'a vendor says how its credential is sent'
);

select * from finish();
rollback;
