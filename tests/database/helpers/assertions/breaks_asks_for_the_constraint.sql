begin;
select plan(4);

create table public.ruled (
  id integer,
  constraint id_is_positive check (id > 0),
  constraint id_is_small check (id < 10)
);
create unique index one_row_per_id on public.ruled (id);
insert into public.ruled values (1);

select check_test(
  tests.breaks('insert into public.ruled values (0)', 'id_is_positive', 'same'),
  true, 'breaks() passes on the constraint'
);
select check_test(
  tests.breaks('insert into public.ruled values (1)', 'one_row_per_id', 'index'),
  true, 'breaks() passes on a unique index'
);
select check_test(
  tests.breaks('insert into public.ruled values (11)', 'id_is_positive', 'other'),
  false, 'breaks() fails on another constraint'
);
select check_test(
  tests.breaks('insert into public.ruled values (2)', 'id_is_positive', 'success'),
  false, 'breaks() fails on a statement that succeeds'
);

select * from finish();
rollback;
