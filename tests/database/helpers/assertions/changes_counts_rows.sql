begin;
select plan(2);

create table public.counted (id integer);
insert into public.counted values (1), (2);

select check_test(
  tests.changes('update public.counted set id = id', 2, 'two'),
  true, 'changes() passes on the number of rows'
);
select check_test(
  tests.changes('delete from public.counted', 0, 'none'),
  false, 'changes() fails on another number'
);

select * from finish();
rollback;
