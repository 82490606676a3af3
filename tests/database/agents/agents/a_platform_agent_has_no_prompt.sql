begin;
select plan(3);

select tests.breaks(
  $$ update public.agents set system_prompt = 'Secret.' where name = 'droid' and is_platform $$,
  'platform_agent_has_no_prompt', 'everyone reads its row, so a prompt is refused'
);
select tests.breaks(
  $$ insert into public.agents (name, is_platform, system_prompt) values ('third', true, 'Secret.') $$,
  'platform_agent_has_no_prompt', 'from the start'
);

insert into public.agents (name, created_by, organization_id, system_prompt) values
  ('a', tests.id('eve'), null, 'Mine.'), ('b', null, tests.id('acme'), 'Ours.');
select results_eq(
  $$ select name, system_prompt from public.agents where system_prompt is not null order by name $$,
  $$ values ('a', 'Mine.'), ('b', 'Ours.') $$,
  'the agents of people and organizations have one'
);

select * from finish();
rollback;
