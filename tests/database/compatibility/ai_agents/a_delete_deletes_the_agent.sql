begin;
select plan(4);

insert into public.agents (name, created_by, is_public) values
  ('Mine', tests.id('eve'), false), ('Bob''s', tests.id('bob'), true), ('Bob''s secret', tests.id('bob'), false);

select tests.act_as('eve');
select tests.changes($$ delete from public.ai_agents where name = 'Bob''s' $$, 0, 'another person''s stays');
select tests.changes($$ delete from public.ai_agents where name = 'Mine' $$, 1, 'the own goes');
select tests.changes('delete from public.ai_agents', 0, 'and nothing else');

select tests.reset();
select results_eq(
  $$ select name from public.agents order by name $$,
  $$ values ('Bob''s'), ('Bob''s secret'), ('ccrouter'), ('droid') $$, 'all others are there'
);

select * from finish();
rollback;
