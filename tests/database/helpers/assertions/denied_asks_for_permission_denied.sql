begin;
select plan(3);

create table public.locked (id integer);

select check_test(
  tests.denied('set local role anon; select * from public.locked', 'no grant'),
  true, 'denied() passes on a missing grant'
);
select check_test(
  tests.denied('set local role anon; select * from public.loked', 'typo'),
  false, 'denied() fails on an error of another kind'
);
select check_test(
  tests.denied('select * from public.locked', 'owner'),
  false, 'denied() fails on a statement that succeeds'
);

select * from finish();
rollback;
