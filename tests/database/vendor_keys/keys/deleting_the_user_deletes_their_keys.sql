begin;
select plan(3);

insert into public.vendors (id, name) values ('acme_ai', 'Acme AI');
insert into public.vendor_services (id, vendor_id, service_name, display_name) values
  ('acme_ai_1', 'acme_ai', 'one', 'One');
insert into public.user_api_keys (user_id, vendor_id, service_id, encrypted_key, key_preview) values
  (tests.id('eve'), 'acme_ai', 'acme_ai_1', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'serv'),
  (tests.id('eve'), 'acme_ai', null, 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'vend'),
  (tests.id('eve'), 'openai', null, 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'kept');

select tests.breaks(
  $$ delete from public.vendor_services where id = 'acme_ai_1' $$, 'key_service_is_its_vendors',
  'a service with stored keys is not deleted'
);
delete from public.user_api_keys where service_id = 'acme_ai_1';
select tests.breaks(
  $$ delete from public.vendors where id = 'acme_ai' $$, 'user_api_keys_vendor_id_fkey',
  'nor is a vendor'
);
delete from auth.users where id = tests.id('eve');
select is_empty('select id from public.user_api_keys', 'a person takes the own');

select * from finish();
rollback;
