begin;
select plan(5);

create function pg_temp.make(amount integer, first integer)
returns void
language sql
as $$
  insert into public.organizations (name, slug)
  select 'Of many', 'of-many-' || number from generate_series(first, first + amount - 1) as number
$$;
grant execute on all functions in schema pg_temp to public;

select tests.act_as('eve');
select tests.refused(
  'select pg_temp.make(4000, 1)', 409, 'too_many_organizations', 'thousands at once are refused as a whole'
);
select lives_ok('select pg_temp.make(50, 1)', 'fifty are made');
select tests.refused('select pg_temp.make(1, 51)', 409, 'too_many_organizations', 'and no other');
select lives_ok($$ select delete_organization(id) from organizations where slug = 'of-many-1' $$, 'deleting one');
select tests.refused(
  'select pg_temp.make(1, 51)', 409, 'too_many_organizations', 'makes no room until it is gone'
);

select * from finish();
rollback;
