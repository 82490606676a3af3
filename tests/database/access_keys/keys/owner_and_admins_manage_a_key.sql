begin;
select plan(21);

insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'Carol''s', 'agb_0000', '0000');

select tests.act_as('carol');
select is((select name from access_keys), 'Carol''s', 'its owner sees it');
select tests.changes($$ update access_keys set name = 'Mine' $$, 1, 'and changes it');
select tests.denied($$ update access_keys set revoked_at = null $$, 'but what is revoked stays revoked');
select tests.denied($$ update access_keys set user_id = tests.id('alice') $$, 'and it is given to no one');
select tests.denied($$ update access_keys set organization_id = gen_random_uuid() $$, 'and taken nowhere');
select tests.denied('delete from access_keys', 'and not deleted: the ledger names it');
select tests.denied(
  $$ insert into access_keys (organization_id, user_id, name) values (tests.id('acme'), tests.id('carol'), 'x') $$,
  'nor made by hand, with a secret of one''s own choice'
);

select tests.act_as('bob');
select is((select name from access_keys), 'Mine', 'an admin of the organization sees it');
select tests.changes($$ update access_keys set requests_per_minute = 5 $$, 1, 'and limits it');

select tests.act_as('dave');
select is_empty('select id from access_keys', 'another member does not');
select tests.changes($$ update access_keys set name = 'Dave''s' $$, 0, 'nor changes it');
select tests.refused(
  $$ select revoke_access_key('a0000000-0000-4000-8000-000000000001') $$, 404, 'access_key_not_found', 'nor revokes it'
);
select tests.act_as('eve');
select is_empty('select id from access_keys', 'a stranger does not either');
select tests.refused(
  $$ select revoke_access_key('a0000000-0000-4000-8000-000000000001') $$, 404, 'access_key_not_found',
  'for whom it is as if there were none'
);
select tests.refused(
  $$ select revoke_access_key('a0000000-0000-4000-8000-0000000000ff') $$, 404, 'access_key_not_found', 'as where there is none'
);
select tests.reset();
select is((select revoked_at from public.access_keys), null, 'it still works');

update public.organization_members set role = 'viewer' where user_id = tests.id('carol') and organization_id = tests.id('acme');
select tests.act_as('carol');
select is((select name from access_keys), 'Mine', 'an owner who may only read sees it');
select tests.changes($$ update access_keys set name = 'Read only' $$, 0, 'and does not change it');
select lives_ok($$ select revoke_access_key('a0000000-0000-4000-8000-000000000001') $$, 'but revokes it');
select tests.reset();
create temporary table revoked as select revoked_at from public.access_keys;
select is((select revoked_at from revoked), now(), 'from now on');
update public.access_keys set revoked_at = now() - interval '1 hour';
select tests.act_as('bob');
select revoke_access_key('a0000000-0000-4000-8000-000000000001');
select tests.reset();
select is((select revoked_at from public.access_keys), now() - interval '1 hour', 'a second time changes nothing');

select * from finish();
rollback;
