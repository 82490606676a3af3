begin;
select plan(3);

select tests.act_as('eve');
select tests.denied(
  $$ insert into public.ai_agents (name, user_id) values ('x', tests.id('bob')) $$, 'a person'
);
select tests.denied($$ insert into public.ai_agents (name, user_id) values ('x', null) $$, 'or the platform');
select tests.denied($$ insert into public.ai_agents (name, activity_score) values ('x', 1) $$, 'or with a score');

select * from finish();
rollback;
