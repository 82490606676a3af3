begin;
select plan(3);

select tests.act_as('eve');
select results_eq(
  $$
    insert into public.ai_agents (
      name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags,
      is_active, is_favorite, is_public, user_id
    ) values (
      'Full', 'd', 'openai', 'openai_gpt4o', 'm', 'p', '{"a": 1}', '{"b": 2}', 'n', '{x,y}', false, true, true,
      tests.id('eve')
    ) returning name, activity_score, usage_count, last_used_at, created_at, id is not null
  $$,
  $$ values ('Full', 0::real, 0::bigint, null::timestamptz, now(), true) $$,
  'the statement is told what the database filled in'
);
select results_eq(
  $$
    select name, description, vendor_id, service_id, model_name, system_prompt, config, capabilities, notes, tags,
      enabled, is_favorite, is_public, created_by, organization_id
    from public.agents where created_by = tests.id('eve')
  $$,
  $$
    values (
      'Full', 'd', 'openai', 'openai_gpt4o', 'm', 'p', '{"a": 1}'::jsonb, '{"b": 2}'::jsonb, 'n', '{x,y}'::text[], false,
      true, true, tests.id('eve'), null::uuid
    )
  $$,
  'each column reaches its own in agents'
);
insert into public.ai_agents (name) values ('Brief');
select results_eq(
  $$
    select configuration, capabilities, tags, is_active, is_favorite, is_public, user_id,
      id in (select agents.id from public.agents)
    from public.ai_agents where name = 'Brief'
  $$,
  $$ values ('{}'::jsonb, '{}'::jsonb, '{}'::text[], true, false, false, tests.id('eve'), true) $$,
  'what is not said is the usual'
);

select * from finish();
rollback;
