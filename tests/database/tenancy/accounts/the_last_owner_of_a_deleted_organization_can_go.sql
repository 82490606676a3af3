begin;
select plan(2);

select tests.act_as('alice');
select public.delete_organization(tests.id('acme'));
select tests.reset();

select lives_ok(
  $$ delete from auth.users where id = tests.id('alice'); set constraints all immediate $$,
  'as the hint of last_owner says: deleting the organization first lets its owner go'
);
select is_empty($$ select id from public.profiles where id = tests.id('alice') $$, 'and the person is gone');

select * from finish();
rollback;
