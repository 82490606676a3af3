begin;
select plan(10);

insert into public.agents (id, name, created_by, vendor_id, notes) values
  ('20000000-0000-4000-8000-000000000001', 'Mine', tests.id('eve'), 'openai', 'kept'),
  ('20000000-0000-4000-8000-000000000002', 'Bob''s public', tests.id('bob'), 'openai', 'his');
update public.agents set is_public = true where name = 'Bob''s public';

select tests.act_as('eve');
select results_eq(
  $$
    update public.ai_agents
    set name = 'Renamed', description = 'd', vendor_id = 'anthropic', service_id = 'anthropic_claude3_opus',
      model_name = 'm', system_prompt = 'p', configuration = '{"a": 1}', capabilities = '{"b": 2}', tags = '{x}',
      is_active = false, is_favorite = true, is_public = true
    where name = 'Mine' returning name, updated_at, user_id
  $$,
  $$ values ('Renamed', now(), tests.id('eve')) $$,
  'through its names'
);
select results_eq(
  $$
    select name, description, vendor_id, service_id, model_name, system_prompt, config, capabilities, notes, tags, enabled,
      is_favorite, is_public, version
    from public.agents where id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$
    values (
      'Renamed', 'd', 'anthropic', 'anthropic_claude3_opus', 'm', 'p', '{"a": 1}'::jsonb, '{"b": 2}'::jsonb, 'kept',
      '{x}'::text[], false, true, true, 2
    )
  $$,
  'each column reaches its own in agents, and what is not said stays'
);
select tests.changes(
  $$
    update public.ai_agents set notes = null, description = null, service_id = null, vendor_id = null, model_name = null,
      system_prompt = null
    where name = 'Renamed'
  $$, 1, 'nothing is a value'
);
select results_eq(
  $$
    select notes, description, vendor_id, model_name, system_prompt from public.agents
    where id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$ values (null::text, null::text, null::text, null::text, null::text) $$, 'which is stored'
);

select tests.changes(
  $$ update public.ai_agents set name = 'Taken' where name = 'Bob''s public' $$, 0, 'another person''s is not changed'
);
select tests.denied(format('update public.ai_agents set %s', change), change || ' is denied')
from unnest(array[
  'activity_score = 1', 'usage_count = 1', 'last_used_at = now()', 'user_id = null', 'id = gen_random_uuid()'
]) as change;

select * from finish();
rollback;
