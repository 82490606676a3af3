begin;
select plan(4);

insert into public.ai_interactions (id, organization_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'One');
insert into public.agent_executions (interaction_id, status) values ('30000000-0000-4000-8000-000000000001', 'failed');

select tests.act_as('dave');
select results_eq('select status from public.agent_executions', $$ values ('failed') $$, 'a member sees the attempts');
select tests.denied(
  $$
    insert into public.agent_executions (interaction_id, attempt, status)
    values ('30000000-0000-4000-8000-000000000001', 2, 'succeeded')
  $$,
  'and adds none'
);
select tests.denied($$ update public.agent_executions set status = 'succeeded' $$, 'and changes none');
select tests.act_as('eve');
select is_empty('select id from public.agent_executions', 'an outsider sees none');

select * from finish();
rollback;
