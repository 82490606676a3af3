begin;
select plan(2);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values (
  tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
);

select lives_ok(
  $$ delete from public.organizations where id = tests.id('acme') $$,
  'an organization goes although a key is shared with it'
);
select results_eq(
  'select user_id, organization_id from public.user_api_keys',
  $$ values (tests.id('alice'), null::uuid) $$,
  'the key stays its owner''s'
);

select * from finish();
rollback;
