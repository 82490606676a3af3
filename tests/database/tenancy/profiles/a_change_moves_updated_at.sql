begin;
select plan(2);

select is(
  (select updated_at < now() from public.profiles where id = tests.id('eve')), true,
  'the row was written before this transaction'
);

update public.profiles set full_name = 'Eva', updated_at = '2000-01-01' where id = tests.id('eve');

select results_eq(
  $$ select updated_at, created_at < now() from public.profiles where id = tests.id('eve') $$,
  $$ values (now(), true) $$,
  'a change sets updated_at to its own time, whatever the statement says, and leaves created_at'
);

select * from finish();
rollback;
