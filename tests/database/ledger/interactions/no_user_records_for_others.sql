begin;
select plan(6);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'Alice''s', tests.id('alice'));
insert into public.ai_interactions (organization_id, user_id, title)
values (tests.id('acme'), tests.id('alice'), 'Alice''s');

select tests.act_as('bob');
select tests.denied(
  $$
    insert into public.ai_interactions (agent_id, title, user_id)
    select id, 'x', tests.id('alice') from public.agents
  $$,
  'no one records in another''s name'
);
select tests.denied(
  $$ insert into public.ai_interactions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'x') $$,
  'nor with an agent out of sight'
);
select tests.changes(
  $$ update public.ai_interactions set satisfaction_rating = 1 where true $$, 0, 'nor rates what others had'
);
select results_eq(
  'select title from public.ai_interactions', $$ values ('Alice''s') $$,
  'but members read the ledger of their organization'
);
select tests.act_as('eve');
select is_empty('select id from public.ai_interactions', 'and others do not');
select tests.act_as_anon();
select tests.denied('select id from public.ai_interactions', 'nor a visitor');

select * from finish();
rollback;
