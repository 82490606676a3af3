begin;
select plan(14);

-- Every private field of the shared agents says "secret"; nothing that a stranger reads may.
insert into public.agents (
  name, description, system_prompt, config, deployment_config, security, notes, voice_settings, speech_processing,
  knowledge_base_ids, max_tokens, is_public, is_published, created_by, organization_id
)
select
  shared.name, 'Shared', 'secret prompt', '{"plan": "secret"}', '{"host": "secret"}', '{"allowed_domains": ["secret.example"]}',
  'secret notes', '{"key": "secret"}', '{"key": "secret"}', '{secret}', 4242, shared.is_public, shared.is_published,
  tests.id('alice'), shared.organization_id
from (values
  ('Alice shares', true, false, null::uuid),
  ('Alice publishes', false, true, null),
  ('Acme shares', true, false, tests.id('acme')),
  ('Acme publishes', false, true, tests.id('acme'))
) as shared (name, is_public, is_published, organization_id);
insert into public.models (agent_id, name, model_id, config)
select id, 'shared-model', 'secret-model', '{"key": "secret"}' from public.agents where description = 'Shared';
insert into public.deployments (agent_id, error_message) select id, 'secret' from public.agents where description = 'Shared';
insert into public.workflows (agent_id, name) select id, 'secret' from public.agents where description = 'Shared';
insert into public.agent_thoughts (agent_id, node_id, node_type, content)
select id, 'secret', 'input', 'secret' from public.agents where description = 'Shared';
insert into public.ai_agent_configs (agent_id, config_key, config_value, user_id)
select id, 'secret', '"secret"', created_by from public.agents where description = 'Shared';
select set_config('test.shared', (select string_agg(id::text, ',') from public.agents where description = 'Shared'), true);

-- Where a caller reads "secret", in whichever table or view and column.
create function pg_temp.leaks()
returns setof text
language plpgsql
as $$
declare
  place record;
  is_found boolean;
begin
  for place in
    select relations.oid::regclass as relation, columns.attname as name
    from pg_class relations
    join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
    where relations.relnamespace = 'public'::regnamespace
      and relations.relkind in ('r', 'p', 'v', 'm')
      and has_column_privilege(relations.oid, columns.attnum, 'select')
  loop
    execute format('select exists (select from %s where %I::text like ''%%secret%%'')', place.relation, place.name) into is_found;
    if is_found then
      return next format('%s.%s', place.relation, place.name);
    end if;
  end loop;
end
$$;
grant execute on function pg_temp.leaks() to anon, authenticated;

select isnt_empty('select pg_temp.leaks()', 'the search finds a leak where there is one');

select tests.act_as('eve');
select set_eq(
  $$ select name from public_agents where description = 'Shared' $$,
  array['Alice shares', 'Alice publishes', 'Acme shares', 'Acme publishes'],
  'a stranger sees that the agents exist'
);
select is_empty('select pg_temp.leaks()', 'a stranger reads a private field nowhere');
select is_empty($$ select from models where name = 'shared-model' $$, 'nor the row of a model that they offer');
select is(
  (select count(*) from public_models where name = 'shared-model'), 4::bigint,
  'although it is known that they offer the model'
);
select is_empty(
  $$
    select from unnest(string_to_array(current_setting('test.shared'), ',')::uuid[]) as shared (id)
    where get_agent_with_features(shared.id) is not null
  $$,
  'get_agent_with_features() says nothing of them'
);
select tests.refused(
  $$ select * from get_agent_usage_summary(split_part(current_setting('test.shared'), ',', 1)::uuid) $$,
  404, 'agent_not_found', 'get_agent_usage_summary() neither'
);
select is_empty(
  $$ update agents set notes = notes where description = 'Shared' returning system_prompt $$,
  'an update returns no row of theirs'
);
select is_empty(
  $$ update ai_agents set notes = 'Mine' where description = 'Shared' returning system_prompt $$,
  'nor through the view that shows their names'
);
select is_empty(
  $$ delete from bots where description = 'Shared' returning system_prompt $$,
  'a delete returns none either'
);
select tests.denied(
  $$
    insert into agents (id, name) values (split_part(current_setting('test.shared'), ',', 1)::uuid, 'Mine')
    on conflict (id) do update set name = excluded.name returning system_prompt
  $$,
  'an insert that turns into an update is denied'
);

select tests.act_as_anon();
select set_eq(
  $$ select name from public_agents where description = 'Shared' $$,
  array['Alice publishes', 'Acme publishes'],
  'a visitor sees that the published ones exist'
);
select is_empty('select pg_temp.leaks()', 'a visitor reads a private field nowhere');

select tests.act_as('dave');
select isnt_empty('select pg_temp.leaks()', 'a viewer of the organization does, so a stranger could have');

select * from finish();
rollback;
