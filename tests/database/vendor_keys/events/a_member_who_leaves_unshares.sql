begin;
select plan(1);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values (
  tests.id('bob'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
);
delete from public.api_key_events;

select tests.act_as('bob');
delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('bob');
select tests.reset();

select results_eq(
  'select event, user_id, organization_id, actor_id from public.api_key_events',
  $$ values ('changed', tests.id('bob'), tests.id('acme'), tests.id('bob')) $$,
  'the organization learns that the key is gone'
);

select * from finish();
rollback;
