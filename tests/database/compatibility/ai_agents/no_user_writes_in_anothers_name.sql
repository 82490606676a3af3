begin;
select plan(3);

select tests.act_as('eve');
select tests.denied(
  $$ insert into public.ai_agents (name, user_id) values ('x', tests.id('bob')) $$, 'a person'
);
select results_eq(
  $$ insert into public.ai_agents (name, user_id) values ('x', null) returning user_id $$, array[tests.id('eve')],
  'who names no one owns it; it is not the platform''s'
);
select tests.denied($$ insert into public.ai_agents (name, activity_score) values ('x', 1) $$, 'or with a score');

select * from finish();
rollback;
