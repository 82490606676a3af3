-- A client of seed 002 knows agents as ai_agents.
begin;
select plan(13);

select tests.act_as('alice');
select results_eq(
  $$
    insert into ai_agents (name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags, is_favorite)
    values ('Mine', 'An agent', 'openai', 'openai_gpt4o', 'gpt-4o', 'Be brief.', '{"a": 1}', '{"vision": true}', 'Note', '{one,two}', true)
    returning name, configuration, capabilities, tags, is_active, is_favorite, is_public, user_id, usage_count, activity_score
  $$,
  $$ values (
    'Mine', '{"a": 1}'::jsonb, '{"vision": true}'::jsonb, '{one,two}'::text[], true, true, false, tests.id('alice'), 0::bigint, 0::real
  ) $$,
  'an insert returns the row as it became'
);
select results_eq(
  $$ insert into ai_agents (name) values ('Plain') returning configuration, capabilities, tags, is_active, is_favorite, is_public $$,
  $$ values ('{}'::jsonb, '{}'::jsonb, '{}'::text[], true, false, false) $$,
  'what it does not name starts as in the table'
);
select isnt((select id from ai_agents where name = 'Mine'), null, 'a select finds it');
select results_eq(
  $$ select name, config, enabled, created_by from agents where name = 'Mine' $$,
  $$ values ('Mine', '{"a": 1}'::jsonb, true, tests.id('alice')) $$,
  'it is a row of agents'
);
select results_eq(
  $$
    update ai_agents set name = 'Renamed', configuration = '{"b": 2}', is_active = false, is_public = true where name = 'Mine'
    returning name, configuration, is_active, is_public, system_prompt
  $$,
  $$ values ('Renamed', '{"b": 2}'::jsonb, false, true, 'Be brief.') $$,
  'an update changes what it names, and no more'
);
select results_eq(
  $$ select config, enabled, is_public, notes from agents where name = 'Renamed' $$,
  $$ values ('{"b": 2}'::jsonb, false, true, 'Note') $$,
  'in the table as well'
);
select is((select updated_at from ai_agents where name = 'Renamed'), now(), 'updated_at is kept');
select tests.denied($$ update ai_agents set activity_score = 1 $$, 'what the database keeps is not written');
select tests.denied(
  $$ insert into ai_agents (name, user_id) values ('Eve''s', tests.id('eve')) $$, 'nor is an agent made in someone''s name'
);
select tests.breaks(
  $$ insert into ai_agents (name, vendor_id) values ('x', 'no_such_vendor') $$, 'agents_vendor_id_fkey', 'rules speak through the view'
);
-- PostgREST writes through the names of the view, and so does anyone who copies a row.
select results_eq(
  $$ insert into ai_agents (name, configuration) select name || ' copy', configuration from ai_agents where name = 'Renamed' returning name $$,
  array['Renamed copy'], 'a row is copied'
);
select tests.changes($$ delete from ai_agents where user_id = auth.uid() $$, 3, 'a delete deletes');
select is_empty($$ select from agents where created_by = auth.uid() $$, 'from the table as well');

select * from finish();
rollback;
