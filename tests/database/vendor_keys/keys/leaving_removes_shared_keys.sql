begin;
select plan(1);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('bob'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'bob'),
  (tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'ali');
insert into public.organizations (id, name, slug, created_by)
values ('60000000-0000-4000-8000-000000000001', 'Bob''s', 'bobs', tests.id('bob'));
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values (
  tests.id('bob'), '60000000-0000-4000-8000-000000000001', 'openai',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'bob2'
);

delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('bob');

select results_eq(
  'select key_preview, organization_id from public.user_api_keys order by key_preview',
  $$
    values
      ('ali', tests.id('acme')), ('bob', null), ('bob2', '60000000-0000-4000-8000-000000000001'::uuid)
  $$,
  'what the member had shared there is shared no more; other keys stay as they are'
);

select * from finish();
rollback;
