begin;
select plan(6);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.ai_agent_configs (agent_id, config_key, config_value, is_encrypted, user_id) values (
  '20000000-0000-4000-8000-000000000001', 'secret', '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"', true,
  tests.id('eve')
);

select tests.act_as('eve');
select tests.denied(
  $$
    insert into public.ai_agent_configs (agent_id, config_key, config_value, is_encrypted)
    values (
      '20000000-0000-4000-8000-000000000001', 'mine', '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"', true
    )
  $$,
  'a client adds no ciphertext'
);
select is_empty(
  'select config_value from public.ai_agent_configs where is_encrypted', 'and reads none, not even the own'
);
select tests.changes(
  $$ update public.ai_agent_configs set config_value = '"mine"' where config_key = 'secret' $$, 0,
  'and replaces none'
);
select results_eq(
  $$
    insert into public.ai_agent_configs (agent_id, config_key, config_value)
    values ('20000000-0000-4000-8000-000000000001', 'theme', '"dark"')
    returning user_id, config_type, is_encrypted
  $$,
  $$ values (tests.id('eve'), 'general', false) $$,
  'but sets plain values'
);

select tests.act_as('bob');
select is_empty('select id from public.ai_agent_configs', 'which others do not see');
select tests.denied(
  $$
    insert into public.ai_agent_configs (agent_id, config_key, config_value)
    values ('20000000-0000-4000-8000-000000000001', 'theme', '"dark"')
  $$,
  'nor set for agents that they do not see'
);

select * from finish();
rollback;
