begin;
select plan(3);

insert into public.organizations (id, name, slug, created_by)
values ('60000000-0000-4000-8000-000000000001', 'Bob''s', 'bobs', tests.id('bob'));
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values (
  tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'
);

-- Bob manages both: without a rule he would give Alice's key to an organization that she is not in.
select tests.act_as('bob');
select tests.refused(
  $$ update public.user_api_keys set organization_id = '60000000-0000-4000-8000-000000000001' $$,
  403, 'key_not_yours_to_share', 'an admin does not carry it to another organization'
);

select tests.reset();
select results_eq(
  'select user_id, organization_id from public.user_api_keys', $$ values (tests.id('alice'), tests.id('acme')) $$,
  'it stays where it is'
);
select tests.act_as('bob');
select tests.changes('delete from public.user_api_keys', 1, 'but may throw it out');

select * from finish();
rollback;
