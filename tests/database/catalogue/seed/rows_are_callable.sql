begin;
select plan(2);

select is_empty(
  $$
    select services.id
    from public.vendor_services services
    join public.vendors on vendors.id = services.vendor_id
    where services.service_kind in ('chat', 'search') and vendors.api_format in ('openai', 'anthropic')
      and (vendors.base_url is null or services.context_window is null or not services.is_active)
  $$,
  'every chat service of a vendor that speaks OpenAI''s or Anthropic''s format has an address and a context window, and is on'
);

select results_eq(
  $$ select auth_header, auth_scheme from public.vendors where id in ('anthropic', 'azure_openai', 'openai') order by id $$,
  $$ values ('x-api-key', null), ('api-key', null), ('Authorization', 'Bearer') $$,
  'a vendor says how its credential is sent'
);

select * from finish();
rollback;
