begin;
select plan(10);

select tests.act_as('alice');
select is(current_user::text, 'authenticated', 'act_as() takes on the role of signed-in people');
select is(auth.uid(), tests.id('alice'), 'act_as() is the person named');
select tests.act_as('eve');
select is(auth.uid(), tests.id('eve'), 'act_as() changes from one person to another');
select throws_ok(
  $$ select tests.act_as('mallory') $$, 'P0001',
  'Cannot act as "mallory": no one is called so. See tests.actors',
  'act_as() refuses a name that no one has'
);

select tests.act_as_anon();
select is(current_user::text, 'anon', 'act_as_anon() takes on the role of visitors');
select is(auth.uid(), null, 'act_as_anon() has no user');

select tests.act_as_service();
select is(current_user::text, 'service_role', 'act_as_service() takes on the role of the functions');

select tests.reset();
select is(current_user::text, 'postgres', 'reset() is the owner of the tables again');
select is(auth.uid(), null, 'reset() leaves no user');

select set_eq(
  $$ select name, id from tests.actors where name <> 'acme' $$,
  $$ select split_part(email, '@', 1), id from auth.users where email like '%@example.com' $$,
  'the seed knows the five people by the same ids'
);

select * from finish();
rollback;
