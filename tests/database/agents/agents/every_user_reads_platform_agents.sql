begin;
select plan(3);

select tests.act_as('eve');
select results_eq(
  'select name from public.agents order by name', $$ values ('ccrouter'), ('droid') $$,
  'a person who has none sees the platform''s'
);
select tests.changes($$ update public.agents set name = 'mine' where name = 'droid' $$, 0, 'and changes none');
select tests.changes($$ delete from public.agents where name = 'droid' $$, 0, 'and deletes none');

select * from finish();
rollback;
