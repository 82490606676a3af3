begin;
select plan(3);

select is_empty(
  $$
    select jobs.name, tried.* from private.jobs, private.try_job(jobs.name) tried
    where jobs.items is null and tried.outcome <> 'succeeded'
  $$,
  'each job that is one step does what it says'
);
select lives_ok(
  $$ select tests.work_off(jobs.name) from private.jobs where jobs.items is not null $$, 'each that works item by item deals with all that is due'
);
select is_empty(
  $$ select name from private.jobs where timeout > period $$,
  'none may take longer than the time to its next run'
);

select * from finish();
rollback;
