begin;
select plan(5);

insert into public.agents (id, name, created_by, is_public, is_published, system_prompt, config, notes) values
  ('20000000-0000-4000-8000-000000000001', 'shared', tests.id('alice'), true, false, 'Secret.', '{"a": 1}', 'x'),
  ('20000000-0000-4000-8000-000000000002', 'open', tests.id('alice'), false, true, 'Secret.', '{"a": 1}', 'x'),
  ('20000000-0000-4000-8000-000000000003', 'closed', tests.id('alice'), false, false, 'Secret.', '{"a": 1}', 'x'),
  ('20000000-0000-4000-8000-000000000004', 'off', tests.id('alice'), true, true, 'Secret.', '{"a": 1}', 'x');
update public.agents set enabled = false where name = 'off';

select tests.act_as('eve');
select results_eq(
  'select name from public.public_agents order by name', $$ values ('open'), ('shared') $$,
  'a signed-in person sees public and published ones that are on'
);
select is_empty(
  $$ select id from public.agents where created_by = tests.id('alice') $$, 'and not the rows themselves'
);
select is_empty(
  $$
    select column_name from information_schema.columns
    where table_schema = 'public' and table_name = 'public_agents'
      and column_name in ('system_prompt', 'config', 'notes', 'security', 'created_by', 'organization_id')
  $$,
  'prompt, configuration, notes, limits and owner are no public fields'
);

select tests.act_as_anon();
select results_eq(
  'select name, status, type from public.public_agents', $$ values ('open', 'inactive', 'assistant') $$,
  'a visitor sees the published one'
);
select tests.denied('select id from public.agents', 'and may not ask for the rows');

select * from finish();
rollback;
