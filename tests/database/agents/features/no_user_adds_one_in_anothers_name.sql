begin;
select plan(7);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));

select tests.act_as('eve');
select tests.denied(
  $$
    insert into public.agent_feature_mappings (agent_id, feature_id, user_id)
    values ('20000000-0000-4000-8000-000000000001', 'coding', tests.id('bob'))
  $$,
  'no one adds a feature in another''s name'
);
select results_eq(
  $$
    insert into public.agent_feature_mappings (agent_id, feature_id)
    values ('20000000-0000-4000-8000-000000000001', 'coding') returning user_id, is_primary
  $$,
  $$ values (tests.id('eve'), false) $$,
  'where nothing is said it is the caller'
);

select tests.act_as('bob');
select tests.denied(
  $$
    insert into public.agent_feature_mappings (agent_id, feature_id)
    values ('20000000-0000-4000-8000-000000000001', 'writing')
  $$,
  'a stranger adds none'
);
select tests.changes('update public.agent_feature_mappings set is_primary = true', 0, 'and changes none');
select tests.changes('delete from public.agent_feature_mappings', 0, 'and removes none');

select tests.act_as('eve');
select tests.changes('update public.agent_feature_mappings set is_primary = true', 1, 'the owner changes');
select tests.changes('delete from public.agent_feature_mappings', 1, 'and removes them');

select * from finish();
rollback;
