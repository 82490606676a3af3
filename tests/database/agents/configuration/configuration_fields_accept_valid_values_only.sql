begin;
select plan(59);

insert into public.agents (id, name, created_by) values ('20000000-0000-4000-8000-000000000001', 'configured', tests.id('eve'));

-- Values at the edges of each field, and just outside them.
create temporary table samples as
with bounds as (
  select
    fields.*,
    case fields.type when 'integer' then 1 when 'number' then 0.01 end as step,
    jsonb_build_array(coalesce(fields.choices[1], 'a')) as one
  from private.agent_fields fields where fields.path <> '{}'
)
select group_name, name, stored_in, path, sample.is_valid, sample.value
from bounds, lateral (
  values
    (true, 'null'::jsonb), (false, '{"a": {"b": 1}}'::jsonb), (false, '[[1]]'::jsonb), (false, '[""]'::jsonb)
  union all
  select expected.is_valid, expected.value
  from (
    values
      ('number', true, to_jsonb(minimum)), ('number', true, to_jsonb(maximum)), ('number', false, to_jsonb(minimum - step)),
      ('number', false, to_jsonb(maximum + step)), ('number', false, '"1"'),
      ('integer', true, to_jsonb(minimum)), ('integer', true, to_jsonb(maximum)), ('integer', false, to_jsonb(minimum - step)),
      ('integer', false, to_jsonb(maximum + step)), ('integer', false, to_jsonb(minimum + 0.5)), ('integer', false, 'true'),
      ('boolean', true, 'true'), ('boolean', true, 'false'), ('boolean', false, '"true"'), ('boolean', false, '1'),
      ('text', true, '""'), ('text', true, to_jsonb(repeat('a', least(maximum, 5000)::integer))), ('text', false, to_jsonb(repeat('a', least(maximum, 5000)::integer + 1))), ('text', false, '1'),
      ('choice', true, to_jsonb(choices[1])), ('choice', true, to_jsonb(choices[cardinality(choices)])), ('choice', false, '"another"'), ('choice', false, '""'),
      ('list', true, '[]'), ('list', true, one), ('list', false, '"a"'), ('list', false, '[1]'), ('list', false, '{}'),
      ('object', true, '{}'), ('object', false, '[]'), ('object', false, '"{}"'),
      ('objects', true, '[]'), ('objects', true, '[{"name": "a"}]'), ('objects', false, '["a"]'), ('objects', false, '{}'),
      ('language', true, '"en"'), ('language', true, '"de-CH"'), ('language', true, '"zh-Hant-TW"'), ('language', false, '"English"'), ('language', false, '""'),
      ('timezone', true, '"Europe/Berlin"'), ('timezone', false, '"Berlin"'), ('timezone', false, '"UTC+1"'),
      ('url', true, '"https://example.com/a?b=c"'), ('url', false, '"http://example.com"'), ('url', false, '"https://user@example.com"'), ('url', false, '"javascript:alert(1)"'),
      ('color', true, '"#2563eb"'), ('color', false, '"red"'), ('color', false, '"#2563EBx"'),
      ('secret', true, '"webhook_key"'), ('secret', false, '"sk-ant secret"'), ('secret', false, '""')
  ) as expected (type, is_valid, value)
  where expected.type = bounds.type
    -- Objects take every object; texts of more than 5,000 characters are not tried.
    and not (expected.type = 'text' and expected.is_valid is false and expected.value <> '1' and maximum > 5000)
) as sample (is_valid, value)
where not (sample.value = '{"a": {"b": 1}}' and bounds.type = 'object');

create function pg_temp.document(path text[], value jsonb)
returns jsonb
language sql
as $$ select case cardinality(path) when 1 then jsonb_build_object(path[1], value) else jsonb_build_object(path[1], jsonb_build_object(path[2], value)) end $$;
create function pg_temp.problems(sample samples)
returns text
language sql
as $$
  select string_agg(problem, '; ')
  from private.agent_field_problems(jsonb_build_object(sample.stored_in, pg_temp.document(sample.path, sample.value))) problem
$$;

select cmp_ok((select count(*) from private.agent_fields), '>=', 100::bigint, 'more than a hundred fields have a name');
select set_eq(
  'select distinct group_name from private.agent_fields',
  array['model', 'prompt', 'voice', 'speech_processing', 'security', 'knowledge', 'tools', 'behaviour', 'analytics', 'deployment'], 'in ten groups'
);
select cmp_ok((select count(*) from samples where not is_valid), '>', 400::bigint, 'hundreds of invalid values are tried');
select is_empty('select group_name, name, value, pg_temp.problems(samples) from samples where is_valid and pg_temp.problems(samples) is not null', 'each valid value is taken');
select is_empty(
  $$
    select group_name, name, value from samples
    where not is_valid and (pg_temp.problems(samples) not like format('%s.%s must be %%', group_name, name)) is not false
  $$,
  'each invalid one is refused by the name of its field'
);
select is_empty(
  'select group_name, name from private.agent_fields where default_value is not null and not private.fits_agent_field(agent_fields, default_value)',
  'each default is a value of its field'
);
select is_empty(
  $$
    select fields.stored_in from private.agent_fields fields
    where not exists (
      select from information_schema.columns where table_schema = 'public' and table_name = 'agents' and column_name = fields.stored_in
    )
  $$,
  'each is stored in a column of agents'
);

-- All valid values at once make the round trip, by table and by the words of seed 004.
create temporary table documents as
select
  stored_in,
  jsonb_object_agg(key, value) as document
from (
  select stored_in, path[1] as key, case when cardinality(path) = 1 then (array_agg(value))[1] else jsonb_object_agg(path[2], value) filter (where cardinality(path) = 2) end as value
  from (
    select distinct on (samples.group_name, samples.name) samples.* from samples
    where is_valid and value <> 'null' order by samples.group_name, samples.name, value desc
  ) chosen
  group by stored_in, path[1], cardinality(path)
) keyed
group by stored_in;
create temporary table known_fields as select * from private.agent_fields;
grant select on documents, known_fields to authenticated;
select tests.act_as('eve');
select lives_ok(
  format(
    'update public.agents set config_json = %L, voice_settings = %L, speech_processing = %L, security = %L, deployment_config = %L',
    (select document from documents where stored_in = 'config'), (select document from documents where stored_in = 'voice_settings'),
    (select document from documents where stored_in = 'speech_processing'), (select document from documents where stored_in = 'security'),
    (select document from documents where stored_in = 'deployment_config')
  ),
  'its owner sets every field'
);
select is_empty(
  $$
    select fields.group_name, fields.name, stated.value, delivered.value
    from known_fields fields
    cross join public.agents
    cross join lateral (select to_jsonb(agents) -> fields.stored_in #> fields.path as value) stated
    cross join lateral (
      select public.agent_runtime_config(agents.id) #> array['configuration', fields.group_name, fields.name] as value
    ) delivered
    where agents.name = 'configured' and delivered.value is distinct from coalesce(nullif(stated.value, 'null'), fields.default_value, 'null')
  $$,
  'a runtime is delivered each of them'
);
select tests.refused(
  format('update public.agents set %s', change), 400, 'agent_config_invalid', change
)
from (values
  ($$ config = '{"model": {"top_p": 2}}' $$),
  ($$ config_json = '{"model": {"top_p": 2}}' $$),
  ($$ config = '{"model": {"topp": 0.5}}' $$),
  ($$ config = '{"behaviour": []}' $$),
  ($$ security = '{"allowed_domains": "example.com"}' $$),
  ($$ voice_settings = '{"speed": 9}' $$)
) as changes (change);
select tests.refused(
  $$ insert into public.agents (name, config) values ('new', '{"tools": {"max_steps": 0}}') $$, 400, 'agent_config_invalid', 'a new agent is held to them as well'
);
select lives_ok(
  $$ insert into public.agents (name, config, voice_settings) values ('new', '{"graph": "x", "model": {"extra": {"y": 1}}}', '{"latency": 3}') $$,
  'what vendors and applications add of their own is kept'
);

-- Fields that are columns of their own.
create temporary table columns_tried (name text, is_valid boolean, value text);
insert into columns_tried values
  ('model_name', true, 'gpt-4o'), ('model_name', true, null), ('model_name', false, repeat('x', 256)), ('model_name', false, E'a\nb'),
  ('vendor_id', true, 'openai'), ('vendor_id', true, null), ('vendor_id', false, 'no_vendor'),
  ('service_id', false, 'no_service'), ('service_id', true, null),
  ('temperature', true, '0'), ('temperature', true, '2'), ('temperature', true, null), ('temperature', false, '-0.1'),
  ('temperature', false, '2.1'), ('temperature', false, 'warm'),
  ('max_tokens', true, '1'), ('max_tokens', true, '2147483647'), ('max_tokens', true, null), ('max_tokens', false, '0'),
  ('max_tokens', false, '2147483648'), ('max_tokens', false, '1.5'),
  ('system_prompt', true, repeat('x', 262144)), ('system_prompt', true, ''), ('system_prompt', false, repeat('x', 262145)),
  ('voice_provider', true, 'elevenlabs'), ('voice_provider', true, null), ('voice_provider', false, repeat('x', 256)),
  ('voice_id', true, 'rachel'), ('voice_id', true, null), ('voice_id', false, E'a\nb'),
  ('knowledge_base_ids', true, '{}'), ('knowledge_base_ids', true, '{kb-1}'), ('knowledge_base_ids', false, '{null}'),
  ('knowledge_base_ids', false, '{' || repeat('x', 256) || '}'), ('knowledge_base_ids', false, 'kb'),
  ('is_published', true, 'false'), ('is_published', false, 'perhaps'), ('enabled', true, 'true'), ('enabled', false, 'perhaps');
create function pg_temp.takes(column_name text, value text)
returns boolean
language plpgsql
as $$
begin
  execute format('update public.agents set %I = %L where name = ''configured''', column_name, value);
  return true;
exception when check_violation or foreign_key_violation or invalid_text_representation or numeric_value_out_of_range then
  return false;
end
$$;
select is(pg_temp.takes(name, value), is_valid, format('%s %s %s', name, case when is_valid then 'takes' else 'refuses' end, left(coalesce(value, 'null'), 20)))
from columns_tried;
select is_empty(
  $$
    select name from known_fields where path = '{}' and not exists (select from columns_tried where columns_tried.name = known_fields.stored_in)
  $$,
  'no column was left out'
);
update public.agents set model_name = 'gpt-4o', temperature = 0.4, max_tokens = 9, system_prompt = 'p', voice_id = 'v', knowledge_base_ids = '{kb}'
where name = 'configured';
select is(
  (
    select delivered -> 'model' ->> 'name' || (delivered -> 'model' ->> 'temperature') || (delivered -> 'model' ->> 'max_tokens')
      || (delivered -> 'prompt' ->> 'system_prompt') || (delivered -> 'voice' ->> 'voice_id') || (delivered -> 'knowledge' ->> 'knowledge_base_ids')
    from public.agents, lateral (select public.agent_runtime_config(agents.id) -> 'configuration' as delivered) config
    where agents.name = 'configured'
  ),
  'gpt-4o0.409pv["kb"]', 'a runtime is delivered these, too'
);

select tests.reset();
select is(
  (select count(*) from jsonb_each(public.agent_configuration_schema() -> 'properties') as groups (name, value), jsonb_each(groups.value -> 'properties')),
  (select count(*) from private.agent_fields), 'the JSON Schema has each of them'
);

select * from finish();
rollback;
