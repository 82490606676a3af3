begin;
select plan(5);

insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four, scopes) values
  ('60000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'Busy', 'agb_1234', 'abcd', '{chat}');
insert into public.access_key_events (access_key_id, organization_id, user_id, event)
select '60000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'changed' from generate_series(1, 998);

select tests.act_as('alice');
select tests.refused(
  $$ update access_keys set name = 'Another' where name = 'Busy' $$, 409, 'too_many_changes', 'no client writes more than a thousand events'
);
select lives_ok(
  $$ update access_keys set name = 'Busy' where name = 'Busy' $$, 'what changes nothing writes none'
);
select lives_ok(
  $$ select revoke_access_key('60000000-0000-4000-8000-000000000001') $$, 'the key can still be revoked'
);
select tests.reset();
select is(
  (select count(*) from public.access_key_events where access_key_id = '60000000-0000-4000-8000-000000000001'),
  1000::bigint, 'that is recorded'
);
select lives_ok(
  $$ update public.access_keys set name = 'Another' where id = '60000000-0000-4000-8000-000000000001' $$, 'the backend changes it'
);

select * from finish();
rollback;
