begin;
select plan(3);

select is_empty(
  $$
    select jobs.name, tried.* from private.jobs, private.try_job(jobs.name) tried
    where tried.outcome <> 'succeeded'
  $$,
  'each job that is declared does what it says, and nothing where it is given no item'
);
select lives_ok(
  $$ select due.* from private.jobs cross join lateral private.due_items(jobs.name, null, '{}') due where jobs.items is not null $$,
  'each that works item by item can say what is due'
);
select is_empty(
  $$ select name from private.jobs where timeout > period $$,
  'none may take longer than the time to its next run'
);

select * from finish();
rollback;
