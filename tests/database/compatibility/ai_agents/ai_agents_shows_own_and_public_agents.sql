begin;
select plan(3);

insert into public.agents (name, created_by, organization_id, is_public, is_published, enabled, system_prompt, config, notes)
values
  ('eve''s', tests.id('eve'), null, false, false, false, 'Mine.', '{"a": 1}', 'n'),
  ('bob''s public', tests.id('bob'), null, true, false, true, 'Secret.', '{"a": 1}', 'n'),
  ('bob''s published', tests.id('bob'), null, false, true, true, 'Secret.', '{"a": 1}', 'n'),
  ('bob''s public, off', tests.id('bob'), null, true, false, false, 'Secret.', '{"a": 1}', 'n'),
  ('bob''s', tests.id('bob'), null, false, false, true, 'Secret.', '{"a": 1}', 'n'),
  ('acme''s', null, tests.id('acme'), false, false, true, 'Secret.', '{"a": 1}', 'n');

select tests.act_as('eve');
select results_eq(
  $$ select name, system_prompt, configuration, notes, user_id, is_active, is_public from public.ai_agents order by name $$,
  $$
    values
      ('bob''s public', null, null::jsonb, null, null::uuid, true, true),
      ('ccrouter', null, '{}', null, null, true, false), ('droid', null, '{}', null, null, true, false),
      ('eve''s', 'Mine.', '{"a": 1}', 'n', tests.id('eve'), false, false)
  $$,
  'the public ones of others without prompt, configuration, notes and owner'
);
select tests.act_as('bob');
select is(
  (select count(*) from public.ai_agents where name = 'bob''s public'), 1::bigint, 'the owner sees it once'
);
select tests.act_as_anon();
select tests.denied('select id from public.ai_agents', 'a visitor sees none');

select * from finish();
rollback;
