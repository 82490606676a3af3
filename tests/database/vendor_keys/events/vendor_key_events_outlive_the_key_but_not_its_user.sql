begin;
select plan(4);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values (
  tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
);
select tests.act_as('bob');
delete from public.user_api_keys;
select tests.reset();
select bag_eq(
  'select event, actor_id from public.api_key_events',
  $$ values ('created', null::uuid), ('deleted', tests.id('bob')) $$, 'what was done with it stays'
);

delete from auth.users where id = tests.id('bob');
select bag_eq(
  'select event, actor_id from public.api_key_events',
  $$ values ('created', null::uuid), ('deleted', null) $$, 'also without who did it'
);
delete from public.organizations where id = tests.id('acme');
select bag_eq(
  'select user_id, organization_id from public.api_key_events',
  $$ values (tests.id('alice'), null::uuid), (tests.id('alice'), null) $$, 'and without the organization'
);
delete from auth.users where id = tests.id('alice');
select is_empty('select id from public.api_key_events', 'but not without the person whose key it was');

select * from finish();
rollback;
