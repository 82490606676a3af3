begin;
select plan(2);

insert into public.vendors (id, name) values ('acme_ai', 'Acme AI');
insert into public.vendor_services (id, vendor_id, service_name, display_name)
values ('acme_ai_1', 'acme_ai', 'one', 'One');
insert into public.service_prices (id, service_id)
values ('70000000-0000-4000-8000-000000000001', 'acme_ai_1');

delete from public.vendors where id = 'acme_ai';

select is_empty($$ select id from public.vendor_services where id = 'acme_ai_1' $$, 'a vendor takes its services');
select is_empty(
  $$ select id from public.service_prices where id = '70000000-0000-4000-8000-000000000001' $$,
  'and they their prices'
);

select * from finish();
rollback;
