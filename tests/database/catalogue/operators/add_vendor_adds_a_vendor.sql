begin;
select plan(5);

select tests.act_as_service();
select is(public.add_vendor('acme_ai', 'Acme AI'), 'acme_ai', 'it answers with the id');
select is(
  public.add_vendor(
    'acme_voice', 'Acme Voice', 'Voices', 'bearer_token', 'https://voice.example.com/v1', 'native', 'x-key', null
  ),
  'acme_voice', 'all that a vendor has can be said'
);

select results_eq(
  $$
    select id, name, description, auth_type, base_url, api_format, auth_header, auth_scheme, is_active
    from public.vendors where id in ('acme_ai', 'acme_voice') order by id
  $$,
  $$
    values
      ('acme_ai', 'Acme AI', null, 'api_key', null, 'openai', 'Authorization', 'Bearer', true),
      (
        'acme_voice', 'Acme Voice', 'Voices', 'bearer_token', 'https://voice.example.com/v1', 'native', 'x-key', null,
        true
      )
  $$,
  'and the rest is the usual'
);

select tests.breaks($$ select public.add_vendor('acme_ai', 'Again') $$, 'vendors_pkey', 'an id is taken once');
select tests.breaks(
  $$ select public.add_vendor('Acme', 'Acme') $$, 'vendor_id_is_lower_case_words', 'an id keeps to its form'
);

select * from finish();
rollback;
