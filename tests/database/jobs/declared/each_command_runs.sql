begin;
select plan(2);

select is_empty(
  $$
    select jobs.name, tried.* from private.jobs, private.try_job(jobs.name) tried
    where tried.outcome <> 'succeeded'
  $$,
  'each job that is declared does what it says'
);
select is_empty(
  $$ select name from private.jobs where timeout > period $$,
  'none may take longer than the time to its next run'
);

select * from finish();
rollback;
