begin;
select plan(8);

create function pg_temp.share(amount integer)
returns void
language sql
as $$
  insert into public.agents (name, is_public, is_published)
  select 'Of many', number % 2 = 0, number % 2 = 1 from generate_series(1, amount) as number
$$;
grant execute on all functions in schema pg_temp to public;

select tests.act_as('eve');
select tests.refused(
  'select pg_temp.share(4000)', 409, 'too_many_public_agents', 'thousands at once are refused as a whole'
);
select lives_ok('select pg_temp.share(100)', 'a hundred are shared');
select tests.refused('select pg_temp.share(1)', 409, 'too_many_public_agents', 'and no other');
select lives_ok($$ insert into agents (name) values ('Private') $$, 'private ones are not counted');
select tests.refused(
  $$ update agents set is_public = true where name = 'Private' $$, 409, 'too_many_public_agents',
  'until one is to be shared'
);
select tests.refused(
  $$ select public.publish_agent(id) from agents where name = 'Private' $$, 409, 'too_many_public_agents',
  'or published as a version'
);
select tests.refused(
  $$ insert into ai_agents (name, is_public) values ('Of seed 002', true) $$, 409, 'too_many_public_agents',
  'under whichever name of the table'
);
select tests.act_as('alice');
select lives_ok('select pg_temp.share(1)', 'those of others do not count');

select * from finish();
rollback;
